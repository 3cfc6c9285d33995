"""An administrator repairs a match: a new entry takes over the user of an old one."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from tests.world import World

if TYPE_CHECKING:
    from pathlib import Path

GUID = bytes(range(16, 32))
ANCHOR = b64encode(GUID).decode()
OLD: dict[str, Any] = {"mS-DS-ConsistencyGuid": bytes(range(16))}
NEW: dict[str, Any] = {"mS-DS-ConsistencyGuid": GUID}


def test_recreated_entry_gets_the_user_of_the_deleted_one_back(tmp_path: Path) -> None:
    """The account was deleted on-premises and made anew: it has another anchor, and a user beside."""
    with World(tmp_path / "var") as world:
        world.user("keep")
        entry = world.user("ann", **OLD)
        world.sync()
        ann = world.cloud["Ann"]["id"]
        world.directory.remove(entry)
        world.sync()
        world.user("ann", **NEW)
        world.sync()
        administrator = world.tenant.administrator
        assert world.cloud["Ann"]["id"] != ann

        administrator.delete(world.cloud["Ann"]["id"], hard=True)
        administrator.restore(ann)
        administrator.match(ann, ANCHOR)
        run = world.sync()

        assert run.result == "success"
        assert world.cloud["Ann"]["id"] == ann
        assert world.cloud["Ann"]["onPremisesSyncEnabled"] is True
        assert sorted(world.cloud) == ["Ann", "Keep"]
        assert world.sync().result == "success"


def test_synchronized_user_goes_over_to_another_entry(tmp_path: Path) -> None:
    """The old entry has no user then, and gets a new one beside."""
    with World(tmp_path / "var") as world:
        world.user("ann", **OLD)
        world.sync()
        ann = world.cloud["Ann"]["id"]
        world.user("bob", **NEW)

        world.tenant.administrator.match(ann, ANCHOR)
        world.sync()

        assert world.cloud["Bob"]["id"] == ann
        assert world.cloud["Ann"]["id"] != ann
        assert world.errors() == []
