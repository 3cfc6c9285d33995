"""Compare the settings of two processes on one storage, without telling secrets."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from connector.settings.models import SECTIONS
from connector.settings.secrets import DIRECTORY, MAIL, TENANT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.settings.models import Settings

# The storage is where the two met, under whatever name.
_NOT_COMPARED = frozenset({"storage.path"})
# A password that nobody named is found in one place by a service, in another by a command.
_FOUND = frozenset({DIRECTORY, MAIL, TENANT})


def by_key(settings: Settings, salt: str) -> dict[str, Any]:
    """Return the settings as JSON by dotted key; a secret is a hash of the salt and its value."""
    found: dict[str, Any] = {}
    for section in SECTIONS:
        part = getattr(settings, section)
        values = part.model_dump(mode="json")
        for name, field in type(part).model_fields.items():
            key = f"{section}.{field.alias or name}"
            value = getattr(part, name)
            if isinstance(value, SecretStr):
                salted = salt + value.get_secret_value()
                found[key] = hashlib.sha256(salted.encode()).hexdigest()
            elif key not in _NOT_COMPARED:
                found[key] = None if getattr(value, "name", None) in _FOUND else values[name]
    found["rules"] = [rule.model_dump(mode="json", by_alias=True) for rule in settings.rules]
    return found


def differing(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Return the keys whose values differ; a key that only one of two versions knows does not count."""
    return sorted(key for key in ours.keys() & theirs.keys() if ours[key] != theirs[key])
