"""Keep the tenant in SQLite: read the facts of a decision, write it down.

The SQL of the way of an object is here; ``queries`` and ``errors`` have that of the questions.
"""

from __future__ import annotations

from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from connector.storage.database import immediate, replace_contents
from connector.storage.one_state import one_state
from connector.storage.rows import insert
from connector.storage.serving import limited, prepare_to_serve
from connector.tenant.identity import Position
from connector.tenant.objects import ProvisioningError, TenantObject
from connector.tenant.policy import Domain, policy_of
from connector.tenant.ports import Held, Known
from connector.tenant.sqlite import changes, updating
from connector.tenant.sqlite.arrivals import Arrivals
from connector.tenant.sqlite.clients import Clients
from connector.tenant.sqlite.columns import COLUMNS
from connector.tenant.sqlite.delta import Delta
from connector.tenant.sqlite.links import Links
from connector.tenant.sqlite.others import Others
from connector.tenant.sqlite.questions import Questions
from connector.tenant.sqlite.selections import Selections
from connector.tenant.sqlite.tables import Tables
from connector.values.addresses import fold
from connector.values.collation import name_key
from connector.values.words import has_words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from connector.model import MemberChange
    from connector.settings import TenantSettings
    from connector.storage.database import Database
    from connector.tenant.objects import Claim, Errors, Policy
    from connector.tenant.writes import Writes

T = TypeVar("T")
_ALL = f"object ({', '.join(updating.WRITTEN)})"
_HOLDERS = "SELECT key, holder FROM %s WHERE namespace = '%s' AND key IN "
_FUNCTIONS = (("name_key", name_key, 1), ("fold", fold, 1), ("has_words", has_words, 2))
_NOT_DELETED = "number NOT IN (SELECT number FROM object WHERE deleted IS NOT NULL)"
_CHUNK = 1000
_NOTHING: Mapping[int, TenantObject] = {}
# Marks are kept for so many versions: a client that comes with an older cookie reads everything.
_MARKS = 100_000


