"""Have a cycle or a sweep done in the background; one at a time, and a page never waits for it."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from connector.daemon.inquiry import STOPPED, daemon_state
from connector.errors import ConnectorError, InstanceLocked
from connector.operations import cloud, requests
from connector.storage.instance import is_locked
from connector.values.counting import counted
from connector.web.pages.cycle_process import run_cycle_apart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.operations.binding import Answer
    from connector.web.context import Context

Kind = Literal["sync", "sweep"]
_SECONDS_FOR_A_SWEEP = 2.0
_NAMED = 5


class Ended(NamedTuple):
    """What came of the work that a page asked for last; ``number`` counts these pieces of work."""

    number: int
    kind: Kind
    sentence: str
    went_well: bool


class Work:
    """The work that pages asked for."""

    def __init__(self) -> None:
        self.ended: Ended | None = None
        self.progress: Mapping[str, Any] | None = None
        self._lock = threading.Lock()
        self._doing: Kind | None = None
        self._number = 0

    @property
    def doing(self) -> Kind | None:
        """What is being done now."""
        return self._doing

    def begin(self, context: Context, kind: Kind) -> bool:
        """Begin a piece of work, unless something is at work already; tell whether it was begun.

        A sweep is waited for a moment: most are over at once.
        """
        with self._lock:
            if self._doing is not None or is_at_work(context):
                return False
            self._doing = kind
        thread = threading.Thread(target=self._do, args=(context, kind), name=kind, daemon=True)
        thread.start()
        if kind == "sweep":
            thread.join(_SECONDS_FOR_A_SWEEP)
        return True

    def _do(self, context: Context, kind: Kind) -> None:
        sentence, went_well = "It ended without an answer: the log says why.", False
        try:
            sentence, went_well = _told(kind, self._answer(context, kind))
        except InstanceLocked:
            sentence = "Another command is at work. Try again when it is done."
        except (ConnectorError, OSError, sqlite3.Error) as error:
            sentence = str(error)
        finally:
            context.close()
            with self._lock:
                self._number += 1
                self.ended = Ended(self._number, kind, " ".join(sentence.split()), went_well)
                self._doing = self.progress = None

    def _answer(self, context: Context, kind: Kind) -> Answer:
        if kind == "sweep":
            return context.perform(cloud.sweep)
        if daemon_state(context.settings.storage.path).state != STOPPED:
            return context.perform(requests.sync)
        return run_cycle_apart(context.settings, self._tell)

    def _tell(self, progress: Mapping[str, Any]) -> None:
        self.progress = progress


def is_at_work(context: Context) -> bool:
    """Tell whether the daemon, or another command where none runs, is at work."""
    storage = context.settings.storage.path
    state = daemon_state(storage).state
    return state == "running" or (state == STOPPED and is_locked(storage))


def _told(kind: Kind, answer: Answer) -> tuple[str, bool]:
    """Say in a sentence what came of it, and whether it went well."""
    if "error" in answer:
        return str(answer["error"]), False
    if kind == "sync":
        return f"Run {answer['run']} finished: {answer['result']}.", True
    return swept(answer["released"], answer["waiting"]), True


def swept(released: Sequence[Mapping[str, Any]], waiting: int) -> str:
    """Say what a sweep gave back, and how many values wait."""
    rest = f"{counted(waiting, 'value')} still waiting"
    if not released:
        return f"The sweep released nothing; {rest}."
    some = ", ".join(f"{one['value']} to {one['name']}" for one in released[:_NAMED])
    more = f" and {len(released) - _NAMED} more" if len(released) > _NAMED else ""
    return f"The sweep released {counted(len(released), 'value')}: {some}{more}; {rest}."
