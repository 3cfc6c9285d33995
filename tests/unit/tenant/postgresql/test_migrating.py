"""The tables are made once, whoever comes first, and fold texts as the connector does."""

from __future__ import annotations

import sys
import unicodedata
from typing import TYPE_CHECKING

import pytest

from connector.errors import StorageUnusable
from connector.tenant.objects import TenantObject
from connector.tenant.postgresql import migrating
from connector.tenant.postgresql.migrating import is_current, migrate
from connector.tenant.postgresql.server import open_connection
from connector.values.addresses import fold
from tests.waiting import beside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.tenant.postgresql.migrating import Connection
    from connector.tenant.postgresql.server import Server
    from tests.postgresql import Postgres

SECOND = 2


@pytest.fixture
def server(postgresql: Postgres) -> Iterator[Server]:
    with postgresql.database() as found:
        yield found


def test_processes_that_start_at_the_same_time_make_one_tenant(postgresql: Postgres) -> None:
    empty = postgresql.make(migrated=False)

    def start() -> None:
        with open_connection(empty) as connection:
            migrate(connection, empty)

    with beside(*[start] * 4):
        pass
    with open_connection(empty) as connection:
        found = connection.execute("SELECT count(*) FROM state WHERE name = 'identity'").fetchone()
        current = is_current(connection)

    assert (found, current) == ((1,), True)


def test_tables_of_a_newer_version_are_refused(server: Server) -> None:
    with open_connection(server) as connection:
        connection.execute("INSERT INTO migration (name) VALUES ('9999_later')")
        with pytest.raises(
            StorageUnusable, match=r"newer version of the connector \(it has 9999_later\)"
        ):
            migrate(connection, server)
        connection.execute("DELETE FROM migration WHERE name = '9999_later'")


def test_the_columns_of_an_object_are_there_in_their_order(server: Server) -> None:
    with open_connection(server) as connection:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'object' "
            "AND table_schema = 'public' ORDER BY ordinal_position"
        ).fetchall()

    assert {name for (name,) in rows} == {
        *TenantObject._fields,
        "changed",
        "own_changed",
        "name_key",
    }


def test_every_letter_is_folded_as_the_connector_folds_it(server: Server) -> None:
    letters = [
        chr(code)
        for code in range(1, sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in {"Cs", "Cn", "Co"}
    ]
    texts = [*letters, "Stra\u00dfe", "E\u0301T\u00c9", "\u0130i\u0307", "\ufb01ANCE\u0301"]
    with open_connection(server) as connection:
        rows = connection.execute(
            "SELECT x, fold(x) FROM unnest(%s::text[]) AS x", (texts,)
        ).fetchall()

    assert {text: folded for text, folded in rows if folded != fold(text)} == {}


def test_a_server_that_is_killed_within_a_migration_has_all_of_it_or_nothing(
    postgresql: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = postgresql.make(migrated=False)
    apply, made = migrating._apply, []

    def killed(connection: Connection, name: str) -> None:
        apply(connection, name)
        made.append(name)
        if len(made) == SECOND:
            postgresql.restart()

    monkeypatch.setattr(migrating, "_apply", killed)
    with open_connection(empty) as connection, pytest.raises(StorageUnusable):
        migrate(connection, empty)
    with open_connection(empty) as connection:
        between = migrating._applied(connection)
        migrate(connection, empty)
        found = is_current(connection)

    # What this server had not written when it was killed is gone: it need not keep commits.
    assert between <= {made[0]}
    assert (found, made.count(made[1])) == (True, SECOND)
