"""Write objects that the tenant has, and of each no more than what changes."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from connector.tenant.objects import TenantObject
from connector.tenant.sqlite import changes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

WRITTEN = (*TenantObject._fields, *changes.COLUMNS)
"""The columns of the table ``object``, in the order in which a row is written."""

# What never changes is left alone, and so are the indexes over it. A source anchor is set when a
# cloud-only object is taken over, by a statement of its own.
_FIXED = ("number", "id", "type", "anchor", "created")
# So is what seldom changes: a page of an index that need not be written again.
_INDEXED = ("deleted", "display_name")
_REST = [name for name in WRITTEN if name not in {*_FIXED, *_INDEXED}]
_rest = itemgetter(0, *map(WRITTEN.index, _REST))
_ROWS = 1000
_ANCHOR = "UPDATE object SET anchor = ?1 WHERE number = ?2 AND anchor IS NOT ?1"
_WHOLE = ", ".join(
    f"{name} = ?{position}" for position, name in enumerate(WRITTEN, 1) if name not in _FIXED
)
_UPDATE = f"UPDATE object SET {_WHOLE} WHERE number = ?1"  # noqa: S608


def update(
    connection: sqlite3.Connection,
    items: Sequence[TenantObject],
    before: Mapping[int, TenantObject],
    now: tuple[int, ...],
) -> None:
    """Write objects as they are from now on; ``now`` is the change, as ``changes.COLUMNS`` have it.

    ``before`` has them by number as they are in the tenant, as far as the caller knows.
    """
    light: list[tuple[Any, ...]] = []
    whole: list[tuple[Any, ...]] = []
    for item in items:
        known = before.get(item.number)
        stays = (
            known is not None
            and known.display_name == item.display_name
            and known.deleted == item.deleted
        )
        (light if stays else whole).append((*item, *now))
    for start in range(0, len(light), _ROWS):
        some = light[start : start + _ROWS]
        values = list(chain.from_iterable(map(_rest, some)))
        connection.execute(_update_the_rest(len(some)), values)
    connection.executemany(_UPDATE, whole)


def set_anchors(
    connection: sqlite3.Connection,
    items: Sequence[TenantObject],
    before: Mapping[int, TenantObject],
) -> None:
    """Write the source anchors of those objects that had none."""
    moved = [
        (item.anchor, item.number)
        for item in items
        if (known := before.get(item.number)) is None or known.anchor != item.anchor
    ]
    connection.executemany(_ANCHOR, moved)


@lru_cache(maxsize=16)
def _update_the_rest(rows: int) -> str:
    """Return one statement for so many rows: after one of its own, each would wait for the interpreter."""
    names = ", ".join(f"{name} = a.column{place}" for place, name in enumerate(_REST, 2))
    row = f"({','.join('?' * (len(_REST) + 1))})"
    return (
        f"UPDATE OR FAIL object SET {names} "  # noqa: S608
        f"FROM (VALUES {','.join([row] * rows)}) a WHERE number = a.column1"
    )
