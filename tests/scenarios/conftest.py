"""A world for every scenario, with its tenant on each engine."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.world import World, tenants_on_a_server


@pytest.fixture(autouse=True, params=["sqlite", "postgresql"])
def engine(request):
    """Have the tenants of a test on each engine; ``tests/scenarios/engines`` says how one alone is chosen."""
    with ExitStack() as stack:
        if request.param == "postgresql":
            lent = request.getfixturevalue("postgresql").databases()
            stack.enter_context(tenants_on_a_server(stack.enter_context(lent)))
        yield request.param


@pytest.fixture
def world(tmp_path):
    with World(tmp_path / "var") as world:
        yield world


@pytest.fixture
def world_with(tmp_path):
    """Make a world with settings of its own: ``world_with(tenant={"resiliency": False})``."""
    worlds: list[World] = []

    def make(**sections):
        worlds.append(World(tmp_path / f"var{len(worlds)}", **sections).__enter__())
        return worlds[-1]

    yield make
    for world in worlds:
        world.__exit__()
