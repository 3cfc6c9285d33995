"""A snapshot holds both databases; a rewind is complete, even after an interruption."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from connector.errors import StorageUnusable, TenantRefused
from connector.settings import TenantSettings
from connector.staging.space import ConnectorSpace
from connector.storage import snapshots
from connector.tenant.service import open_tenant

SETTINGS = TenantSettings(initial_domain="contoso.onmicrosoft.com", random_seed=1)


class Storage:
    """A storage folder with both databases open, and a number that each of them holds."""

    def __init__(self, path):
        self.path = path
        self.space = ConnectorSpace.open(path)
        self.tenant = open_tenant(path / "tenant.db", SETTINGS)

    def write(self, number):
        self.space.note("number", str(number))
        group = {"displayName": str(number)}
        self.tenant.administrator.add("group", group)

    def read(self):
        return (
            self.space.state.get("number"),
            [item["displayName"] for item in self.tenant.objects()],
        )

    def rewind(self, name):
        return snapshots.rewind(self.path, name, space=self.space, tenant=self.tenant)

    def close(self):
        self.space.close()
        self.tenant.close()


@pytest.fixture
def storage(tmp_path):
    with closing(Storage(tmp_path)) as storage:
        storage.write(1)
        yield storage


def test_a_rewind_takes_both_databases_back(storage):
    taken = snapshots.take(storage.path, "start")
    storage.write(2)
    changed = storage.read()

    found = storage.rewind("start")

    assert found == taken
    assert changed == ("2", ["1", "2"])
    assert storage.read() == ("1", ["1"])


def test_a_snapshot_can_be_gone_back_to_again_and_again(storage):
    snapshots.take(storage.path, "start")
    seen = []
    for number in (2, 3):
        storage.write(number)
        storage.rewind("start")
        seen.append(storage.read())

    assert seen == [("1", ["1"])] * 2


def test_a_rewind_goes_forward_too(storage):
    snapshots.take(storage.path, "early")
    storage.write(2)
    snapshots.take(storage.path, "late")
    storage.rewind("early")

    storage.rewind("late")

    assert storage.read() == ("2", ["1", "2"])


def test_who_reads_while_it_is_rewound_sees_one_state_or_the_other(storage):
    snapshots.take(storage.path, "start")
    storage.write(2)
    with closing(open_tenant(storage.path / "tenant.db", SETTINGS, read_only=True)) as reader:
        listing = reader.objects()
        first = next(listing)
        storage.rewind("start")

        assert [first["displayName"], *(item["displayName"] for item in listing)] == ["1", "2"]
        assert [item["displayName"] for item in reader.objects()] == ["1"]


def test_a_rewind_that_a_crash_interrupts_is_finished_at_the_next_start(storage, monkeypatch):
    snapshots.take(storage.path, "start")
    storage.write(2)

    def crash(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(storage.tenant, "rewind", crash)
    with pytest.raises(KeyboardInterrupt):
        storage.rewind("start")
    between = storage.read()
    monkeypatch.undo()

    snapshots.finish_rewind(storage.path, space=storage.space, tenant=storage.tenant)

    assert between == ("1", ["1", "2"])
    assert storage.read() == ("1", ["1"])
    assert not (storage.path / snapshots.REWINDING).exists()


def gone(snapshot):
    shutil.rmtree(snapshot.path)


def damaged_tenant(snapshot):
    (snapshot.path / "tenant.db").write_bytes(b"not a database" * 1000)


def without_tenant(snapshot):
    (snapshot.path / "tenant.db").unlink()


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (gone, "snapshots/start is not there, or not whole"),
        (damaged_tenant, r"start/tenant\.db: file is not a database"),
        (without_tenant, "snapshots/start is not there, or not whole"),
    ],
)
def test_a_rewind_that_cannot_be_finished_changes_nothing_and_says_what_can_be_done(
    storage, happens, reason
):
    snapshots.take(storage.path, "early")
    taken = snapshots.take(storage.path, "start")
    storage.write(2)
    (storage.path / snapshots.REWINDING).write_text("start")
    happens(taken)

    with pytest.raises(StorageUnusable, match=reason) as raised:
        snapshots.finish_rewind(storage.path, space=storage.space, tenant=storage.tenant)

    assert "there are: early" in str(raised.value)
    assert "connector tenant rewind --forget" in str(raised.value)
    assert storage.read() == ("2", ["1", "2"])


@pytest.mark.parametrize(
    "note", [b"", b"../snapshots/start", b"/etc", b"..", b"start\n", b"\xff\xfe", b"x" * 100_000]
)
def test_a_note_that_names_no_snapshot_is_damaged(storage, note):
    snapshots.take(storage.path, "start")
    storage.write(2)
    (storage.path / snapshots.REWINDING).write_bytes(note)

    with pytest.raises(StorageUnusable, match=r"rewinding is damaged: .*there are: start\)"):
        snapshots.finish_rewind(storage.path, space=storage.space, tenant=storage.tenant)

    assert storage.read() == ("2", ["1", "2"])


def test_another_snapshot_can_be_gone_back_to_instead(storage):
    snapshots.take(storage.path, "early")
    storage.write(2)
    (storage.path / snapshots.REWINDING).write_text("lost")

    storage.rewind("early")

    assert storage.read() == ("1", ["1"])
    assert not (storage.path / snapshots.REWINDING).exists()


def test_a_rewind_is_forgotten_once(storage):
    (storage.path / snapshots.REWINDING).write_text("lost")

    forgotten = [snapshots.forget_rewind(storage.path) for _ in range(2)]

    assert forgotten == [True, False]
    assert storage.read() == ("1", ["1"])


def test_a_rewind_that_fails_before_anything_changed_leaves_no_note(storage, monkeypatch):
    snapshots.take(storage.path, "start")

    def fail(_: object) -> None:
        raise StorageUnusable("the disk is full.")

    monkeypatch.setattr(storage.space, "rewind", fail)
    with pytest.raises(StorageUnusable, match="the disk is full"):
        storage.rewind("start")

    assert not (storage.path / snapshots.REWINDING).exists()


def test_a_rewind_that_fails_between_the_two_says_how_to_go_on(storage, monkeypatch):
    snapshots.take(storage.path, "start")

    def fail(_: object) -> None:
        raise StorageUnusable("the disk is full.")

    monkeypatch.setattr(storage.tenant, "rewind", fail)
    with pytest.raises(StorageUnusable, match=r"full\. The connector space is back at start"):
        storage.rewind("start")

    assert (storage.path / snapshots.REWINDING).read_text() == "start"


def test_nothing_is_rewound_where_no_rewind_is_noted(storage):
    snapshots.take(storage.path, "start")
    storage.write(2)

    snapshots.finish_rewind(storage.path, space=storage.space, tenant=storage.tenant)

    assert storage.read() == ("2", ["1", "2"])


def test_the_tenants_clock_goes_back_too(storage):
    snapshots.take(storage.path, "start")
    storage.tenant.clock.advance(timedelta(hours=1))

    storage.rewind("start")

    assert not storage.tenant.clock.ahead()


def test_a_tenant_that_is_rewound_follows_the_domains_of_the_settings(tmp_path):
    with closing(Storage(tmp_path)):
        snapshots.take(tmp_path, "start")
    tenant = open_tenant(
        tmp_path / "tenant.db", SETTINGS.model_copy(update={"verified_domains": ("new.example",)})
    )
    with closing(tenant), closing(ConnectorSpace.open(tmp_path)) as space:
        snapshots.rewind(tmp_path, "start", space=space, tenant=tenant)

        assert tenant.administrator.has_followed_domains()


def test_snapshots_are_listed_and_nothing_else_is(storage):
    for name in ("b", "a.1"):
        snapshots.take(storage.path, name)
    (storage.path / "snapshots" / ".c.partial-x").mkdir()
    (storage.path / "snapshots" / "empty").mkdir()

    listed = snapshots.listed(storage.path)

    assert {(one.name, one.path) for one in listed} == {
        (name, storage.path / "snapshots" / name) for name in ("b", "a.1")
    }
    assert listed == sorted(listed, key=lambda one: one.created)


def test_there_are_no_snapshots_at_first(tmp_path):
    assert snapshots.listed(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", ".hidden", "a b", "\u00e9", "x" * 65]
)
def test_a_name_is_no_path(storage, name):
    with pytest.raises(TenantRefused, match="is not a name for a snapshot"):
        snapshots.take(storage.path, name)
    with pytest.raises(TenantRefused, match="is not a name for a snapshot"):
        storage.rewind(name)

    assert snapshots.listed(storage.path) == []


def test_a_name_that_is_taken_is_refused(storage):
    snapshots.take(storage.path, "start")

    with pytest.raises(TenantRefused, match="There is a snapshot start already"):
        snapshots.take(storage.path, "start")


def test_an_unknown_name_is_refused_with_those_there_are(storage):
    snapshots.take(storage.path, "start")

    with pytest.raises(TenantRefused, match=r"no snapshot end\. There are: start\."):
        storage.rewind("end")


def test_a_damaged_snapshot_changes_nothing(storage):
    file = snapshots.take(storage.path, "start").path / "tenant.db"
    file.write_bytes(b"not a database" * 1000)
    storage.write(2)

    with pytest.raises(StorageUnusable, match=r"start/tenant\.db"):
        storage.rewind("start")

    assert storage.read() == ("2", ["1", "2"])


def test_a_snapshot_of_a_newer_version_changes_nothing(storage):
    file = snapshots.take(storage.path, "start").path / "tenant.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE _sqlite_migrations SET name = '9999_new' WHERE rowid = 1")
    storage.write(2)

    with pytest.raises(StorageUnusable, match="newer version"):
        storage.rewind("start")

    assert storage.read() == ("2", ["1", "2"])
