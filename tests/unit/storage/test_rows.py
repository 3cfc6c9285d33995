"""Many rows are written in few statements, while the next ones are made."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from connector.storage.rows import at_once, insert, update, writing_behind

MANY = 3000


@pytest.fixture
def connection():
    opened = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    opened.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
    yield opened
    opened.close()


def things(numbers, name="new"):
    return [(number, name) for number in numbers]


def stored(connection):
    return connection.execute("SELECT id, name FROM thing ORDER BY id").fetchall()


@pytest.mark.parametrize("names", [[], ["[]"], ['{"a":"\\u001e\\u001f"}', "", "{}"]])
def test_rows_that_come_as_one_are_what_they_were(connection, names):
    insert(connection, "thing", list(enumerate(names)))
    select = "SELECT json_array(id, NULL, char(30) || id), name FROM thing ORDER BY id"

    found = at_once(connection, select)

    assert found == [[n, None, f"\x1e{n}", name] for n, name in enumerate(names)]


@pytest.mark.parametrize("number", [0, 1, 3, 4, 5, 1023, 1024, 1025, MANY])
def test_every_row_is_inserted_once_however_many_there_are(connection, number):
    insert(connection, "thing (id, name)", things(range(number)))

    assert stored(connection) == things(range(number))


@pytest.mark.parametrize("number", [0, 1, 5, 1025])
def test_every_row_is_updated_once_however_many_there_are(connection, number):
    insert(connection, "thing", things(range(number + 2), "old"))

    update(connection, "thing", ["name"], things(range(number)))

    assert stored(connection) == things(range(number)) + things([number, number + 1], "old")


def test_a_row_that_is_there_is_treated_as_asked(connection):
    insert(connection, "thing", things(range(10), "old"))

    insert(
        connection, "thing", things(range(5, 15)), "ON CONFLICT DO UPDATE SET name = excluded.name"
    )

    assert stored(connection) == things(range(5), "old") + things(range(5, 15))


def test_a_row_that_is_there_is_an_error_otherwise(connection):
    insert(connection, "thing", things([7]))

    with pytest.raises(sqlite3.IntegrityError):
        insert(connection, "thing", things(range(MANY)))


def test_who_asks_for_the_connection_finds_all_that_was_written_behind(connection):
    with writing_behind(connection) as behind:
        behind.insert("thing", things(range(MANY)))
        behind.insert("thing", things(range(MANY, MANY + 5)))

        assert stored(behind.catch_up()) == things(range(MANY + 5))


def test_all_is_written_when_the_block_ends(connection):
    with writing_behind(connection) as behind:
        behind.insert("thing", things(range(MANY)))

    assert stored(connection) == things(range(MANY))


def test_what_fails_behind_is_raised_at_the_latest_when_the_block_ends(connection):
    insert(connection, "thing", things([MANY - 1]))

    with pytest.raises(sqlite3.IntegrityError), writing_behind(connection) as behind:
        behind.insert("thing", things(range(MANY)))


def test_a_block_that_fails_ends_after_its_writes(connection):
    def fail():
        with writing_behind(connection) as behind:
            behind.insert("thing", things(range(MANY)))
            raise ZeroDivisionError

    connection.execute("BEGIN")
    with pytest.raises(ZeroDivisionError):
        fail()
    connection.execute("ROLLBACK")

    assert stored(connection) == []


def test_a_few_rows_start_no_thread(connection):
    before = threading.active_count()

    with writing_behind(connection) as behind:
        behind.insert("thing", things(range(10)))
        during = threading.active_count()

    assert during == before
