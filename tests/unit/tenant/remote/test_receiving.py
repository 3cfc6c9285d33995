"""An answer comes in whole, and no more of it than it may have."""

from __future__ import annotations

import gzip
import io
from http.client import HTTPResponse, IncompleteRead
from typing import Any, cast

import pytest

from connector.tenant.remote.receiving import (
    ANSWER,
    LONGEST_REFUSAL,
    Limit,
    TooLong,
    lines_of,
    received,
)

SMALL = Limit(100_000, 60.0, ", and that is all")
MIB = 1024 * 1024


class Wire:
    """What a server sent."""

    def __init__(self, sent: bytes) -> None:
        self._sent = sent

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._sent)


def answer(body, *headers, status=200, length=None):
    lines = [f"HTTP/1.1 {status} it", f"Content-Length: {length or len(body)}", *headers, "", ""]
    return response("\r\n".join(lines).encode() + body)


def response(sent):
    found = HTTPResponse(cast("Any", Wire(sent)))
    found.begin()
    return found


def read(response, limit=ANSWER, stop=lambda: False):
    with received(response, limit, stop) as found:
        return found.read()


def test_an_answer_comes_as_it_was_before_it_was_packed():
    body = bytes(range(256)) * 50_000

    plain, packed = read(answer(body)), read(answer(gzip.compress(body), "Content-Encoding: gzip"))

    assert (plain == body, packed == body) == (True, True)


def test_an_answer_in_chunks_comes_whole():
    sent = b"HTTP/1.1 200 it\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"

    assert read(response(sent)) == b"abcde"


@pytest.mark.parametrize(
    "packed", [False, True], ids=["as it is", "packed to a thousandth of its length"]
)
def test_an_answer_that_is_too_long_is_given_up(packed):
    body = bytes(8 * MIB)
    sent = answer(gzip.compress(body), "Content-Encoding: gzip") if packed else answer(body)

    with pytest.raises(TooLong, match="^its answer is longer than 100,000 bytes, and that is all$"):
        read(sent, SMALL)


def test_a_refusal_is_short():
    with pytest.raises(TooLong, match=f"longer than {LONGEST_REFUSAL:,} bytes"):
        read(answer(bytes(MIB), status=500))


@pytest.mark.parametrize(
    "cut",
    [
        lambda: answer(b"abc", length=4),
        lambda: answer(gzip.compress(b"abc")[:-1], "Content-Encoding: gzip"),
        lambda: response(b"HTTP/1.1 200 it\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"),
    ],
    ids=["shorter than it says", "packed", "in chunks"],
)
def test_an_answer_that_is_cut_off_is_not_one(cut):
    with pytest.raises((EOFError, IncompleteRead)):
        read(cut())


def test_who_is_told_to_stop_does_not_wait_for_the_rest():
    with pytest.raises(OSError, match="told to stop"):
        read(answer(bytes(8 * MIB)), stop=lambda: True)


def test_an_answer_that_takes_too_long_is_given_up():
    with pytest.raises(OSError, match="took longer"):
        read(answer(b"abc"), Limit(100, -1.0))


def test_a_line_has_a_limit():
    assert list(lines_of(io.BytesIO(b"abc\ndef\n"), 4)) == [b"abc\n", b"def\n"]
    with pytest.raises(TooLong, match="a line of its answer is longer than 4 bytes"):
        list(lines_of(io.BytesIO(b"abcd\n"), 4))
