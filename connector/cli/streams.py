"""Give a command its three streams, whatever the shell made of them, and tell when output is lost."""

from __future__ import annotations

import io
import os
import shutil
import sys
from contextlib import suppress
from typing import Any

from connector.errors import OutputLost
from connector.values import screen


class _Output(io.FileIO):
    """Standard output; raises OutputLost for any fault but a reader that left."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputLost(
                f"standard output: {error.strerror}. What was to be printed is lost."
            ) from error


def open_streams() -> None:
    """Set the standard streams up. One that is closed is opened on nothing.

    Otherwise the next file, which may be a database, would get its number. Writing to a closed standard
    output fails at the first word, so that a command that prints nothing works.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        _hold(number, flags)
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _standard_output()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def forget_output() -> None:
    """Let the interpreter flush into nothing, because nobody takes the output."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):
        os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


def complain(text: str) -> bool:
    """Write to standard error, and tell whether it took the text; else the exit code alone tells.

    On a terminal its lines end between words.
    """
    if sys.stderr.isatty():
        columns = shutil.get_terminal_size().columns
        lines = [screen.wrapped(line, columns, hanging=2) for line in text.split("\n")]
        text = "\n".join(part for parts in lines for part in parts)
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:
        return False
    return True


def _hold(number: int, flags: int) -> None:
    """Open a descriptor on nothing if it is closed."""
    try:
        os.fstat(number)
    except OSError:
        nothing = os.open(os.devnull, flags)
        if nothing != number:
            os.dup2(nothing, number)
            os.close(nothing)


def _standard_output() -> io.TextIOWrapper:
    encoding = sys.stdout.encoding if sys.stdout is not None else "utf-8"
    buffered = io.BufferedWriter(_Output(1, "wb", closefd=False))
    return io.TextIOWrapper(buffered, encoding=encoding, line_buffering=os.isatty(1))
