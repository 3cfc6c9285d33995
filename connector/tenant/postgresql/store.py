"""Keep the tenant in PostgreSQL: read the facts of a decision, write it down.

Round trips count here, not rows: what a batch looks up is one question a step, what it writes goes out together
at the end. So their number does not grow with the batch (tests/unit/tenant/postgresql/test_round_trips.py).
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from connector.errors import StorageUnusable
from connector.tenant.identity import Position
from connector.tenant.objects import ProvisioningError, TenantObject
from connector.tenant.policy import Domain, policy_of
from connector.tenant.ports import Held, Known
from connector.tenant.postgresql.changes import Changes
from connector.tenant.postgresql.clients import Clients
from connector.tenant.postgresql.columns import COLUMNS, given, kept, one_of, written
from connector.tenant.postgresql.delta import Delta
from connector.tenant.postgresql.questions import Questions
from connector.tenant.postgresql.selections import Selections
from connector.tenant.postgresql.standing import QUESTION, Standing
from connector.tenant.postgresql.tables import Tables
from connector.tenant.postgresql.writer import Writer
from connector.values.canonical import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from connector.model import MemberChange
    from connector.settings import TenantSettings
    from connector.tenant.objects import Claim, Errors, Policy
    from connector.tenant.postgresql.session import Session
    from connector.tenant.writes import Writes

T = TypeVar("T")
_SELECT = f"SELECT {COLUMNS} FROM object "  # noqa: S608
_WITH_ERRORS = (
    f"SELECT {COLUMNS}, (SELECT json_agg(json_build_array(property, key, value, occurred) "  # noqa: S608
    "ORDER BY property, key) FROM provisioning_error WHERE object = number) FROM object"
)
_ASKED = given("asked", namespace="text", key="text")
_HELD = f"SELECT claim.namespace, claim.key, holder, {COLUMNS} FROM claim"  # noqa: S608
_PAGE = 1000
_NOTHING: Mapping[int, TenantObject] = {}
# Marks are kept for so many versions: a client that comes with an older cookie reads everything.
_MARKS = 100_000


class Arrivals:
    """Nothing prepares a first export here: a server sorts in its own time."""

    at_work = False

    def prepare(self) -> None:
        """Need nothing."""

    begin = settle = prepare


class Store:
    """The tables of one tenant; implements ``ports.Store``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.arrivals = Arrivals()
        self.changes = Changes(session)
        self.clients = Clients(session)
        self.delta = Delta(session)
        self.others = session.others
        self.questions = Questions(session)
        self.selections = Selections(session)
        self.tables = Tables(session)
        self._writer = Writer(session, self.changes)
        # Only within a transaction.
        self._standing: Standing | None = None

    def close(self) -> None:
        self._session.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._session.transaction(also=QUESTION) as rows:
            self._standing = Standing(rows)
            self.changes.begin(self._standing.last_change)
            try:
                yield
            finally:
                self._standing = None

    def repeated(self, work: Callable[[], T]) -> T:
        return self._session.repeated(work)

    def one_state(self) -> AbstractContextManager[None]:
        return self._session.one_state()

    def limited(self, seconds: float) -> AbstractContextManager[None]:
        return self._session.limited(seconds)

    def prepare_to_serve(self) -> None:
        """Need nothing."""

    def replace(self, copy: Path) -> None:
        """Refuse: a copy of a tenant in PostgreSQL is its server's affair."""
        raise StorageUnusable(f"{self._session.server.name} cannot become what {copy} holds.")

    # --- facts --------------------------------------------------------------------------------

    def state(self, name: str) -> str | None:
        if self._standing is not None:
            return self._standing.state.get(name)
        return self._one("SELECT value FROM state WHERE name = %s", name)

    def set_state(self, name: str, value: str) -> None:
        self._put("state (name, value)", "name", name, value)
        if self._standing is not None:
            self._standing.state[name] = value

    def results_of(self, batch: str, client: int | None = None) -> str | None:
        if self._standing is not None and batch not in self._standing.batches:
            return None
        return self.clients.results_of(batch, client)

    def remember_batch(self, batch: str, results: str, client: int | None = None) -> None:
        self.clients.remember_batch(batch, results, client)
        if self._standing is not None:
            self._standing.batches.add(batch)

    def policy(self, settings: TenantSettings) -> Policy:
        chosen = settings.random_seed
        seed = str(chosen) if chosen is not None else self.state("seed") or ""
        return policy_of(settings, seed, self.features(), self.domains())

    def set_feature(self, name: str, *, enabled: bool) -> None:
        self._put("feature (name, enabled)", "name", name, int(enabled))
        if self._standing is not None:
            self._standing.features[name] = enabled

    def set_domain(self, domain: Domain) -> None:
        self._put("domain (name, verified, federated)", "name", *domain)
        if self._standing is not None:
            self._standing.domains[domain.name] = domain

    def features(self) -> dict[str, bool]:
        if self._standing is not None:
            return dict(sorted(self._standing.features.items()))
        rows = self._session.rows("SELECT name, enabled FROM feature ORDER BY name")
        return {name: bool(enabled) for name, enabled in rows}

    def domains(self) -> list[Domain]:
        if self._standing is not None:
            return sorted(self._standing.domains.values())
        rows = self._session.rows("SELECT name, verified, federated FROM domain ORDER BY name")
        return [Domain._make(row) for row in rows]

    def version(self) -> int:
        return int(self.state("version") or 0)

    def set_version(self, version: int) -> None:
        self.set_state("version", str(version))
        mark = secrets.token_hex(8)
        self._put("mark (version, mark)", "version", version, mark)
        self._session.note(version, mark)
        self._session.run("DELETE FROM mark WHERE version <= %s", (version - _MARKS,))

    def identity(self) -> str:
        return self.state("identity") or ""

    def position(self) -> Position:
        sql = (
            "SELECT (SELECT value FROM state WHERE name = 'identity'), value::bigint, "
            "(SELECT mark FROM mark WHERE version = value::bigint) FROM state WHERE name = 'version'"
        )
        [(identity, version, mark)] = self._session.rows(sql)
        return Position(identity or "", version, mark or "")

    def mark(self, version: int) -> str | None:
        return self._one("SELECT mark FROM mark WHERE version = %s", version)

    def last_number(self) -> int:
        if self._standing is not None and self._standing.last_number is not None:
            return self._standing.last_number
        row = self._session.row("SELECT max(number) FROM object")
        return int(row[0] or 0) if row else 0

    def known(self, anchors: Collection[str], groups: Collection[str]) -> Known:
        objects = (f"{_WITH_ERRORS} WHERE anchor {one_of('text')} ORDER BY type, number", anchors)
        failed = (f"SELECT anchor FROM first_failure WHERE anchor {one_of('text')}", groups)  # noqa: S608
        asked = [(sql, (compact(kept(some)),)) for sql, some in (objects, failed) if some]
        rows, *others = self._session.answers(*asked) if asked else [[]]
        found = Known({}, {}, {anchor for some in others for (anchor,) in some})
        for *row, errors in rows:
            item = TenantObject._make(row)
            found.objects.setdefault(item.anchor or "", []).append(item)
            if errors is not None:
                its = [ProvisioningError(*fields) for fields in errors]
                found.errors[item.number] = {(one.attribute, one.key): one for one in its}
        return found

    def by_anchor(self, anchors: Collection[str]) -> dict[str, list[TenantObject]]:
        return self.known(anchors, ()).objects

    def by_number(self, numbers: Collection[int]) -> dict[int, TenantObject]:
        if not numbers:
            return {}
        sql = f"{_SELECT} WHERE number {one_of('bigint')}"
        rows = self._session.rows(sql, (compact(list(numbers)),))
        return {row[0]: TenantObject._make(row) for row in rows}

    def by_id(self, ids: Collection[str]) -> dict[str, TenantObject]:
        rows = self._session.rows(f"{_SELECT} WHERE id = ANY(%s)", (kept(ids),))
        return {row[1]: TenantObject._make(row) for row in rows}

    def after(self, number: int, limit: int) -> list[TenantObject]:
        sql = f"{_SELECT} WHERE number > %s AND deleted IS NULL ORDER BY number LIMIT %s"
        return [TenantObject._make(row) for row in self._session.rows(sql, (number, limit))]

    def live(self) -> Iterator[TenantObject]:
        last = 0
        while items := self.after(last, _PAGE):
            last = items[-1].number
            yield from items

    def errors_of(self, numbers: Collection[int]) -> dict[int, Errors]:
        found: dict[int, Errors] = {}
        if not numbers:
            return found
        sql = (
            "SELECT object, property, key, value, occurred FROM provisioning_error "  # noqa: S608
            f"WHERE object {one_of('bigint')} ORDER BY object, property, key"
        )
        for number, *fields in self._session.rows(sql, (compact(list(numbers)),)):
            error = ProvisioningError(*fields)
            found.setdefault(number, {})[error.attribute, error.key] = error
        return found

    def holders(self, claims: Iterable[Claim]) -> dict[Claim, int]:
        some = kept(claims)
        if not some:
            return {}
        sql = f"SELECT namespace, key, holder FROM claim JOIN {_ASKED} USING (namespace, key)"  # noqa: S608
        rows = self._session.rows(sql, (compact(some),))
        return {(namespace, key): holder for namespace, key, holder in rows}

    def held(self, claims: Iterable[Claim], known: Collection[int]) -> Held:
        found = Held({}, {})
        some = kept(claims)
        if not some:
            return found
        sql = f"{_HELD} JOIN {_ASKED} USING (namespace, key) LEFT JOIN object ON number = holder"
        for namespace, key, holder, *row in self._session.rows(sql, (compact(some),)):
            found.holders[namespace, key] = holder
            if holder not in known and holder not in found.objects and row[0] is not None:
                found.objects[holder] = TenantObject._make(row)
        return found

    def is_held(self, claim: Claim) -> bool:
        return bool(self.holders([claim]))

    def deleted_until(self, time: str) -> list[TenantObject]:
        sql = f"{_SELECT} WHERE deleted <= %s ORDER BY deleted, number"
        return [TenantObject._make(row) for row in self._session.rows(sql, (time,))]

    # --- writing ------------------------------------------------------------------------------

    def write(
        self, writes: Writes, version: int, before: Mapping[int, TenantObject] = _NOTHING
    ) -> None:
        # One statement writes them all, whatever changed.
        self._writer.write(writes, version, before)
        if self._standing is not None:
            self._standing.note(writes)
        self.clients.note_taken(writes.updated, before, version)

    def change_members(
        self, groups: Collection[tuple[int, Sequence[MemberChange]]], version: int
    ) -> set[int]:
        return self._writer.change_members(groups, version)

    def change_managers(self, changes: Collection[tuple[int, str]], version: int) -> set[int]:
        return self._writer.change_managers(changes, version)

    # --- how ----------------------------------------------------------------------------------

    def _one(self, sql: str, value: Any) -> str | None:
        if isinstance(value, str) and "\0" in value:
            return None
        row = self._session.row(sql, (value,))
        return None if row is None else str(row[0])

    def _put(self, into: str, key: str, *values: Any) -> None:
        """Write a row, in place of the one with its key."""
        names = written(into)
        marks = ", ".join(["%s"] * len(values))
        changes = ", ".join(f"{name} = excluded.{name}" for name in names if name != key)
        self._session.run(
            f"INSERT INTO {into} VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {changes}",  # noqa: S608
            values,
        )
