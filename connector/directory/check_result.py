"""The outcome of one check of a directory server."""

from __future__ import annotations

from typing import NamedTuple


class CheckResult(NamedTuple):
    """One check and its outcome; ``advice`` is the next step after one that failed."""

    name: str
    ok: bool
    detail: str
    advice: str = ""
