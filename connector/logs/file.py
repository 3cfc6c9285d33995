"""The destinations of log lines: a file that logrotate may move away, or a stream."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from connector.errors import InvalidSettings, LogUnusable
from connector.logs.place import place_of

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

    from connector.logs.place import Place


class Stream(Protocol):
    """A destination for printed lines, such as standard error."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> None: ...


class LogFile:
    """A file opened for appending, and reopened when something moved it away.

    With ``rotate_at`` the log rotates itself once the file holds that many bytes: ``FILE`` becomes
    ``FILE.1``, ``FILE.1`` becomes ``FILE.2``, and so on; ``keep`` old files stay.
    """

    def __init__(self, path: Path, *, rotate_at: int | None = None, keep: int = 5) -> None:
        self._path = path
        self._rotate_at = rotate_at
        self._keep = keep
        self._file = _open(path)

    def write(self, text: str) -> None:
        """Append whole lines. Raises LogUnusable when they cannot be written."""
        if self._file.closed or not self._is_in_place():
            self._file.close()
            try:
                self._file = _open(self._path)
            except InvalidSettings as error:
                raise LogUnusable(
                    f"{error}. The log cannot be kept: let this user write there, then try again."
                ) from error
        if self._rotate_at is not None and self._file.tell() >= self._rotate_at:
            self._rotate()
        rest = memoryview(text.encode())
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self._file.close()
            raise LogUnusable(
                f"{self._path}: {error.strerror}. The log cannot be kept: make room, then try again."
            ) from error

    def _rotate(self) -> None:
        """Begin a new file; if that fails, go on with the old one, so that no line is lost."""
        names = [self._path, *(self._rotated(number) for number in range(1, self._keep + 1))]
        with suppress(OSError, InvalidSettings):
            for younger, older in reversed(list(pairwise(names))):
                if younger.exists():
                    younger.replace(older)
            fresh = _open(self._path)
            self._file.close()
            self._file = fresh

    def _rotated(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def place(self, time: str) -> Place:
        """Return where the file ends now."""
        return place_of(self._path, None if self._file.closed else self._file, time)

    def close(self) -> None:
        self._file.close()

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except OSError:
            return False


class LogStream:
    """A stream, or none; a reader that left does not stop the work."""

    def __init__(self, stream: Stream | None) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write whole lines. Raises StorageUnusable when they cannot be kept."""
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            self._stream = None
        except OSError as error:
            raise LogUnusable(
                f"standard error: {error.strerror}. The log cannot be kept."
            ) from error

    def place(self, _time: str) -> None:
        """Return None: a stream keeps no lines."""

    def close(self) -> None:
        """Leave the stream to its owner."""


def _open(path: Path) -> FileIO:
    """Open a log file, and make one that its user alone may read.

    A line that a crash cut short is ended, so that the next one stands alone.
    """
    try:
        file = open(path, "ab+", buffering=0, opener=_private)  # noqa: SIM115 -- an opener
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read() != b"\n":
                file.write(b"\n")
    except OSError as error:
        raise InvalidSettings([f"log.file: {path}: {error.strerror}"]) from error
    return file


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
