"""Answer monitoring in another process than the daemon's, by what the daemon says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.daemon import commands
from connector.daemon.control import inquire
from connector.errors import ConnectorError
from connector.operations.binding import request_for
from connector.web.health import Answer

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 8.0
"""For the metrics of a large tenant; a monitor waits ten."""


def monitored(storage: Path, path: str) -> Answer | None:
    """Ask the daemon of a storage folder; None where none runs there."""
    try:
        found = inquire(storage, request_for(commands.monitor, path=path), seconds=_SECONDS)
    except ConnectorError as error:
        return _said(503, str(error))
    if found is None or found.get("status") is None:
        return None
    return Answer(found["status"], found["contentType"], found["body"].encode())


AWAY = Answer(503, "text/plain; charset=utf-8", b"the daemon does not answer\n")


def _said(status: int, text: str) -> Answer:
    return Answer(status, "text/plain; charset=utf-8", f"{text}\n".encode())
