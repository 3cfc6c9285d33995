"""Tell which references of an entry with many of them differ, without reading those that are as they were.

The sorted references are cut into blocks, and the table ``reference_block`` keeps the digest of each. Where the
digests are equal, so are the references. Who writes references in another way forgets the blocks of
the entry: then all of its references are read once more.
"""

from __future__ import annotations

from bisect import bisect_left
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence

    from connector.storage.rows import Behind

MANY = 2000
"""References of an entry that has blocks; those of fewer are as quickly read."""

_SIZE = 500
_PUT = "INSERT OR REPLACE INTO reference_block VALUES (?, ?, ?)"
_DELETE = "DELETE FROM reference_block WHERE entry = ? AND first = ?"


class Difference(NamedTuple):
    """The references that an entry no longer shows, and those that it shows now."""

    removed: set[str]
    added: set[str]


class Blocks:
    """The blocks of entries, within the caller's transaction; about ``size`` references are one."""

    def __init__(self, connection: Behind, size: int = _SIZE) -> None:
        self._connection = connection
        self._size = size

    def difference(self, number: int, references: Sequence[str]) -> Difference | None:
        """Compare the sorted references of an entry with those that are kept; None where there are no blocks.

        The blocks are then those of the new references, which the caller writes.
        """
        blocks = self._connection.execute(
            "SELECT first, digest FROM reference_block WHERE entry = ? ORDER BY first", (number,)
        ).fetchall()
        if not blocks:
            return None
        found = Difference(set(), set())
        beyond = [first for first, _ in blocks[1:]]
        places = [0, *(bisect_left(references, first) for first in beyond), len(references)]
        for at, (first, digest) in enumerate(blocks):
            block = references[places[at] : places[at + 1]]
            if _digest(block) == digest:
                continue
            known = self._known(number, first, beyond[at] if at < len(beyond) else None)
            found.removed.update(known.difference(block))
            found.added.update(set(block) - known)
            if first and not block:  # it goes into the block before, which stays as it is
                self._connection.executemany(_DELETE, [(number, first)])
            else:
                self._write(number, first, block)
        return found

    def make(self, number: int, references: Sequence[str]) -> None:
        """Cut all references of an entry, which are sorted, into blocks."""
        forget(self._connection, [number])
        self._write(number, "", references)

    def _known(self, number: int, first: str, beyond: str | None) -> set[str]:
        rows = self._connection.execute(
            "SELECT target FROM reference WHERE entry = ?1 AND target >= ?2 AND (?3 IS NULL OR target < ?3)",
            (number, first, beyond),
        )
        return {target for (target,) in rows}

    def _write(self, number: int, first: str, references: Sequence[str]) -> None:
        """Write references as one block that begins with ``first``, as several where they are too many."""
        size = self._size if len(references) > 2 * self._size else len(references) or 1
        self._connection.executemany(
            _PUT,
            [
                (
                    number,
                    references[at] if at else first,
                    _digest(references[at : at + size]),
                )
                for at in range(0, len(references) or 1, size)
            ],
        )


def forget(connection: Behind | sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Forget the blocks of entries whose references are written otherwise."""
    connection.executemany(
        "DELETE FROM reference_block WHERE entry = ?", ((number,) for number in numbers)
    )


def _digest(references: Collection[str]) -> bytes:
    text = "\0".join((str(len(references)), *references))
    return blake2b(text.encode(), digest_size=16).digest()
