"""A connector space on disk, a directory in memory, and short words for what the tests do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.rules.ruleset import Rules
from connector.settings import DirectorySettings
from connector.staging.space import FILE, ConnectorSpace
from connector.storage.database import open_database
from tests.fakes import SUFFIX, MemoryDirectory
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from connector.model import PendingExport
    from connector.run import Counts
    from connector.staging.removals import Removal


class Stage:
    """The connector space beside a directory, without a tenant."""

    def __init__(self, path: Path) -> None:
        self.directory = MemoryDirectory()
        self.database = open_database(path / FILE, "staging")
        self.space = ConnectorSpace(self.database)
        self.rules = Rules(DirectorySettings(url=("ldap://memory",), base_dn=SUFFIX))

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Return the rows of a query, those of one column as plain values."""
        found = self.database.conn.execute(sql, values).fetchall()
        return [row[0] if len(row) == 1 else row for row in found]

    def read(
        self, *, full: bool = False, guard: Callable[[Removal], None] = lambda _: None
    ) -> Counts:
        return self.space.import_from(self.directory, full=full, run=1, guard=guard)

    def decide(self) -> list[PendingExport]:
        """Synchronize; return what the rules decided to export."""
        exports = []
        with self.space.synchronizing("2026-11-23T08:00:00Z") as synchronization:
            for work in synchronization.work():
                decision = self.rules.decide(work)
                synchronization.exclude(decision.excluded)
                if decision.failure:
                    synchronization.fail(decision.failure)
                elif decision.export:
                    exports.append(decision.export)
                    synchronization.put(decision.export)
                else:
                    synchronization.drop(work.anchor)
        return exports

    def imported(self) -> list[Any]:
        """Return everything that an import may write."""
        tables = ("entry", "reference", "dirty", "dirty_group", "dirty_member", "state")
        return [sorted(self.rows(f"SELECT * FROM {table}"), key=repr) for table in tables]  # noqa: S608

    @property
    def names(self) -> list[str]:
        """The DNs of the staged objects, sorted."""
        return self.rows("SELECT dn FROM entry WHERE type IS NOT NULL ORDER BY dn")

    @property
    def dirty(self) -> int:
        return int(self.rows("SELECT count(*) FROM dirty")[0])


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    opened = Stage(tmp_path)
    yield opened
    opened.space.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as opened:
        yield opened


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[World]:
    """A world in which a single delete is too many."""
    with World(tmp_path, safety={"delete_threshold": 0}) as opened:
        yield opened


@pytest.fixture
def daily(tmp_path: Path) -> Iterator[World]:
    """A world that compares identities once a day."""
    with World(tmp_path, schedule={"reconcile": "1d"}) as opened:
        yield opened


@pytest.fixture
def never(tmp_path: Path) -> Iterator[World]:
    """A world that does not compare identities by itself."""
    with World(tmp_path, schedule={"reconcile": 0}) as opened:
        yield opened
