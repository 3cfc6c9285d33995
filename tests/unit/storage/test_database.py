"""Databases: transactions keep their promises, and an unusable file gives a clear error."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from connector.errors import StorageUnusable
from connector.model import Batch
from connector.staging.exports import ExportQueue
from connector.storage.copying import copy_database
from connector.storage.database import immediate, open_database, unusable
from connector.tenant.sqlite.store import Store


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
    """A deferred transaction that reads first would get SQLITE_BUSY_SNAPSHOT at once."""
    other = open_database(tmp_path / "connector-space.db", "staging")
    reading = threading.Event()

    def write():
        with immediate(other):
            reading.set()
            put(other, "other")

    writer = threading.Thread(target=write)
    names(database)
    writer.start()
    reading.wait(60)
    with immediate(database):
        seen = names(database)
        put(database, "mine")
    writer.join(60)
    other.close()

    assert (seen, names(database)) == (["other"], ["mine", "other"])


def test_a_writer_that_is_told_to_stop_waits_for_another_a_moment_only(tmp_path, database):
    other = open_database(tmp_path / "connector-space.db", "staging")
    database.patience, database.stop = 100.0, lambda: True
    began = time.monotonic()

    with immediate(other), pytest.raises(StorageUnusable, match="locked"), immediate(database):
        pass
    other.close()

    assert time.monotonic() - began < 50


def test_a_bug_in_the_program_is_not_told_as_a_broken_disk(database):
    with pytest.raises(sqlite3.IntegrityError), immediate(database):
        put(database, "twice", "twice")


def test_a_read_that_failed_once_is_not_told_as_damage(tmp_path, database):
    sound, damaged = tmp_path / "connector-space.db", tmp_path / "damaged.db"
    damaged.write_bytes(b"no database" * 1000)
    error = sqlite3.DatabaseError("database disk image is malformed")

    told = [str(unusable(path, error)) for path in (sound, damaged, Path("storage.path"))]

    assert ["start with an empty one" in text for text in told] == [False, True, False]
    assert "A read failed; the file itself is not known to be damaged. Run it again" in told[0]


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


def test_a_batch_that_was_noted_before_an_upgrade_is_known_after_it(tmp_path):
    """The earlier version noted one batch; this one notes two."""
    with closing(open_database(tmp_path / "space.db", "staging")) as space:
        older(space, "0003_batches")
        space.conn.execute('INSERT INTO state VALUES (\'export-batch\', \'["one", ["a", "b"]]\')')
        space.conn.commit()
    with closing(open_database(tmp_path / "tenant.db", "tenant")) as tenant:
        older(tenant, "0002_batches")
        older(tenant, "0007_owners")
        for table in ("batch", "client", "taken"):
            tenant.conn.execute(f"DROP TABLE {table}")
        tenant.conn.execute("ALTER TABLE object DROP COLUMN owner")
        tenant.conn.execute("INSERT INTO state VALUES ('batch', 'one'), ('results', '[]')")
        tenant.conn.commit()

    with closing(open_database(tmp_path / "space.db", "staging")) as space:
        assert ExportQueue(space).batches() == [Batch("one", ["a", "b"])]
    with closing(open_database(tmp_path / "tenant.db", "tenant")) as tenant:
        assert Store(tenant).results_of("one") == "[]"


def older(database, migration):
    """Make a database forget its migrations up to here."""
    database.conn.execute("DELETE FROM _sqlite_migrations WHERE name = ?", [migration])
