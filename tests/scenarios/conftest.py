"""A world for every scenario."""

from __future__ import annotations

import pytest

from tests.world import World


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
