"""Databases: what a transaction keeps, and what is said when a file cannot be used."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from connector.database import copy_database, immediate, open_database
from connector.errors import StorageUnusable


@pytest.fixture
def database(tmp_path):
    opened = open_database(tmp_path / "connector-space.db", "staging")
    yield opened
    opened.close()


def put(database, *given):
    rows = ((name,) for name in given)
    database.conn.executemany("INSERT INTO state VALUES (?, '')", rows)


def names(database):
    return [name for (name,) in database.conn.execute("SELECT name FROM state ORDER BY name")]


def test_a_transaction_that_fails_keeps_nothing(database):
    with pytest.raises(sqlite3.ProgrammingError), immediate(database):
        put(database, "lost", object())

    assert names(database) == []


def test_a_writer_waits_for_another_instead_of_failing_at_once(tmp_path, database):
    """A deferred transaction that reads first would get SQLITE_BUSY_SNAPSHOT without any waiting."""
    other = open_database(tmp_path / "connector-space.db", "staging")
    reading = threading.Event()

    def write():
        with immediate(other):
            reading.set()
            put(other, "other")

    writer = threading.Thread(target=write)
    names(database)
    writer.start()
    reading.wait(5)
    with immediate(database):
        seen = names(database)
        put(database, "mine")
    writer.join(5)
    other.close()

    assert (seen, names(database)) == (["other"], ["mine", "other"])


def test_a_bug_in_the_program_is_not_told_as_a_broken_disk(database):
    with pytest.raises(sqlite3.IntegrityError), immediate(database):
        put(database, "twice", "twice")


def test_a_database_without_room_says_so_and_keeps_what_was_there(tmp_path, database):
    with immediate(database):
        put(database, "kept")
    pages = database.conn.execute("PRAGMA page_count").fetchone()[0]
    database.conn.execute(f"PRAGMA max_page_count={pages}")

    with pytest.raises(StorageUnusable, match="connector-space.db.*full"), immediate(database):
        put(database, *(f"{number} {'x' * 100}" for number in range(10_000)))

    assert names(database) == ["kept"]


def test_opening_twice_migrates_once(tmp_path, database):
    with immediate(database):
        put(database, "kept")

    again = open_database(tmp_path / "connector-space.db", "staging")

    assert names(again) == ["kept"]
    again.close()


def test_a_copy_of_a_database_in_use_is_whole_and_holds_what_was_committed(tmp_path, database):
    with immediate(database):
        put(database, "committed")
    with immediate(database):
        put(database, "not yet")
        copy_database(tmp_path / "connector-space.db", tmp_path / "copy.db")
        copy = sqlite3.connect(tmp_path / "copy.db")
        found = copy.execute("SELECT name FROM state").fetchall()
        copy.close()

    assert found == [("committed",)]


def test_a_reader_writes_nothing(tmp_path, database):
    reader = open_database(tmp_path / "connector-space.db", "staging", read_only=True)

    with pytest.raises(StorageUnusable, match="readonly"), immediate(reader):
        put(reader, "never")
    reader.close()


def test_the_files_are_for_their_owner_alone(tmp_path, database):
    modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}

    assert set(modes.values()) == {0}
