"""A tenant of its own for every test, and the API over it without a server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from connector.assembly import Readers
from connector.settings import Settings
from connector.staging.space import ConnectorSpace
from connector.web.context import Context
from tests.unit.tenant.verbs import World
from tests.unit.web.graph.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Lent(Context):
    """Lends the tenant of a test, as it is now, in place of files."""

    def __init__(self, world: World, space: ConnectorSpace) -> None:
        settings = Settings.model_validate(
            {
                "directory": {"url": "ldap://localhost", "base_dn": "dc=contoso,dc=com"},
                "tenant": world.settings.model_dump(),
            }
        )
        super().__init__(settings, log=None, carry_out=None, clock=lambda: world.time)  # type: ignore[arg-type]
        self._world, self._space = world, space

    @contextmanager
    def reading(self, *, seconds: float = 10.0) -> Iterator[Readers]:
        yield Readers(self._space, self._world.tenant)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path / "tenant.db", known_issues=())
    yield found
    found.close()


@pytest.fixture
def graph(world: World) -> Iterator[Client]:
    space = ConnectorSpace.empty()
    yield Client(_Lent(world, space))
    space.close()
