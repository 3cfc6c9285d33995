from __future__ import annotations

import itertools
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from connector.directory.search_entry import Entry
from connector.directory.stream import chunks, is_alive, limit_waits
from connector.directory.wire import messages
from connector.errors import DirectoryUnavailable, ReadStopped
from tests.ldap_messages import entry, message, result

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAM = message(1, entry("cn=a", {"cn": [b"value"]})) * 5 + message(1, result())


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


Pair = tuple[socket.socket, socket.socket]


def never() -> bool:
    return False


def test_bytes_that_come_one_at_a_time_make_messages(pair: Pair) -> None:
    ours, theirs = pair

    def drip() -> None:
        for byte in STREAM:
            theirs.send(bytes((byte,)))

    sender = threading.Thread(target=drip)
    sender.start()
    found = list(messages(chunks(ours, timeout=5, stop=never), 1))
    sender.join()

    assert [type(message) for message in found[:-1]] == [Entry] * 5


def test_end_of_the_connection_ends_the_stream(pair: Pair) -> None:
    ours, theirs = pair
    theirs.send(b"abc")
    theirs.close()

    assert b"".join(chunks(ours, timeout=5, stop=never)) == b"abc"


def test_connection_that_is_reset_is_an_error(pair: Pair) -> None:
    ours, theirs = pair
    ours.send(b"unread")
    theirs.close()

    with pytest.raises(DirectoryUnavailable, match="the connection broke"):
        list(chunks(ours, timeout=5, stop=never))


def test_silence_is_an_error_after_the_timeout(pair: Pair) -> None:
    clock = itertools.count(0, 0.1)

    with pytest.raises(DirectoryUnavailable, match=r"no answer within 0\.3 seconds"):
        list(chunks(pair[0], timeout=0.3, stop=never, clock=lambda: next(clock)))


def test_timeout_counts_silence_not_the_whole_answer(pair: Pair) -> None:
    ours, theirs = pair
    now = 0.0
    stream = chunks(ours, timeout=1, stop=never, clock=lambda: now)
    for _ in range(5):
        theirs.send(b"x")
        assert next(stream) == b"x"
        now += 0.9
    theirs.close()

    assert list(stream) == []


def test_stop_ends_the_wait(pair: Pair) -> None:
    stopping = threading.Event()
    timer = threading.Timer(0.1, stopping.set)
    timer.start()

    with pytest.raises(ReadStopped):
        list(chunks(pair[0], timeout=60, stop=stopping.is_set))
    timer.join()


def test_stop_is_heard_between_chunks_too(pair: Pair) -> None:
    ours, theirs = pair
    stopped = False
    theirs.send(b"x")
    stream = chunks(ours, timeout=5, stop=lambda: stopped)
    next(stream)
    theirs.send(b"y")
    stopped = True

    with pytest.raises(ReadStopped):
        next(stream)


def test_idle_connection_is_alive_until_the_other_side_closes(pair: Pair) -> None:
    ours, theirs = pair
    before = is_alive(ours)
    theirs.close()

    assert (before, is_alive(ours)) == (True, False)


def test_connection_with_unasked_bytes_is_not_trusted(pair: Pair) -> None:
    ours, theirs = pair
    theirs.send(b"notice")

    assert not is_alive(ours)


def test_timeout_of_more_milliseconds_than_32_bits_is_not_a_short_one(pair: Pair) -> None:
    ours, theirs = pair
    limit_waits(ours, 2**32 / 1000 + 0.05)

    later = threading.Timer(0.3, theirs.send, (b"x",))
    later.start()
    received = ours.recv(1)
    later.join()

    assert received == b"x"


def test_timeout_beyond_24_days_is_not_for_ever(pair: Pair) -> None:
    ours, _ = pair
    limit_waits(ours, 25 * 86400)

    assert ours.gettimeout() == 24 * 86400
