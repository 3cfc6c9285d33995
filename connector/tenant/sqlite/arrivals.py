"""Take in a first export without an index in random order: all that is sorted is sorted at its end.

Each batch of a big export would write nearly every page of the indexes over claims, source anchors and
versions again. So the claims of what arrives are appended to a table of their own, the indexes are not
there, and temporary tables of this connection answer instead. Other processes can read all of it, only
not as fast; the index over names stays, because each page of a list would else sort all names. The end of
the export settles what has arrived: it sorts the claims in and makes the indexes. The next writer does
that where the export was killed, or goes on in another process.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, TypeVar

from connector.storage.rows import insert
from connector.values.canonical import compact

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Hashable, Iterable, Sequence

    from connector.tenant.objects import TenantObject

    ClaimRow = tuple[str, str, int]

T = TypeVar("T")

CLAIMS = 300_000
"""Claims that may wait to be sorted in: they take 20 MB of memory, and each sorting writes the whole table."""

_MARK = "arrivals"
_INDEXES = {
    "object_anchor": "CREATE UNIQUE INDEX object_anchor ON object (anchor, type) "
    "WHERE anchor IS NOT NULL",
    "object_version": "CREATE INDEX object_version ON object (version)",
}
# Versions before left this one out as well; one of them may have been killed.
_ALL = {
    **_INDEXES,
    "object_listing": "CREATE INDEX object_listing ON object (type, display_name) "
    "WHERE deleted IS NULL",
}
_CHUNK = 1000
# Bits, one for each hash: of a million objects' claims and anchors, a fifth of them is set.
_BITS = 1 << 24
_BIT = tuple(1 << place for place in range(8))


class Arrivals:
    """What a first export brings to a tenant; all is done within transactions of the caller.

    While it is ``at_work``, it alone knows where claims and source anchors are. ``limit`` is how many
    claims may wait to be sorted in.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.limit = CLAIMS
        self._connection = connection
        self._token: str | None = None
        self._waiting = 0
        self._are_settled = True
        self._seen = bytearray()

    @property
    def at_work(self) -> bool:
        return self._token is not None

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that have all claims, each with an index where there are many."""
        if not self.at_work:
            return ("claim",)
        return ("settled_claim", "temp.arrived") if self._are_settled else ("temp.arrived",)

    def are_unsettled(self) -> bool:
        """Tell whether something is to be settled, or is being settled by another process now.

        Of a million that takes longer than a writer else waits for another one.
        """
        sql = "SELECT 1 FROM state WHERE name = ?"
        return self._connection.execute(sql, (_MARK,)).fetchone() is not None

    def prepare(self) -> None:
        """Get ready to ``begin``, outside of a transaction."""
        self._connection.execute("PRAGMA temp_store=MEMORY")

    def begin(self) -> None:
        """Take in what arrives from now on; for a tenant that has nothing or little."""
        run = self._connection.execute
        self.forget()  # of what a transaction that was undone has left
        for name in _INDEXES:
            run(f"DROP INDEX {name}")
        # By hash: half as big as by text, and a few that are found too many are sorted out.
        run(
            "CREATE TEMPORARY TABLE arrived_anchor (hash INTEGER NOT NULL, number INTEGER NOT NULL, "
            "PRIMARY KEY (hash, number)) WITHOUT ROWID"
        )
        run(
            "CREATE TEMPORARY TABLE arrived (namespace TEXT NOT NULL, key TEXT NOT NULL, "
            "holder INTEGER NOT NULL, PRIMARY KEY (namespace, key)) WITHOUT ROWID"
        )
        self._token = secrets.token_hex(8)
        self._waiting = 0
        [(settled,)] = run("SELECT EXISTS (SELECT 1 FROM settled_claim)")
        self._are_settled = bool(settled)
        self._seen = bytearray(_BITS >> 3)
        self._see(run("SELECT namespace, key FROM claim"))
        run("INSERT INTO state (name, value) VALUES (?, ?)", (_MARK, self._token))
        self._note(run("SELECT anchor, number FROM object WHERE anchor IS NOT NULL"))

    def look(self) -> None:
        """Settle what a writer before this one has left; notice it when another one has settled this."""
        sql = "SELECT value FROM state WHERE name = ?"
        mark = self._connection.execute(sql, (_MARK,)).fetchone()
        if mark is not None and mark[0] != self._token:
            if self.at_work:
                self.forget()
            self.settle()
        elif mark is None and self.at_work:
            self.forget()

    def settle(self) -> None:
        """Sort in the claims that have arrived, and make the indexes."""
        run = self._connection.execute
        self._sort_in()
        for sql in _ALL.values():
            run(sql.replace(" INDEX ", " INDEX IF NOT EXISTS ", 1))
        run("DELETE FROM state WHERE name = ?", (_MARK,))
        if self.at_work:
            self.forget()

    def forget(self) -> None:
        """Know nothing of what has arrived: the next transaction settles what the tenant has of it."""
        self._token = None
        self._seen = bytearray()
        for table in ("arrived", "arrived_anchor"):
            self._connection.execute(f"DROP TABLE IF EXISTS temp.{table}")

    def grant(self, claims: Sequence[ClaimRow]) -> None:
        """Keep claims that nobody holds; raises IntegrityError for one that has arrived before."""
        connection = self._connection
        [[last]] = connection.execute("SELECT coalesce(max(rowid), 0) FROM arrived_claim")
        insert(connection, "arrived_claim (namespace, key, holder)", claims)
        connection.execute(
            "INSERT INTO temp.arrived (namespace, key, holder) "
            "SELECT namespace, key, holder FROM arrived_claim WHERE rowid > ?",
            (last,),
        )
        self._see((namespace, key) for namespace, key, _ in claims)
        self._waiting += len(claims)
        if self._waiting >= self.limit:
            self._sort_in()
            connection.execute("DELETE FROM temp.arrived")

    def give_up(self, claims: Sequence[ClaimRow]) -> None:
        """Drop those of these claims that have arrived and have this holder."""
        arrived = self._connection.executemany(
            "DELETE FROM temp.arrived WHERE namespace = ? AND key = ? AND holder = ?", claims
        )
        if arrived.rowcount > 0:
            # One look at the whole table, which has no index, for all of them.
            self._connection.execute(
                "DELETE FROM arrived_claim WHERE (namespace, key, holder) IN "
                "(SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?))",
                (compact(claims),),
            )

    def note(self, items: Iterable[TenantObject]) -> None:
        """Remember where the source anchors of these objects are."""
        self._note((item.anchor, item.number) for item in items if item.anchor is not None)

    def numbers(self, anchors: Collection[str]) -> list[int]:
        """Return the numbers of all objects with these source anchors, and of a few others."""
        hashes = list(map(hash, self.maybe_there(anchors)))
        found: list[int] = []
        for start in range(0, len(hashes), _CHUNK):
            some = hashes[start : start + _CHUNK]
            sql = f"SELECT number FROM temp.arrived_anchor WHERE hash IN ({','.join('?' * len(some))})"  # noqa: S608
            found += (number for (number,) in self._connection.execute(sql, some))
        return found

    def maybe_there(self, some: Iterable[T]) -> list[T]:
        """Return those of some claims, or source anchors, that may be there; nearly all others are left out."""
        seen, mask, bit = self._seen, _BITS - 1, _BIT
        return [each for each in some if seen[(at := hash(each) & mask) >> 3] & bit[at & 7]]

    def _see(self, some: Iterable[Hashable]) -> None:
        """Let these be there; what a transaction that is undone has brought may stay."""
        seen, mask, bit = self._seen, _BITS - 1, _BIT
        for each in some:
            at = hash(each) & mask
            seen[at >> 3] |= bit[at & 7]

    def _note(self, anchors: Iterable[tuple[str, int]]) -> None:
        rows = list(anchors)
        self._see(anchor for anchor, _ in rows)
        self._connection.executemany(
            "INSERT OR IGNORE INTO temp.arrived_anchor (hash, number) VALUES (?, ?)",
            [(hash(anchor), number) for anchor, number in rows],
        )

    def _sort_in(self) -> None:
        run = self._connection.execute
        # Sorted already where this process took them in: SQLite need not hold all of it twice.
        sorted_ones = "temp.arrived" if self.at_work else "arrived_claim"
        run(
            "INSERT INTO settled_claim (namespace, key, holder) "  # noqa: S608
            f"SELECT namespace, key, holder FROM {sorted_ones} ORDER BY namespace, key"
        )
        run("DELETE FROM arrived_claim")
        self._waiting = 0
        self._are_settled = True
