"""What a look at a directory server finds."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing that was looked at; ``advice`` says what to do when it is not well."""

    name: str
    ok: bool
    detail: str
    advice: str = ""