class Store:
    """The tables of one tenant; implements ``ports.Store``."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.arrivals = Arrivals(database.conn)
        database.is_much = lambda: self.arrivals.are_unsettled() or self.clients.are_several()
        self.changes = changes.Changes(database.conn)
        self.links = Links(database.conn, self.changes)
        self.delta = Delta(database.conn)
        self.clients = Clients(database.conn)
        self.others = Others()
        self.questions = Questions(database.conn)
        self.selections = Selections(database.conn)
        self.tables = Tables(database.conn, self.transaction)
        for name, function, arguments in _FUNCTIONS:
            database.conn.create_function(name, arguments, function, deterministic=True)

    @property
    def connection(self) -> sqlite3.Connection:
        return self.database.conn

    def close(self) -> None:
        self.database.close()

    def prepare_to_serve(self) -> None:
        prepare_to_serve(self.database)

    def limited(self, seconds: float) -> AbstractContextManager[None]:
        return limited(self.database, seconds)

    def one_state(self) -> AbstractContextManager[None]:
        return one_state(self.database)

    def replace(self, copy: Path) -> None:
        replace_contents(self.database, copy, "tenant")
        self.arrivals.forget()

    def repeated(self, work: Callable[[], T]) -> T:
        """Do it once: nobody gets in between."""
        return work()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.changes.begin()
        with immediate(self.database):
            self.arrivals.look()
            yield

    # --- facts --------------------------------------------------------------------------------

    def state(self, name: str) -> str | None:
        row = self.connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_state(self, name: str, value: str) -> None:
        self.connection.execute(
            "INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)", (name, value)
        )

    def results_of(self, batch: str, client: int | None = None) -> str | None:
        return self.clients.results_of(batch, client)

    def remember_batch(self, batch: str, results: str, client: int | None = None) -> None:
        self.clients.remember_batch(batch, results, client)

    def policy(self, settings: TenantSettings) -> Policy:
        chosen = settings.random_seed
        seed = str(chosen) if chosen is not None else self.state("seed") or ""
        return policy_of(settings, seed, self.features(), self.domains())

    def set_feature(self, name: str, *, enabled: bool) -> None:
        sql = "INSERT OR REPLACE INTO feature (name, enabled) VALUES (?, ?)"
        self.connection.execute(sql, (name, int(enabled)))

    def set_domain(self, domain: Domain) -> None:
        sql = "INSERT OR REPLACE INTO domain (name, verified, federated) VALUES (?, ?, ?)"
        self.connection.execute(sql, domain)

    def features(self) -> dict[str, bool]:
        rows = self.connection.execute("SELECT name, enabled FROM feature")
        return {name: bool(enabled) for name, enabled in rows}

    def domains(self) -> list[Domain]:
        rows = self.connection.execute("SELECT name, verified, federated FROM domain ORDER BY name")
        return [Domain._make(row) for row in rows]

    def version(self) -> int:
        return int(self.state("version") or 0)

    def set_version(self, version: int) -> None:
        self.set_state("version", str(version))
        self.connection.execute(
            "INSERT OR REPLACE INTO mark (version, mark) VALUES (?, lower(hex(randomblob(8))))",
            (version,),
        )
        self.connection.execute("DELETE FROM mark WHERE version <= ?", (version - _MARKS,))

    def identity(self) -> str:
        return self.state("identity") or ""

    def position(self) -> Position:
        version = self.version()
        return Position(self.identity(), version, self.mark(version) or "")

    def mark(self, version: int) -> str | None:
        row = self.connection.execute("SELECT mark FROM mark WHERE version = ?", (version,))
        found = row.fetchone()
        return None if found is None else str(found[0])

    def last_number(self) -> int:
        return int(self.connection.execute("SELECT max(number) FROM object").fetchone()[0] or 0)

    def by_anchor(self, anchors: Collection[str]) -> dict[str, list[TenantObject]]:
        found: dict[str, list[TenantObject]] = {}
        if self.arrivals.at_work:
            some = self.by_number(self.arrivals.numbers(anchors)).values()
            items = [item for item in some if item.anchor in anchors]
        else:
            sql = f"SELECT {COLUMNS} FROM object WHERE anchor IN "  # noqa: S608
            items = list(map(TenantObject._make, self._where_in(sql, anchors)))
        for item in items:
            found.setdefault(item.anchor or "", []).append(item)
        for several in found.values():
            if len(several) > 1:
                several.sort(key=lambda item: (item.type, item.number))
        return found

    def by_number(self, numbers: Collection[int]) -> dict[int, TenantObject]:
        sql = f"SELECT {COLUMNS} FROM object WHERE number IN "  # noqa: S608
        return {row[0]: TenantObject._make(row) for row in self._where_in(sql, numbers)}

    def by_id(self, ids: Collection[str]) -> dict[str, TenantObject]:
        sql = f"SELECT {COLUMNS} FROM object WHERE id IN "  # noqa: S608
        return {row[1]: TenantObject._make(row) for row in self._where_in(sql, ids)}

    def after(self, number: int, limit: int) -> list[TenantObject]:
        sql = (
            f"SELECT {COLUMNS} FROM object WHERE number > ? AND deleted IS NULL "  # noqa: S608
            "ORDER BY number LIMIT ?"
        )
        return [TenantObject._make(row) for row in self.connection.execute(sql, (number, limit))]

    def live(self) -> Iterator[TenantObject]:
        last, page = 0, _CHUNK
        while items := self.after(last, page):
            last = items[-1].number
            yield from items

    def errors_of(self, numbers: Collection[int]) -> dict[int, Errors]:
        found: dict[int, Errors] = {}
        sql = (
            "SELECT object, property, key, value, occurred FROM provisioning_error WHERE object IN "
        )
        for number, *fields in self._where_in(sql, numbers):
            error = ProvisioningError(*fields)
            found.setdefault(number, {})[error.attribute, error.key] = error
        return found

    def holders(self, claims: Iterable[Claim]) -> dict[Claim, int]:
        if self.arrivals.at_work:
            claims = self.arrivals.maybe_there(claims)
        keys: dict[str, list[str]] = {}
        for namespace, key in claims:
            keys.setdefault(namespace, []).append(key)
        return {
            (namespace, key): holder
            for namespace, some in keys.items()
            for table in self.arrivals.tables
            for key, holder in self._where_in(_HOLDERS % (table, namespace), some)
        }

    def is_held(self, claim: Claim) -> bool:
        return any(
            self.connection.execute(
                f"SELECT 1 FROM {table} WHERE namespace = ? AND key = ?",  # noqa: S608
                claim,
            ).fetchone()
            for table in self.arrivals.tables
        )

    def held(self, claims: Iterable[Claim], known: Collection[int]) -> Held:
        holders = self.holders(claims)
        return Held(holders, self.by_number(set(holders.values()).difference(known)))

    def known(self, anchors: Collection[str], groups: Collection[str]) -> Known:
        objects = self.by_anchor(anchors)
        errors = self.errors_of([item.number for some in objects.values() for item in some])
        sql = "SELECT anchor FROM first_failure WHERE anchor IN "
        return Known(objects, errors, {row[0] for row in self._where_in(sql, groups)})

    def _where_in(self, sql: str, values: Collection[Any]) -> Iterator[tuple[Any, ...]]:
        some = list(values)
        for start in range(0, len(some), _CHUNK):
            chunk = some[start : start + _CHUNK]
            yield from self.connection.execute(f"{sql}({','.join('?' * len(chunk))})", chunk)

    # --- writing ------------------------------------------------------------------------------

    def write(
        self, writes: Writes, version: int, before: Mapping[int, TenantObject] = _NOTHING
    ) -> None:
        run = self.connection.executemany
        self._give_up(writes.given_up)
        changed = writes.updated + writes.soft_deleted
        now = (self.changes.number(),) * 2 if writes.inserted or changed else ()
        insert(self.connection, _ALL, [(*item, *now) for item in writes.inserted])
        updating.update(self.connection, changed, before, now)
        updating.set_anchors(self.connection, writes.updated, before)
        self.clients.note(writes, before, version)
        self._grant(writes.granted)
        if self.arrivals.at_work:
            self.arrivals.note(writes.inserted + writes.updated)
        self.links.unlink([item.number for item in writes.deleted + writes.soft_deleted], version)
        self._delete(writes.deleted)
        self._report_gone(writes.deleted + writes.renamed, version)
        self._write_errors(writes.errors)
        self._note_errors(writes)
        run(
            "INSERT OR IGNORE INTO first_failure (anchor) VALUES (?)",
            _singles(writes.failed_first),
        )
        added = [item.anchor for item in writes.inserted if item.type == "group"]
        run("DELETE FROM first_failure WHERE anchor = ?", _singles(added))

    def _give_up(self, claims: Sequence[tuple[str, str, int]]) -> None:
        sql = "DELETE FROM settled_claim WHERE namespace = ? AND key = ? AND holder = ?"
        self.connection.executemany(sql, claims)
        if self.arrivals.at_work:
            self.arrivals.give_up(claims)

    def _grant(self, claims: Sequence[tuple[str, str, int]]) -> None:
        # In the order of the table, more or less: neighbours lie on one page.
        claims = sorted(claims, key=itemgetter(1))
        if self.arrivals.at_work:
            self.arrivals.grant(claims)
        else:
            insert(self.connection, "settled_claim (namespace, key, holder)", claims)

    def _delete(self, items: Sequence[TenantObject]) -> None:
        run = self.connection.executemany
        numbers = _singles(item.number for item in items)
        run("DELETE FROM object WHERE number = ?", numbers)
        run("DELETE FROM provisioning_error WHERE object = ?", numbers)
        run("DELETE FROM unlinked WHERE parent = ?", numbers)
        self.changes.note_gone((item.type, item.id) for item in items)

    def _note_errors(self, writes: Writes) -> None:
        """Let an object count as changed of which only the errors are written."""
        if writes.errors:
            written = {
                item.number for item in (*writes.inserted, *writes.updated, *writes.soft_deleted)
            }
            self.changes.note({item.number for item, _ in writes.errors} - written)

    def _report_gone(self, items: Sequence[TenantObject], version: int) -> None:
        """Let the read-back report the source anchors of these objects as gone."""
        self.connection.executemany(
            "INSERT OR REPLACE INTO removed (anchor, type, id, version) VALUES (?, ?, ?, ?)",
            [(item.anchor, item.type, item.id, version) for item in items if item.anchor],
        )

    def _write_errors(self, errors: Iterable[tuple[TenantObject, Errors]]) -> None:
        some = list(errors)
        run = self.connection.executemany
        run(
            "DELETE FROM provisioning_error WHERE object = ?",
            _singles(item.number for item, _ in some),
        )
        run(
            "INSERT INTO provisioning_error (object, property, key, value, occurred, type, name, upn, "
            "search) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    item.number,
                    *error,
                    item.type,
                    item.display_name,
                    item.upn,
                    fold(f"{item.display_name}\n{item.upn or ''}\n{error.value}"),
                )
                for item, its in some
                for error in its.values()
            ],
        )

    def change_members(
        self, groups: Collection[tuple[int, Sequence[MemberChange]]], version: int
    ) -> set[int]:
        known = self._live_numbers({each.anchor for _, some in groups for each in some})
        return self.links.change(groups, known, version)

    def change_managers(self, changes: Collection[tuple[int, str]], version: int) -> set[int]:
        known = self._live_numbers({anchor for _, anchor in changes})
        return self.links.change_managers(changes, known, version)

    def _live_numbers(self, anchors: Collection[str]) -> dict[str, int]:
        if self.arrivals.at_work:
            sql = "SELECT anchor, number FROM object WHERE deleted IS NULL AND number IN "
            found = dict(self._where_in(sql, self.arrivals.numbers(anchors)))
            return {anchor: found[anchor] for anchor in found.keys() & anchors}
        # Of many, which are deleted is read from its index once: a look at each row would take longer.
        live = _NOT_DELETED if len(anchors) > _CHUNK else "deleted IS NULL"
        sql = f"SELECT anchor, number FROM object WHERE {live} AND anchor IN "  # noqa: S608
        return dict(self._where_in(sql, anchors))

    def deleted_until(self, time: str) -> list[TenantObject]:
        sql = f"SELECT {COLUMNS} FROM object WHERE deleted <= ? ORDER BY deleted, number"  # noqa: S608
        return list(map(TenantObject._make, self.connection.execute(sql, (time,))))


def _singles(values: Iterable[Any]) -> list[tuple[Any]]:
    return [(value,) for value in values]
