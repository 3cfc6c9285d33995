"""What an import has to know of the entries that are staged already."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from connector.values import dn as dns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from connector.storage.rows import Behind

BATCH = 1024
"""Entries of one statement."""


class Known(NamedTuple):
    """A staged entry as far as an import needs it; ``type`` is None for containers and the like.

    ``mark`` is the mark of its last change that was read, empty where the directory gave none; ``text`` is the
    number of what was worked out of it (see ``flowed``).
    """

    uuid: bytes
    id: int
    anchor: str
    type: str | None
    dn_key: str
    hash: bytes
    mark: str
    text: int | None = None


def look_up(connection: Behind, uuids: Iterable[bytes]) -> Iterator[Known]:
    """Yield those of the entries that are staged."""
    remaining = iter(uuids)
    while chunk := list(islice(remaining, BATCH)):
        rows = connection.execute(
            f"""SELECT uuid, id, anchor, type, dn_key, hash, csn, text FROM entry
                WHERE uuid IN ({",".join("?" * len(chunk))})""",  # noqa: S608 - only marks
            chunk,
        )
        yield from map(Known._make, rows.fetchall())


def look_up_marks(connection: Behind, uuids: Sequence[bytes]) -> dict[bytes, tuple[str, str]]:
    """Map those of at most ``BATCH`` entries that are staged to their DN and the mark of their change."""
    rows = connection.execute(
        f"SELECT uuid, dn, csn FROM entry WHERE uuid IN ({','.join('?' * len(uuids))})",  # noqa: S608
        uuids,
    )
    return {uuid: (dn, mark) for uuid, dn, mark in rows}


def look_below(connection: Behind, dn_keys: Collection[str]) -> list[bytes]:
    """Return the ids of the entries that are staged below any of these folded DNs."""
    if len(dn_keys) == 1:
        rows = connection.execute(
            # The inner query walks the index of names alone, which is small beside the entries.
            """SELECT uuid FROM entry WHERE id IN
               (SELECT id FROM entry WHERE substr(dn_key, -length(:tail)) = :tail)""",
            {"tail": f",{next(iter(dn_keys))}"},
        )
        return [uuid for (uuid,) in rows]
    # One walk for all: a whole tree of containers may go at a time.
    above = frozenset(dn_keys)
    walk = connection.execute("SELECT uuid, dn_key FROM entry") if above else ()
    return [uuid for uuid, dn_key in walk if not above.isdisjoint(dns.ancestors(dn_key))]


def count_objects(connection: Behind) -> int:
    """Count the staged objects: two small indexes, not a walk over the entries."""
    sql = "SELECT (SELECT count(*) FROM entry) - (SELECT count(*) FROM entry WHERE type IS NULL)"
    return int(connection.execute(sql).fetchone()[0])
