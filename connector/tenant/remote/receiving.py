"""Take in the answer of a server, unpacked, and not more of it than an answer may have.

What comes is not believed: a packed piece may be many times as long unpacked, and an answer may never end.
A long one is kept in a file without a name, and fills neither the memory nor the disk.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import time
import zlib
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.client import HTTPResponse

LONGEST_ANSWER = 64 * 1024 * 1024
"""Bytes of an answer that is read at once."""

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of a line of a stream: that of a group has its members."""

LONGEST_REFUSAL = 256 * 1024
"""Bytes of an answer that is not a result: a refusal, or a token."""

_SECONDS_FOR_AN_ANSWER = 600.0
_SECONDS_FOR_A_STREAM = 6 * 3600.0
_IN_MEMORY = 8 * 1024 * 1024
_PIECE = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_OK = 200


class Limit(NamedTuple):
    """How long an answer may be, in bytes, and for how many seconds it may come in; ``why`` ends the sentence."""

    size: int
    seconds: float
    why: str = ""


class TooLong(Exception):
    """An answer is longer than its limit, or than there is room for it."""


ANSWER = Limit(LONGEST_ANSWER, _SECONDS_FOR_AN_ANSWER)
OF_A_TOKEN = Limit(LONGEST_REFUSAL, _SECONDS_FOR_AN_ANSWER)


def of_a_stream() -> Limit:
    """Return the limit of what is kept in a file: half of the room that is there now."""
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    return Limit(
        max(free // 2, LONGEST_ANSWER),
        _SECONDS_FOR_A_STREAM,
        f", half of what is free in {folder}; TMPDIR names another folder",
    )


def received(response: HTTPResponse, limit: Limit, stop: Callable[[], bool]) -> IO[bytes]:
    """Return the whole body of a response, unpacked, as a file.

    Raises TooLong; HTTPException, EOFError where it is cut off; OSError where it does not come.
    """
    if response.status != _OK:
        limit = OF_A_TOKEN
    found: IO[bytes] = io.BytesIO()
    try:
        for piece in _unpacked(_pieces(response, limit, stop), response):
            found = _kept(found, piece, limit)
    except BaseException:
        found.close()
        raise
    found.seek(0)
    return found


def _pieces(response: HTTPResponse, limit: Limit, stop: Callable[[], bool]) -> Iterator[bytes]:
    """Yield what comes; raises OSError where that takes too long, or is not wanted any more."""
    until = time.monotonic() + limit.seconds
    while piece := response.read(_PIECE):
        yield piece
        if stop():
            raise OSError("it was told to stop")
        if time.monotonic() > until:
            raise OSError(f"its answer took longer than {limit.seconds:.0f} seconds")
    if response.length:
        raise EOFError("the answer was cut off")


def _unpacked(pieces: Iterator[bytes], response: HTTPResponse) -> Iterator[bytes]:
    """Yield what comes as it was before it was packed, at most ``_PIECE`` bytes at a time."""
    if response.headers.get("Content-Encoding", "").strip().lower() != "gzip":
        yield from pieces
        return
    unpacking = zlib.decompressobj(_GZIP)
    for piece in pieces:
        waiting = piece
        while waiting:
            yield unpacking.decompress(waiting, _PIECE)
            waiting = unpacking.unconsumed_tail
    # What is left within is less than a piece, or the end is missing.
    yield unpacking.decompress(b"", _PIECE)
    if not unpacking.eof:
        raise EOFError("the answer was cut off")


def _kept(found: IO[bytes], piece: bytes, limit: Limit) -> IO[bytes]:
    """Write a piece; return the file, which is one of the disk from some length on. Raises TooLong."""
    if found.tell() + len(piece) > limit.size:
        raise TooLong(f"its answer is longer than {limit.size:,} bytes{limit.why}")
    try:
        if isinstance(found, io.BytesIO) and found.tell() + len(piece) > _IN_MEMORY:
            file = tempfile.TemporaryFile(prefix="connector-")  # noqa: SIM115 - the caller closes it
            file.write(found.getvalue())
            found = file
        found.write(piece)
    except OSError as error:
        raise TooLong(
            f"there is no room for its answer in {tempfile.gettempdir()} ({error.strerror}); TMPDIR names "
            "another folder"
        ) from error
    return found


def lines_of(file: IO[bytes], longest: int = LONGEST_LINE) -> Iterator[bytes]:
    """Yield the lines of a file; raises TooLong."""
    while line := file.readline(longest):
        if len(line) == longest and not line.endswith(b"\n"):
            raise TooLong(f"a line of its answer is longer than {longest:,} bytes")
        yield line
