"""The sync log: one event a line, as text for operators or as JSON for programs.

A Log makes a line of an event, a Sink collects the lines. Lines about single objects (``object.*``) may
wait there; any other event flushes them at once.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

from connector.errors import ConnectorError
from connector.logs.file import LogFile, LogStream
from connector.logs.place import Place, lines_since
from connector.logs.text import as_text, parse
from connector.values.moments import of_clock
from connector.values.printable import LONGEST, cut_within, json_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.logs.file import Stream
    from connector.settings import LogSettings

    _Write = Callable[[Mapping[str, Any]], str]

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_JOURNAL_LEVELS = {"debug": "<7>", "info": "<6>", "warning": "<4>", "error": "<3>"}
_SECRET_FIELDS = frozenset({"password", "secret", "token", "credential", "authorization"})
_WAITING_LINES = 512


class Sink:
    """A buffer of lines, and the level below which events are dropped; any thread may write.

    ``echo`` is told level, event and line of each as well.
    """

    def __init__(
        self,
        out: LogFile | LogStream,
        *,
        level: str,
        echo: Callable[[str, str, str], None] | None = None,
    ) -> None:
        self.threshold = LEVELS[level]
        self.echo = echo
        self._out = out
        self._lines: list[str] = []
        self._lock = RLock()

    def write(self, line: str, *, at_once: bool) -> None:
        with self._lock:
            self._lines.append(line)
            if at_once or len(self._lines) >= _WAITING_LINES:
                self.flush()

    def flush(self) -> None:
        with self._lock:
            if self._lines:
                text = "\n".join(self._lines) + "\n"
                self._lines.clear()
                self._out.write(text)

    def place(self) -> Place | None:
        return self._out.place(of_clock(time.time()))

    def close(self) -> None:
        self.flush()
        self._out.close()


class Log:
    """Write events with keys of their own: ``log.info("object.added", anchor=..., type=...)``."""

    def __init__(self, sink: Sink, write: _Write, bound: Mapping[str, Any] | None = None) -> None:
        """Write lines to a sink, as ``write`` makes them, with the keys that are ``bound``."""
        self._sink = sink
        self._write = write
        self._bound = bound or {}

    def bind(self, **fields: Any) -> Log:
        """Return a log that adds these keys to every event."""
        return Log(self._sink, self._write, {**self._bound, **fields})

    def debug(self, event: str, /, **fields: Any) -> None:
        if self._sink.threshold <= LEVELS["debug"]:
            self._emit("debug", event, fields)

    def info(self, event: str, /, **fields: Any) -> None:
        if self._sink.threshold <= LEVELS["info"]:
            self._emit("info", event, fields)

    def warning(self, event: str, /, **fields: Any) -> None:
        if self._sink.threshold <= LEVELS["warning"]:
            self._emit("warning", event, fields)

    def error(self, event: str, /, **fields: Any) -> None:
        self._emit("error", event, fields)

    def tell(self, level: str, event: str, /, **fields: Any) -> bool:
        """Write an event or, where the log cannot be written, say it on standard error.

        Nothing is raised: a program that cannot keep its log has to go on. Tell whether the log has it.
        """
        if LEVELS[level] < self._sink.threshold:
            return True
        line = self._line(level, event, fields)
        try:
            self._sink.write(line, at_once=True)
        except ConnectorError as error:
            _say(f"{line}\n{_stamped_text(error)}\n")
            return False
        return True

    def close_anyhow(self) -> None:
        """Close the log; what it cannot write any more is said on standard error."""
        try:
            self.close()
        except ConnectorError as error:
            _say(f"{_stamped_text(error)}\n")

    def flush(self) -> None:
        """Write the waiting lines, at the end of each batch. Raises LogUnusable on a full disk."""
        self._sink.flush()

    def close(self) -> None:
        self._sink.close()

    def place(self) -> str | None:
        """Return, as text to be stored, where the log stands; None for a stream, which keeps nothing."""
        place = self._sink.place()
        return None if place is None else json.dumps(place)

    def sequence_numbers(self, first: int, *, since: str | None) -> set[int]:
        """Return the ``seq`` numbers from ``first`` on that were logged since a place.

        After a crash nobody else knows. The place may be in a file that another one took the place of;
        of a stream, whose place is None, nothing can be told.
        """
        if since is None:
            return set()
        place = Place(*json.loads(since))
        records = (parse(line) for line in lines_since(place) if "seq" in line)
        numbers = {
            record.get("seq")
            for record in records
            if record and str(record.get("timestamp")) >= place.time
        }
        return {number for number in numbers if isinstance(number, int) and number >= first}

    def _line(self, level: str, event: str, fields: dict[str, Any]) -> str:
        """Make a line; a value of the directory may be of any length, and is cut."""
        record = {
            "timestamp": of_clock(time.time()),
            "level": level,
            "event": event,
            **self._bound,
            **fields,
        }
        if not _SECRET_FIELDS.isdisjoint(record):
            record.update(dict.fromkeys(_SECRET_FIELDS & record.keys(), "***"))
        line = self._write(record)
        if len(line) <= LONGEST:  # so is every value in it
            return line
        return self._write({name: cut_within(value) for name, value in record.items()})

    def _emit(self, level: str, event: str, fields: dict[str, Any]) -> None:
        line = self._line(level, event, fields)
        self._sink.write(line, at_once=not event.startswith("object."))
        if self._sink.echo is not None:
            self._sink.echo(level, event, line)


def _say(text: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()


def _stamped_text(error: ConnectorError) -> str:
    return f"{of_clock(time.time())} error   log.failed message={json_line(str(error))}"


def open_log(
    settings: LogSettings,
    *,
    stream: Stream | None = None,
    environ: Mapping[str, str] = os.environ,
    echo: Callable[[str, str, str], None] | None = None,
) -> Log:
    """Open the log that the settings describe; ``stream`` replaces standard error.

    ``echo`` is told level, event and line of each event that is logged. Lines for the systemd journal carry its level prefix. Raises InvalidSettings when the
    file cannot be opened.
    """
    stream = stream or sys.stderr
    journal = settings.file is None and _is_journal(stream, environ)
    write: _Write = json_line if settings.format == "json" else as_text
    out: LogFile | LogStream = LogStream(stream)
    if settings.file is not None:
        megabytes = settings.rotate_size
        size = megabytes and megabytes * 1_000_000
        out = LogFile(settings.file, rotate_at=size, keep=settings.rotate_keep)
    sink = Sink(out, level=settings.level, echo=echo)
    return Log(sink, partial(_with_prefix, write=write) if journal else write)


def silent_log() -> Log:
    """Return a log that nobody reads."""
    return Log(Sink(LogStream(None), level="error"), json_line)


def _with_prefix(record: Mapping[str, Any], write: _Write) -> str:
    """Write a line for the systemd journal, with its prefix of the level."""
    return _JOURNAL_LEVELS[record["level"]] + write(record)


def _is_journal(stream: Stream, environ: Mapping[str, str]) -> bool:
    """Tell whether a stream goes to the systemd journal (``JOURNAL_STREAM`` is its device:inode)."""
    named = environ.get("JOURNAL_STREAM")
    if not named:
        return False
    try:
        status = os.fstat(stream.fileno())  # type: ignore[attr-defined]
    except (OSError, ValueError, AttributeError):
        return False
    return named == f"{status.st_dev}:{status.st_ino}"
