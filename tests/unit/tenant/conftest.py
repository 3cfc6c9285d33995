"""A tenant of its own for every test, on each engine."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.tenant.verbs import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from connector.tenant.postgresql.server import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make_world(
    tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> Iterator[Callable[..., World]]:
    with ExitStack() as stack:
        made = 0

        def make(**settings: Any) -> World:
            nonlocal made
            made += 1
            place: Path | Server
            if engine == "sqlite":
                place = tmp_path / f"tenant{made}.db"
            else:
                place = stack.enter_context(request.getfixturevalue("postgresql").database())
            world = World(place, **settings)
            stack.callback(world.close)
            return world

        yield make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
