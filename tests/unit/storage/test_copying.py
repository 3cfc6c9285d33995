"""A copy of a database names the file that is at fault."""

import sqlite3
from contextlib import closing

import pytest

from connector.errors import StorageUnusable
from connector.storage.copying import copy_database


def test_a_source_that_cannot_be_read_is_named_rather_than_the_copy(tmp_path):
    source = tmp_path / "tenant.db"
    with closing(sqlite3.connect(source)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE object (number)")
    (tmp_path / "tenant.db-wal").mkdir()

    with pytest.raises(StorageUnusable) as refused:
        copy_database(source, tmp_path / "copy.db")

    assert str(refused.value).startswith(f"{source}: ")


def test_a_copy_that_cannot_be_written_is_named(tmp_path):
    source, target = tmp_path / "tenant.db", tmp_path / "missing" / "copy.db"
    sqlite3.connect(source).close()

    with pytest.raises(OSError, match="copy.db"):
        copy_database(source, target)
