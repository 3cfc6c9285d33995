"""The API over a whole connector: its changes are done by the operations, as beside a daemon."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from connector.assembly import Readers
from connector.operations import binding, requests
from connector.web.context import Context
from tests.unit.web.graph.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.operations.binding import Answer, Request
    from connector.web.exchange import Reply
    from tests.world import World


class _Here(Context):
    """Reads the parts of a world, and has its operations done on them."""

    def __init__(self, world: World) -> None:
        super().__init__(world.settings, world.log, self._done, clock=lambda: world.time)
        self._world = world

    @contextmanager
    def reading(self, *, seconds: float = 10.0) -> Iterator[Readers]:
        yield Readers(self._world.parts.space, self._world.parts.tenant)

    def _done(self, request: Request) -> Answer:
        answer = requests.perform(self._world.parts, request)
        if "error" in answer:
            raise binding.error_of(answer)
        return answer


class Office(Client):
    """Asks the API as an application that may change everything."""

    def __init__(self, world: World) -> None:
        super().__init__(_Here(world))
        self.world = world

    def send(self, method: str, url: str, body: Any = None) -> Reply:
        return self.ask(method, url, body, role="admin")

    def done(self, method: str, url: str, body: Any = None) -> Any:
        """Return the JSON of an answer that has to be good, None where it has none."""
        reply = self.send(method, url, body)
        assert reply.status < 300, reply.body
        return json.loads(reply.body) if reply.body else None

    def error(self, method: str, url: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """Return the error of a refusal, with its status, without what differs each time."""
        reply = self.ask(method, url, body, role="admin", **headers)
        error: dict[str, Any] = json.loads(reply.body)["error"]
        del error["innerError"]
        return {"status": reply.status, **error}

    def id_of(self, name: str, collection: str = "users") -> str:
        found = {item["displayName"]: item["id"] for item in self.every(f"/{collection}")}
        return str(found[name])

    def changes(self) -> list[tuple[str, str, str]]:
        """Return who changed what, and which object, as the log tells it."""
        return [
            (fields["who"], fields["what"], fields["object"])
            for event, fields in self.world.log.events
            if event == "web.changed"
        ]
