"""A first import makes the indexes at its end; whatever happens, they are there afterwards."""

from __future__ import annotations

import pytest


def indexes(stage):
    return stage.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name")


def test_a_first_import_leaves_every_index(stage):
    before = indexes(stage)
    stage.directory.group("staff", [stage.directory.user("ann")])

    stage.read()

    assert indexes(stage) == before
    assert stage.rows("PRAGMA integrity_check") == ["ok"]


def test_a_first_import_that_breaks_off_leaves_every_index(stage, monkeypatch):
    before = indexes(stage)
    stage.directory.user("ann")
    monkeypatch.setattr("connector.staging.imports.make_indexes", _fail)

    with pytest.raises(OSError, match="full"):
        stage.read()

    assert indexes(stage) == before
    assert stage.rows("SELECT * FROM entry") == []


def _fail(*_):
    raise OSError("the disk is full")
