"""Mark a tenant that was moved to another database, or whose move is not finished, and refuse it.

A move first marks the new place as arriving, fills it, marks the old one as moved, and takes the first mark
away. So at every moment at most one of the two may be used.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from connector.values.canonical import compact

MOVED, ARRIVING = "moved", "arriving"
"""The names of both marks in the state of a tenant."""

LEFT_BEHIND = ("arrivals", ARRIVING, MOVED)
"""What of the state belongs to a database, and not to the tenant in it."""

_SQLITE = "sqlite"


class Move(NamedTuple):
    """A move of a tenant, as both marks have it.

    ``key`` tells it from every other one, ``tenant`` is the identity of what is moved, ``origin`` and ``to``
    name both databases without a password, ``at`` is when it began, as text.
    """

    key: str
    tenant: str
    origin: str
    to: str
    at: str

    def text(self) -> str:
        return compact(self._asdict())


def move_of(mark: str | None) -> Move | None:
    """Read a mark; None where there is none."""
    return None if mark is None else Move(**json.loads(mark))


def refusal(moved: str | None, arriving: str | None) -> str | None:
    """Say why a database with these marks must not be used; None where it may."""
    if (move := move_of(moved)) is not None:
        return (
            f"{move.origin} holds the tenant as it was until it was moved to {move.to} ({move.at}). "
            f'Let the settings say so: [tenant] database = "{move.to}". To go on with this one instead, '
            "without what the other one got since: connector tenant move --take-back"
        )
    if (move := move_of(arriving)) is not None:
        return (
            f"{move.to}: the move of the tenant to here was interrupted. Run it again, with the settings "
            f'that name {move.origin}: connector tenant move --to "{move.to}"'
        )
    return None
