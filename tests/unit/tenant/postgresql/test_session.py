"""Connections are lost, writers meet, and nothing is lost or done twice."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from connector.errors import QueryTooLong, StorageUnusable
from connector.tenant.postgresql.rehearsed import RehearsedSession
from connector.tenant.postgresql.server import open_connection, server_at
from connector.tenant.postgresql.session import Session
from connector.tenant.service import open_tenant
from tests.unit.tenant.verbs import World, user
from tests.waiting import beside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.tenant.postgresql.server import Server
    from tests.postgresql import Postgres


@pytest.fixture
def server(postgresql: Postgres) -> Iterator[Server]:
    with postgresql.database() as found:
        yield found


def server_of(world: World) -> Server:
    assert not isinstance(world.place, Path)
    return world.place


def end_connections(server: Server) -> None:
    """End all connections to a database, as a restart of its server does."""
    with open_connection(server) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_batch_goes_on_after_its_connection_was_lost(make_world: Callable[..., World]) -> None:
    world = make_world()
    world.export(user("ann"))
    end_connections(server_of(world))

    [result] = world.export(user("bob"))

    assert result.action == "added"
    assert [item["displayName"] for item in world.tenant.objects()] == ["Ann", "Bob"]


def test_a_batch_that_breaks_off_leaves_no_trace(make_world: Callable[..., World]) -> None:
    world = make_world()
    world.export(user("ann"))
    before = list(world.tenant.objects())
    run(
        world,
        "CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RAISE EXCEPTION 'crash'; END $$",
    )
    run(
        world,
        "CREATE TRIGGER crash BEFORE INSERT ON claim FOR EACH ROW "
        "WHEN (NEW.key = 'eve@contoso.com') EXECUTE FUNCTION crash()",
    )

    with pytest.raises(psycopg.errors.RaiseException, match="crash"):
        world.tenant.export("two", [user("ann", "new@contoso.com"), user("eve")])
    run(world, "DROP FUNCTION crash CASCADE")

    assert list(world.tenant.objects()) == before
    assert world.tenant.results("two") is None


def run(world: World, sql: str) -> None:
    with open_connection(server_of(world)) as connection:
        connection.execute(sql.encode())


def test_writers_of_one_tenant_wait_for_each_other(server: Server) -> None:
    worlds = [World(server) for _ in range(3)]

    def export(number: int) -> None:
        for batch in range(5):
            items = [user(f"w{number}-{batch}-{n}", f"u{n}@contoso.com") for n in range(20)]
            worlds[number].tenant.export(f"{number}-{batch}", items)

    with beside(*(partial(export, number) for number in range(3))):
        pass
    upns = [item["userPrincipalName"] for item in worlds[0].tenant.objects("user")]
    for world in worlds:
        world.close()

    assert len(upns) == len(set(upns)) == 300
    assert sorted(upn for upn in upns if upn.endswith("@contoso.com")) == sorted(
        f"u{n}@contoso.com" for n in range(20)
    )


def test_a_stream_shows_one_state_whatever_is_written(make_world: Callable[..., World]) -> None:
    world = make_world()
    world.export(*(user(f"u{n:04}") for n in range(1100)))
    stream = world.tenant.objects()
    first = next(stream)

    world.export(user("u0000", displayName="Zoe"), user("u9999"))

    assert first["displayName"] == "U0000"
    assert [item["displayName"] for item in stream] == [f"U{n:04}" for n in range(1, 1100)]


def test_a_question_that_takes_too_long_is_given_up(server: Server) -> None:
    session = Session(server)
    with (
        pytest.raises(QueryTooLong, match=r"longer than 0\.05 s"),
        session.limited(0.05),
    ):
        session.rows("SELECT pg_sleep(20)")
    answer = session.rows("SELECT 1")
    session.close()

    assert answer == [(1,)]


def test_a_server_that_is_not_there_is_named_without_its_password(
    make_world: Callable[..., World], tmp_path: Any
) -> None:
    world = make_world()
    nowhere = server_at(f"postgresql://me:secret@/db?host={tmp_path}")

    with pytest.raises(StorageUnusable, match="^postgresql://me@/db: ") as caught:
        open_tenant(nowhere, world.settings)

    assert "secret" not in f"{caught.value}{nowhere!r}{caught.value.__cause__}"


@pytest.mark.parametrize("kind", [Session, RehearsedSession])
def test_the_server_is_told_to_notice_a_machine_that_vanished(
    kind: type[Session], server: Server
) -> None:
    asked = "SELECT DISTINCT source FROM pg_settings WHERE name ~ '^tcp_keepalives'"
    with closing(kind(server)) as session:
        reads = session.rows(asked)
        with session.transaction():
            writes = session.rows(asked)

    assert (reads, writes) == ([("session",)], [("session",)])


def test_a_session_that_was_closed_connects_no_more(server: Server) -> None:
    session = Session(server)
    session.rows("SELECT 1")
    session.close()

    with pytest.raises(psycopg.InterfaceError, match="closed"):
        session.rows("SELECT 1")

    assert session.processes() == []
