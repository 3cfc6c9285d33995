"""What is done to a rehearsed database is seen through it, and never kept; nobody waits for it for long."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import suppress

import pytest

from connector.errors import StorageUnusable
from connector.storage import rehearsed
from connector.storage.database import immediate, open_database
from connector.storage.rehearsed import open_rehearsed

NAME = "connector-space.db"


@pytest.fixture
def database(tmp_path):
    """A database in use, in which stands what was there before."""
    opened = open_database(tmp_path / NAME, "staging")
    put(opened, "before")
    yield opened
    opened.close()


@pytest.fixture
def rehearsal(tmp_path, database):
    opened = open_rehearsed(tmp_path / NAME, "staging")
    assert opened is not None
    yield opened
    with suppress(sqlite3.ProgrammingError):  # it is closed
        opened.close()


def put(database, *given):
    with immediate(database) as connection:
        rows = ((name,) for name in given)
        connection.executemany("INSERT INTO state VALUES (?, '')", rows)


def names(database):
    return [name for (name,) in database.conn.execute("SELECT name FROM state ORDER BY name")]


def count_for_long(database):
    """Have one statement at work that ends when it is interrupted."""
    sql = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT max(n) FROM n"
    with immediate(database) as connection:
        connection.execute(sql).fetchall()


def test_nothing_is_kept_and_all_of_it_is_seen_until_the_end(tmp_path, database, rehearsal):
    put(rehearsal, "one")
    with immediate(rehearsal) as connection:
        connection.execute("CREATE TABLE other (n INTEGER) STRICT")
        connection.commit()
    put(rehearsal, "two")
    seen = names(rehearsal)
    rehearsal.close()

    tables = [name for (name,) in database.conn.execute("SELECT name FROM sqlite_schema")]
    assert seen == ["before", "one", "two"]
    assert names(database) == ["before"]
    assert "other" not in tables
    assert not list(tmp_path.glob("*-rehearsal"))


def test_a_transaction_that_fails_is_undone_alone(database, rehearsal):
    put(rehearsal, "kept")
    with pytest.raises(sqlite3.ProgrammingError):
        put(rehearsal, "lost", object())

    assert names(rehearsal) == ["before", "kept"]


def test_what_sqlite_has_undone_is_not_gone_on_with(database, rehearsal):
    """A savepoint without a transaction around it would be one, and be kept."""
    put(rehearsal, "one")
    rehearsal.conn.rollback()

    with pytest.raises(StorageUnusable):
        put(rehearsal, "two")
    assert names(database) == ["before"]


def test_a_writer_gets_its_turn_while_a_statement_is_at_work(monkeypatch, database, rehearsal):
    monkeypatch.setattr(rehearsed, "SECONDS", 0.0)
    put(rehearsal, "one")

    def write():
        put(database, "work")

    writer = threading.Thread(target=write)
    writer.start()
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        count_for_long(rehearsal)
    with suppress(StorageUnusable):
        put(rehearsal, "two")
    rehearsal.close()
    writer.join(60)

    assert rehearsal.is_given_up
    assert names(database) == ["before", "work"]


def test_it_keeps_its_turn_for_as_long_as_others_may_have_to_wait(database, rehearsal):
    put(rehearsal, "one")
    writer = threading.Thread(target=put, args=(database, "work"))
    writer.start()
    time.sleep(0.3)
    was_given_up = rehearsal.gives_way()
    rehearsal.close()
    writer.join(60)

    assert not was_given_up
    assert names(database) == ["before", "work"]


def test_it_does_not_wait_for_a_writer_that_takes_long(monkeypatch, database, rehearsal):
    monkeypatch.setattr(rehearsed, "SECONDS", 0.0)
    rehearsal.is_much = lambda: True
    with immediate(database), pytest.raises(StorageUnusable):
        put(rehearsal, "one")

    assert rehearsal.is_given_up


def test_a_database_whose_readers_would_have_to_wait_is_not_opened(tmp_path, database):
    database.conn.execute("PRAGMA journal_mode=DELETE")

    assert open_rehearsed(tmp_path / NAME, "staging") is None


def test_without_the_right_to_write_it_is_not_opened(monkeypatch, tmp_path, database):
    monkeypatch.setattr("os.access", lambda *_: False)

    assert open_rehearsed(tmp_path / NAME, "staging") is None
