"""A rehearsal on a server keeps nothing, whatever happens to it."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from connector.errors import StorageUnusable
from connector.tenant.postgresql.rehearsed import RehearsedSession
from connector.tenant.postgresql.server import open_connection
from connector.tenant.postgresql.session import Session
from tests.waiting import beside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.tenant.postgresql.server import Server
    from tests.postgresql import Postgres

SECONDS = 20.0
NOTE = "INSERT INTO state (name, value) VALUES ('noted', 'yes')"
NOTED = "SELECT count(*) FROM state WHERE name = 'noted'"


@pytest.fixture
def server(postgresql: Postgres) -> Iterator[Server]:
    with postgresql.database() as found:
        yield found


def noted(server: Server) -> list[tuple[int]]:
    with open_connection(server) as connection:
        return list(connection.execute(NOTED).fetchall())


def test_what_was_done_is_seen_until_the_end_and_undone_then(server: Server) -> None:
    with closing(RehearsedSession(server)) as session:
        with session.transaction():
            session.run(NOTE)
        seen = session.rows(NOTED)

    assert (seen, noted(server)) == ([(1,)], [(0,)])


def test_a_lost_connection_ends_it_and_keeps_nothing(server: Server) -> None:
    with closing(RehearsedSession(server)) as session:
        with session.transaction():
            session.run(NOTE)
        [number, *_] = session.processes()
        with open_connection(server) as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", (number,))
        for _ in range(2):
            with pytest.raises(StorageUnusable), session.transaction():
                session.run(NOTE)

    assert noted(server) == [(0,)]


def test_it_gives_way_in_the_middle_of_what_takes_long(server: Server) -> None:
    began = threading.Event()

    def write() -> None:
        assert began.wait(SECONDS)
        with closing(Session(server)) as writer, writer.transaction():
            writer.run(NOTE)

    def rehearse(session: RehearsedSession) -> None:
        deadline = time.monotonic() + SECONDS
        with session.transaction():
            began.set()
            while time.monotonic() < deadline:
                session.rows(NOTED)

    with beside(write), closing(RehearsedSession(server)) as session:
        with pytest.raises(StorageUnusable, match="gave way"):
            rehearse(session)
        gave_way = session.gave_way

    assert (gave_way, noted(server)) == (True, [(1,)])


def test_a_server_that_ends_idle_transactions_leaves_it_alone(server: Server) -> None:
    with open_connection(server) as connection:
        name = connection.info.dbname
        connection.execute(
            f"ALTER DATABASE {name} SET idle_in_transaction_session_timeout = 100".encode()
        )
    with closing(RehearsedSession(server)) as session:
        with session.transaction():
            session.run(NOTE)
        time.sleep(0.5)  # the directory is read in between
        seen = session.rows(NOTED)

    assert seen == [(1,)]


def test_it_does_not_begin_while_another_writer_is_at_work(server: Server) -> None:
    with (
        closing(Session(server)) as writer,
        writer.transaction(),
        pytest.raises(StorageUnusable) as refused,
    ):
        RehearsedSession(server)

    assert refused.value.reason == "locked"
