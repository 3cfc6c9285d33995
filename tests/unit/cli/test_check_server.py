"""What is wrong with the server of the tenant is named with the next step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from connector.cli.check_server import server_mistakes, server_warnings
from connector.tenant.opening import facts_of, place_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.tenant.opening import ServerFacts
    from tests.postgresql import Postgres

SCHEMA = "CREATE SCHEMA least AUTHORIZATION least"


@pytest.fixture
def usual(postgresql: Postgres) -> ServerFacts:
    with postgresql.database() as server:
        found = facts_of(server)
    assert found is not None
    return found


@pytest.fixture
def database(postgresql: Postgres) -> Iterator[str]:
    """An empty database with a user that has no right there, ``least``."""
    name = str(postgresql.make(migrated=False).parameters["dbname"])
    with psycopg.connect(postgresql.url(name), autocommit=True) as connection:
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        connection.execute("CREATE ROLE least LOGIN")
        yield name
        connection.execute("DROP OWNED BY least CASCADE")
        connection.execute("DROP ROLE least")


def facts_at(postgresql: Postgres, database: str, *sql: str) -> ServerFacts:
    with psycopg.connect(postgresql.url(database), autocommit=True) as connection:
        for each in sql:
            connection.execute(each.encode())
    url = postgresql.url(database).replace("user=postgres", "user=least")
    place = place_at(url)
    assert not isinstance(place, Path)
    found = facts_of(place)
    assert found is not None
    return found


def test_a_server_that_will_do_has_no_mistake(usual: ServerFacts) -> None:
    assert list(server_mistakes("db", usual)) == []
    assert usual.number >= 130000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": 120000, "version": "12.0"}, "13 is the oldest"),
        ({"encoding": "LATIN1"}, "ENCODING 'UTF8'"),
        ({"is_standby": True}, "Name all servers in the URL"),
        ({"schema": None, "may_create": False}, "CREATE SCHEMA AUTHORIZATION"),
        ({"may_create": False}, "may not make tables"),
        ({"locked": 2, "foreign": 2}, "let it own them"),
        ({"free": 0}, "raise max_connections"),
    ],
)
def test_a_mistake_is_named_with_the_next_step(
    usual: ServerFacts, change: dict[str, Any], said: str
) -> None:
    [mistake] = server_mistakes("db", usual._replace(**change))

    assert said in mistake


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"foreign": 1}, "does not own the tables"),
        ({"free": 3}, "open 3 more connections"),
        ({"waits": True, "commit": "local"}, "does not wait for the standby"),
        ({"commit": "off"}, "switches it on"),
    ],
)
def test_what_may_fail_one_day_is_a_warning(
    usual: ServerFacts, change: dict[str, Any], said: str
) -> None:
    fine: dict[str, Any] = {"commit": "on", "free": 50}
    [warning] = server_warnings(usual._replace(**{**fine, **change}))

    assert said in warning


def test_a_user_without_a_schema_is_found(postgresql: Postgres, database: str) -> None:
    found = facts_at(postgresql, database)

    assert (found.schema, found.may_create) == (None, False)


def test_a_user_that_owns_nothing_but_its_schema_will_do(
    postgresql: Postgres, database: str
) -> None:
    found = facts_at(postgresql, database, SCHEMA)

    assert list(server_mistakes("db", found)) == []
    assert found.schema == "least"


def test_tables_of_somebody_else_are_found(postgresql: Postgres, database: str) -> None:
    found = facts_at(postgresql, database, SCHEMA, "CREATE TABLE least.state (name text)")

    assert (found.foreign, found.locked) == (1, 1)


def test_a_limit_of_connections_is_found(postgresql: Postgres, database: str) -> None:
    found = facts_at(postgresql, database, SCHEMA, "ALTER ROLE least CONNECTION LIMIT 2")

    assert found.free == 1
