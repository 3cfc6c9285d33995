"""A world with a conflict, for lines of cmdlets."""

from __future__ import annotations

import pytest

from tests.world import World


@pytest.fixture
def world(tmp_path):
    """Ann holds the UPN that Bob wants; Carl and a desk are at peace."""
    with World(tmp_path / "var") as world:
        world.user("ann", upn="joe@contoso.com")
        world.user("carl")
        world.sync()
        world.user("bob", upn="joe@contoso.com")
        world.group("desk")
        world.sync()
        yield world
