"""Say for every setting what it is and where that comes from; a secret is not told."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import SecretStr

from connector.settings.kinds import duration_text
from connector.settings.models import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.settings.models import Settings

HIDDEN = "***"
RULES = "rules"
DEFAULT, FILE, ENVIRONMENT, FOUND, CMDLET = "default", "file", "environment", "found", "cmdlet"
_PASSWORD = re.compile(r"(?<=//)([^/@:\s]*):[^/@\s]+(?=@)")


class Setting(NamedTuple):
    """One setting in force.

    ``value`` is what JSON and TOML can say, with durations as the file has them. ``source`` is ``default``,
    ``file``, ``environment``, ``found`` (the settings name none, and this one was there or follows) or
    ``cmdlet``. ``variable`` is that of the environment.
    """

    key: str
    value: Any
    source: str
    variable: str | None = None


def in_force(
    settings: Settings, named: Mapping[str, str | None], changed: Mapping[str, Any]
) -> list[Setting]:
    """Return all settings in the order of the file.

    ``named`` has the keys that somebody set, with the variable where the environment did. ``changed`` has
    what cmdlets set since.
    """
    found = []
    for section in SECTIONS:
        part = getattr(settings, section)
        fields = getattr(type(part), "model_fields", {})
        for name, field in fields.items():
            key = f"{section}.{field.alias or name}"
            value = getattr(part, name)
            default = not field.is_required() and value == field.get_default()
            if key in changed:
                found.append(Setting(key, _told(changed[key]), CMDLET))
            elif key in named:
                source = FILE if named[key] is None else ENVIRONMENT
                found.append(Setting(key, _told(value), source, named[key]))
            else:
                found.append(Setting(key, _told(value), DEFAULT if default else FOUND))
    if settings.rules:
        rules = [
            rule.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            for rule in settings.rules
        ]
        return [*found, Setting(RULES, rules, FILE)]
    return [*found, Setting(RULES, [], FILE if RULES in named else DEFAULT)]


def _told(value: Any) -> Any:
    if isinstance(value, tuple | list | frozenset):
        return [_told(item) for item in value]
    match value:
        case SecretStr():
            return HIDDEN
        case timedelta():
            return duration_text(value)
        case None | bool() | int() | float():
            return value
        case _:
            return _PASSWORD.sub(rf"\1:{HIDDEN}", str(value))
