"""A rehearsal keeps nothing, whoever else is at work, wherever the databases are and however it ends."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from contextlib import closing

import pytest

from connector.operations.rehearsal import rehearse
from connector.storage import rehearsed
from connector.storage.database import immediate
from tests.unit.tenant.verbs import sqlite_store
from tests.waiting import exit_code
from tests.world import World

SPACE, TENANT = "connector-space.db", "tenant.db"


@pytest.fixture
def world(tmp_path):
    """A world with a user in the tenant, and one who is to come."""
    with World(tmp_path / "var") as world:
        world.user("ann")
        world.sync()
        world.user("bob")
        yield world


class Heard:
    """A listener to the progress that does something at the first entries of each rehearsal."""

    def __init__(self, do):
        self._do = do

    def begin(self, what, total=None):
        """Hear that something begins."""

    def advance(self, count):
        self._do()

    def end(self):
        """Hear that it ends."""


def dump(file):
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def contents(world):
    return {file.name: dump(file) for file in world.settings.storage.path.glob("*.db")}


def files(world):
    return sorted(file.name for file in world.settings.storage.path.iterdir())


def names(rehearsal):
    return [change["name"] for change in rehearsal.changes]


def temporary(tmp_path, monkeypatch):
    """Have copies in a folder that can be looked at; return the folder."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_nothing_is_copied(tmp_path, monkeypatch, world):
    folder = temporary(tmp_path, monkeypatch)
    before, there = contents(world), files(world)
    seen = []

    def look():
        seen.append(list(folder.iterdir()))

    rehearsal = rehearse(world.settings, directory=world.directory, progress=Heard(look))

    assert names(rehearsal) == ["Bob"]
    assert seen
    assert not any(seen)
    assert (contents(world), files(world)) == (before, there)


def test_where_nothing_is_nothing_is_made(tmp_path, world):
    path = tmp_path / "none"
    storage = world.settings.storage.model_copy(update={"path": path})
    settings = world.settings.model_copy(update={"storage": storage})

    assert names(rehearse(settings, directory=world.directory)) == ["Ann", "Bob"]
    assert not path.exists()


@pytest.mark.parametrize("busy", ["space", "tenant"])
def test_where_a_writer_takes_long_it_works_on_a_copy(monkeypatch, world, busy):
    monkeypatch.setattr(rehearsed, "SECONDS", 0.0)
    before = contents(world)
    store = {"space": world.parts.space, "tenant": sqlite_store(world.tenant)}[busy]
    with immediate(store.database):
        found = names(rehearse(world.settings, directory=world.directory))

    assert found == ["Bob"]
    assert contents(world) == before


def test_it_gives_way_to_a_writer_and_begins_anew_on_a_copy(monkeypatch, world):
    monkeypatch.setattr(rehearsed, "SECONDS", 0.0)
    space, written = world.parts.space, threading.Event()

    def write():
        space.note("work", "done")
        written.set()

    writer = threading.Thread(target=write)

    def begin_to_write():
        if writer.ident is None:
            writer.start()
            written.wait(0.5)

    found = rehearse(world.settings, directory=world.directory, progress=Heard(begin_to_write))
    writer.join(60)

    assert names(found) == ["Bob"]
    assert space.state.get("work") == "done"
    assert world.sync().result == "success"


@pytest.mark.parametrize("entries", [1, 2])
def test_a_rehearsal_that_is_killed_leaves_all_as_it_was(world, entries):
    world.stop()
    before = contents(world)
    left = iter(range(entries))

    def die():
        if next(left, None) == entries - 1:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        rehearse(world.settings, directory=world.directory, progress=Heard(die))
        os._exit(0)
    code = exit_code(child)

    assert code == -signal.SIGKILL
    assert contents(world) == before
    world.restart()
    assert names(rehearse(world.settings, directory=world.directory)) == ["Bob"]
    assert not list(world.settings.storage.path.glob("*-rehearsal"))


def test_who_may_only_read_can_rehearse(tmp_path, monkeypatch, world):
    monkeypatch.setattr("os.access", lambda *_: False)
    before = contents(world)

    assert names(rehearse(world.settings, directory=world.directory)) == ["Bob"]
    assert contents(world) == before


@pytest.mark.parametrize("copied", [False, True])
def test_a_tenant_that_lies_elsewhere_is_left_as_it_was(tmp_path, monkeypatch, copied):
    elsewhere = tmp_path / "shared" / "tenant.db"
    elsewhere.parent.mkdir()
    with World(tmp_path / "var", tenant={"database": elsewhere}) as world:
        world.user("ann")
        before = dump(elsewhere)
        if copied:
            monkeypatch.setattr("os.access", lambda *_: False)

        assert names(rehearse(world.settings, directory=world.directory)) == ["Ann"]
        assert dump(elsewhere) == before
        assert not world.cloud
