"""The tenant's file may lie elsewhere: all that uses it finds it there, and nothing makes another one."""

from __future__ import annotations

import pytest

from connector.operations import cloud, requests
from connector.operations.rehearsal import rehearse
from connector.storage.restore import opened, restore
from tests.scenarios.engines import ON_A_FILE
from tests.world import World

pytestmark = ON_A_FILE


@pytest.fixture
def world(tmp_path):
    database = tmp_path / "shared" / "cloud.db"
    with World(tmp_path / "var", tenant={"database": database}) as made:
        made.user("ann")
        made.sync()
        yield made


def files(tmp_path):
    return sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.db"))


def test_a_sync_makes_no_tenant_in_the_storage_folder(world, tmp_path):
    assert files(tmp_path) == ["shared/cloud.db", "var/connector-space.db"]
    assert list(world.cloud) == ["Ann"]


def test_a_rehearsal_leaves_the_tenant_as_it_is(world):
    world.user("bob")

    rehearsal = rehearse(world.settings, directory=world.directory)

    assert [change["name"] for change in rehearsal.changes] == ["Bob"]
    assert list(world.cloud) == ["Ann"]


def test_a_rewind_takes_the_tenant_back_where_it_is(world):
    cloud.snapshot(world.parts, name="start")
    world.user("bob")
    world.sync()

    cloud.rewind(world.parts, name="start")

    assert list(world.cloud) == ["Ann"]


def test_a_restore_replaces_the_tenant_where_it_is(world, tmp_path):
    requests.backup(world.parts, path=str(tmp_path / "copy"))
    world.user("bob")
    world.sync()
    world.stop()

    with opened(tmp_path / "copy") as copies:
        restore(tmp_path / "var", copies, tenant=world.settings.tenant.database)

    with World(tmp_path / "var", tenant={"database": world.settings.tenant.database}) as again:
        assert list(again.cloud) == ["Ann"]
