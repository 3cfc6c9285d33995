"""Tell open pages how far a run is: a stream of server-sent events, and the state that it tells of.

One thread looks for all who listen, and ends when nobody does. A stream never blocks for long: it gives an
empty piece where there is nothing to say, and the server asks again.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from weakref import WeakSet

from connector.daemon.inquiry import daemon_state
from connector.errors import ConnectorError
from connector.run import RunResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connector.run import Run
    from connector.web.context import Context
    from connector.web.pages.work import Ended, Work

STREAMS_OF_A_CLIENT = 6
"""More streams than these from one address are refused."""

_SECONDS_BETWEEN_LOOKS = 0.5
_SECONDS_OF_SILENCE = 10.0
_SECONDS_TO_WAIT = 0.5
_COMMENT = b": still here\n\n"
_KEPT = 100
_RUNNING = "running"

Event = tuple[str, dict[str, Any]]


class Moment(NamedTuple):
    """What is known of the connector's work at one moment.

    ``state`` is the daemon's, or ``running`` where another process runs a cycle. ``last`` is the newest run,
    ``progress`` its ``{step, done, total}`` if it can be told, ``ended`` what pages asked for last.
    """

    state: str
    last: Run | None
    progress: Mapping[str, Any] | None
    ended: Ended | None

    @property
    def is_running(self) -> bool:
        return self.state == _RUNNING


def look(context: Context, work: Work) -> Moment:
    """Look what is at work now. Raises StorageUnusable."""
    daemon = daemon_state(context.settings.storage.path)
    with context.reading() as readers:
        last = next(readers.space.history.runs(limit=1), None)
    progress = work.progress or daemon.facts.get("progress")
    runs = last is not None and last.result is RunResult.IN_PROGRESS
    state = _RUNNING if runs or work.doing else daemon.state
    return Moment(state, last, progress, work.ended)


def sentence(moment: Moment) -> str:
    """Say how far the run at hand is, or how the last one ended."""
    last = moment.last
    if moment.is_running:
        if last is None or last.result is not RunResult.IN_PROGRESS:
            return "At work: it has just begun."
        if moment.progress is None:
            return f"Run {last.number} ({last.policy}) is at work."
        done = f"{moment.progress['done']:,}"
        total = moment.progress["total"]
        return f"Run {last.number}: {moment.progress['step']} {done}{f' of {total:,}' if total else ''}"
    if last is None:
        return "Nothing has run yet."
    return f"Run {last.number} ({last.policy}) finished: {last.result}, {last.seconds:.2f} s."


def status(moment: Moment) -> Event:
    """Return the event that tells of the state as a whole."""
    last = moment.last
    return "status", {
        "state": moment.state,
        "run": last and last.number,
        "result": last and last.result,
        "text": sentence(moment),
    }


def between(before: Moment, now: Moment) -> Iterator[Event]:
    """Yield what happened between two looks."""
    last = now.last
    goes_on = last is not None and last.result is RunResult.IN_PROGRESS
    if last is not None and last != before.last:
        if not goes_on:
            yield "finished", {"run": last.number, "result": last.result}
        elif now.progress is None:
            yield status(now)
    if last is not None and goes_on and now.progress not in (None, before.progress):
        yield "progress", {"run": last.number, **(now.progress or {})}
    if (
        now.ended is not None
        and now.ended != before.ended
        and (now.ended.kind == "sweep" or not now.ended.went_well)
    ):
        yield "told", {"text": now.ended.sentence}
    if now.state != before.state:
        yield status(now)


def written(event: Event) -> bytes:
    """Write an event as the stream has it."""
    name, data = event
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode("ascii")


class Listener:
    """One stream: what happened since the last piece, nothing in between, a comment after a silence.

    It ends when ``is_welcome`` says no: who has signed out hears nothing more.
    """

    def __init__(
        self,
        client: str,
        first: Event,
        *,
        clock: Callable[[], float] = time.monotonic,
        patience: float = _SECONDS_TO_WAIT,
        is_welcome: Callable[[], bool] = lambda: True,
    ) -> None:
        self.client = client
        self._is_welcome = is_welcome
        self._pieces = deque([b"retry: 3000\n\n", written(first)])
        self._clock = clock
        self._patience = patience
        self._spoke = clock()
        self._is_open = True
        self._heard = threading.Condition()

    @property
    def is_open(self) -> bool:
        return self._is_open

    def hear(self, event: Event) -> None:
        """Keep an event until it is asked for; of very many the oldest go."""
        with self._heard:
            if len(self._pieces) >= _KEPT:
                self._pieces.popleft()
            self._pieces.append(written(event))
            self._heard.notify()

    def close(self) -> None:
        """End the stream."""
        with self._heard:
            self._is_open = False
            self._heard.notify()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        """Return the next piece, empty where there is none after half a second."""
        with self._heard:
            if not self._pieces and self._is_open:
                self._heard.wait(self._patience)
            self._is_open = self._is_open and self._is_welcome()
            if not self._is_open:
                raise StopIteration
            piece = self._pieces.popleft() if self._pieces else b""
        if not piece and self._clock() - self._spoke >= _SECONDS_OF_SILENCE:
            piece = _COMMENT
        if piece:
            self._spoke = self._clock()
        return piece


class Watch:
    """Looks twice a second, as long as somebody listens; a stream that nobody has any more does not count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: WeakSet[Listener] = WeakSet()
        self._thread: threading.Thread | None = None

    def listen(
        self, context: Context, work: Work, client: str, is_welcome: Callable[[], bool]
    ) -> Listener | None:
        """Open a stream for a client; None where it has too many. Raises StorageUnusable.

        The stream ends when ``is_welcome`` says no.
        """
        now = look(context, work)
        listener = Listener(client, status(now), is_welcome=is_welcome)
        with self._lock:
            if sum(one.client == client for one in self._open()) >= STREAMS_OF_A_CLIENT:
                return None
            self._listeners.add(listener)
            if self._thread is None:
                arguments = (context, work, now)
                self._thread = threading.Thread(
                    target=self._watch, args=arguments, name="events", daemon=True
                )
                self._thread.start()
        return listener

    def _open(self) -> list[Listener]:
        return [one for one in self._listeners if one.is_open]

    def _watch(self, context: Context, work: Work, before: Moment) -> None:
        try:
            while listeners := self._still_open():
                # A database that is replaced now can be read a moment later.
                with suppress(ConnectorError, OSError, sqlite3.Error):
                    now = look(context, work)
                    for event in between(before, now):
                        for listener in listeners:
                            listener.hear(event)
                    before = now
        finally:
            context.close()

    def _still_open(self) -> list[Listener]:
        """Return those who listen a moment later; without any, the next one starts another thread."""
        time.sleep(_SECONDS_BETWEEN_LOOKS)
        with self._lock:
            listeners = self._open()
            if not listeners:
                self._thread = None
        return listeners
