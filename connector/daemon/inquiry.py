"""Tell what the daemon does now, for those who only look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from connector.daemon import commands
from connector.daemon.control import inquire
from connector.errors import DaemonUnresponsive
from connector.operations.binding import request_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STOPPED, UNRESPONSIVE = "stopped", "unresponsive"


class DaemonState(NamedTuple):
    """What a daemon says of itself, as ``commands.status`` does; ``silence`` is why it says nothing."""

    facts: Mapping[str, Any]
    silence: DaemonUnresponsive | None = None

    @property
    def state(self) -> str:
        return str(self.facts["state"])


def daemon_state(storage: Path) -> DaemonState:
    """Ask the daemon of a storage folder what it does; it answers at once.

    Without one its state is ``stopped``, that of one that does not answer ``unresponsive``.
    """
    silence = None
    try:
        if answer := inquire(storage, request_for(commands.status)):
            return DaemonState(answer)
    except DaemonUnresponsive as error:
        silence = error
    facts: dict[str, Any] = {
        "state": UNRESPONSIVE if silence else STOPPED,
        "nextRun": None,
        "pausedSince": None,
        "pid": silence and silence.process,
        "failing": [],
        "progress": None,
    }
    return DaemonState(facts, silence)
