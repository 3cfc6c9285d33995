"""Write the security identifiers of Windows as text (MS-DTYP 2.4.2)."""

from __future__ import annotations

import re

_WRITTEN = re.compile(r"S-1(?:-[0-9]{1,20}){1,16}")
_REVISION = 1
_HEAD = 8
_PART = 4


def sid_in(value: str | bytes) -> str | None:
    """Return the text of a security identifier in octets or, as it stands, in a text; None for none."""
    if isinstance(value, str):
        return value if _WRITTEN.fullmatch(value) else None
    if len(value) <= _HEAD or value[0] != _REVISION or len(value) != _HEAD + _PART * value[1]:
        return None
    authority = int.from_bytes(value[2:_HEAD], "big")
    parts = [
        int.from_bytes(value[at : at + _PART], "little") for at in range(_HEAD, len(value), _PART)
    ]
    return "-".join(map(str, ("S", _REVISION, authority, *parts)))
