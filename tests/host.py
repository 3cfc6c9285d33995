"""A host for cmdlets on the world of a scenario."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from connector.assembly import Readers
from connector.cmdlets.session import Session
from connector.errors import TenantRefused
from connector.operations import requests
from connector.operations.binding import request_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.assembly import Parts
    from connector.operations.binding import Answer
    from tests.world import World

P = ParamSpec("P")


class WorldHost:
    """Does in the world what ``connector.cli.cmdlet`` asks of the daemon."""

    def __init__(self, world: World) -> None:
        self.settings = world.settings
        self._world = world

    @contextmanager
    def reading(self) -> Iterator[Readers]:
        yield Readers(self._world.parts.space, self._world.parts.tenant)

    def perform(
        self,
        operation: Callable[Concatenate[Parts, P], Answer],
        *args: P.args,
        **arguments: P.kwargs,
    ) -> Answer:
        request = request_for(operation, *args, **arguments)
        answer = requests.perform(self._world.parts, request)
        if "error" in answer:
            raise TenantRefused(answer["error"])
        return answer

    def daemon(self) -> None:
        """There is none."""

    def stop_cycle(self) -> bool:
        return False


def run(world: World, line: str) -> list[str]:
    """Run one line as ``connector cmdlet LINE`` does; return what it prints."""
    return list(Session(WorldHost(world), connected=True).run(line))
