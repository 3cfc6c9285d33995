"""Take the path of a request apart, in any of the spellings that clients use."""

from __future__ import annotations

import re
from typing import NamedTuple

from connector.web.graph.refusals import unknown_segment

VERSIONS = ("v1.0", "beta")
_KEYED = re.compile(r"([A-Za-z.]+)\('((?:[^']|'')*)'\)")
_CALLED = re.compile(r"([A-Za-z.]+)\(\)")
_QUALIFIED = re.compile(r"(?:microsoft[.])?graph[.]([A-Za-z]+)", re.IGNORECASE)


class Target(NamedTuple):
    """What a path names: the version in front, and the segments after it."""

    version: str
    segments: tuple[str, ...]


def target(path: str) -> Target:
    """Return what a decoded path names.

    ``users('id')`` is two segments, ``delta()`` is ``delta``; empty segments do not count. Raises
    Refusal for a path that begins with no version.
    """
    version, *rest = [segment for segment in path.split("/") if segment] or [""]
    if version.lower() not in VERSIONS:
        raise unknown_segment(version)
    return Target(version.lower(), tuple(part for segment in rest for part in _parts(segment)))


def _parts(segment: str) -> tuple[str, ...]:
    if (keyed := _KEYED.fullmatch(segment)) is not None:
        return keyed[1], keyed[2].replace("''", "'")
    if (called := _CALLED.fullmatch(segment)) is not None:
        return (called[1],)
    return (segment,)


def unqualified(segment: str) -> str | None:
    """Return the name of a type or function without its namespace; None for a plain segment."""
    qualified = _QUALIFIED.fullmatch(segment)
    return None if qualified is None else qualified[1]
