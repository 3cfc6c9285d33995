"""Write properties as canonical JSON, so that equal states are equal texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(properties: Mapping[str, Any]) -> str:
    """Return the one JSON text of a state: keys sorted, no spaces, characters as themselves.

    Lone surrogates would pass through and could not be stored: the rules take them out before.
    """
    return _ENCODER.encode(properties if isinstance(properties, dict) else dict(properties))
