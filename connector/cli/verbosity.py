"""Keep the log of a command that works itself, and say how much of it the terminal shows.

A person at a terminal reads the summary of a command, not an event an object: what went wrong is shown,
everything is in the log file. Elsewhere the log goes where the settings say.
"""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from contextvars import ContextVar
from enum import StrEnum
from typing import TYPE_CHECKING

from connector.errors import InvalidSettings
from connector.values import screen

if TYPE_CHECKING:
    from pathlib import Path

    from connector.logs.file import Stream
    from connector.logs.log import Log
    from connector.settings import Settings

FILE = "connector.log"
"""The log below storage.path of commands at a terminal, where the settings name none."""

_MEGABYTES, _KEPT = 10, 2
# Of one event; the summary says how often it was.
_SHOWN = 10
# The summary names these itself.
_SUMMED_UP = frozenset({"export.failed", "export.quarantined", "scope.left_out", "upn.unverified"})


class Verbosity(StrEnum):
    """How much a command tells beside its answer."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


chosen = ContextVar("verbosity", default=Verbosity.NORMAL)


def log_file(settings: Settings) -> Path:
    """Return the file that has the events of commands at a terminal."""
    return settings.log.file or settings.storage.path / FILE


def open_command_log(settings: Settings, stream: Stream | None) -> Log:
    """Open the log of a command that does its work itself.

    ``stream`` prints above bars of progress, where there are any. Raises InvalidSettings when the file of
    the settings cannot be opened.
    """
    from connector.logs.log import open_log

    out, told = stream or sys.stderr, chosen.get()
    if told is Verbosity.NORMAL and not sys.stderr.isatty():
        return open_log(settings.log, stream=stream)
    if told is Verbosity.VERBOSE and settings.log.file is None and not sys.stderr.isatty():
        return open_log(settings.log, stream=stream)
    echo = _echo(out, told)
    if settings.log.file is not None:
        return open_log(settings.log, echo=echo)
    kept = {"file": log_file(settings), "rotate_size": _MEGABYTES, "rotate_keep": _KEPT}
    try:
        settings.storage.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open_log(settings.log.model_copy(update=kept), echo=echo)
    except (OSError, InvalidSettings):  # what opens the databases says why
        return open_log(settings.log.model_copy(update={"level": "warning"}), stream=stream)


def _echo(out: Stream, told: Verbosity) -> Echo | None:
    if told is Verbosity.QUIET:
        return None
    return Echo(out, everything=told is Verbosity.VERBOSE)


class Echo:
    """Prints lines of the log for a person: all, or those of what went wrong, ten of each event."""

    def __init__(self, out: Stream, *, everything: bool) -> None:
        self._out = out
        self._everything = everything
        self._shown: Counter[str] = Counter()

    def __call__(self, level: str, event: str, line: str) -> None:
        if not self._everything:
            if level in ("debug", "info") or event in _SUMMED_UP or self._shown[event] >= _SHOWN:
                return
            self._shown[event] += 1
        columns = shutil.get_terminal_size().columns if sys.stderr.isatty() else len(line)
        for part in screen.wrapped(line, columns, hanging=2):
            self._out.write(f"{part}\n")
        self._out.flush()
