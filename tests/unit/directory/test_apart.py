"""Another process decodes and stages a big answer, and nothing but that is different."""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connector.directory import apart
from connector.directory.apart import Answer, Decoder, Facts, decoded
from connector.directory.search_entry import Entry
from connector.directory.stream import chunks
from connector.directory.wire import Result, messages
from connector.errors import DirectoryUnavailable, MalformedAnswer, ProcessLost, ReadStopped
from connector.model import DirectoryEntry, ObjectType
from connector.rules.one_pass import OnePass
from connector.values.staged import StagedPage
from tests.ldap_messages import (
    UUIDS,
    entry,
    id_set,
    intermediate,
    message,
    notice,
    reference,
    result,
    sync_done,
    sync_state,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.directory.wire import Message

FACTS = Facts("connector.decoder", "contoso.com", ["fabrikam.com"])
ANSWER = Answer(7, "dc=contoso,dc=com", below=True, above={b"clerk": (b"inetOrgPerson",)})
PRESENT, ADD, MODIFY, DELETE = range(4)
DONE = message(7, result(0, "fine", referrals=["ldap://b/"]), sync_done(b"rid=000", True))


def user(number: int, state: int = ADD, **attributes: list[bytes]) -> bytes:
    shown = {"objectClass": [b"clerk"], "uid": [b"u%d" % number], "entryCSN": [b"c"], **attributes}
    dn = f"uid=u{number},dc=contoso,dc=com"
    return message(7, entry(dn, shown), sync_state(state, number.to_bytes(16, "big")))


# More than a chunk: the first one is always decoded here.
USERS = [user(number, description=[b"text" * 200]) for number in range(300)]
WHOLE = b"".join(
    [
        *USERS[:200],
        message(7, reference("ldap://a/")),
        user(400, DELETE),
        message(7, intermediate(id_set(UUIDS[:3]))),
        user(401, MODIFY, cn=[b"\xff", b"two"]),
        *USERS[200:],
        DONE,
    ]
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process take over as soon as a chunk has come."""
    monkeypatch.setattr(apart, "WORTHWHILE", 0)
    is_ready = Decoder.is_ready

    def wait(self: Decoder) -> bool:
        while not is_ready(self):
            select.select([self.socket], [], [], 10)
        return True

    monkeypatch.setattr(Decoder, "is_ready", wait)


@pytest.fixture
def server() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


Server = tuple[socket.socket, socket.socket]


def never() -> bool:
    return False


def read(server: Server, *sent: bytes, stop: Any = never) -> Iterator[Message | StagedPage]:
    """Read an answer that is sent piece by piece; the connection is closed behind it."""
    ours, theirs = server

    def send() -> None:
        with suppress(OSError):  # nobody reads any more
            for piece in sent:
                theirs.sendall(piece)
            theirs.shutdown(socket.SHUT_WR)

    threading.Thread(target=send, daemon=True).start()
    receive = partial(chunks, ours, timeout=10, stop=stop)
    return decoded(ANSWER, FACTS, lambda beside: receive(beside=beside), stop)


def staged(found: Iterator[Message | StagedPage]) -> list[Any]:
    """Stage what came as entries, as an import does; take pages apart."""
    one_pass, told = OnePass(FACTS.domain, FACTS.domains), list[Any]()
    for each in found:
        if type(each) is StagedPage:
            told += each.entries
        elif type(each) is Entry and each.controls != sync_state(DELETE, (400).to_bytes(16, "big")):
            uuid = each.controls[-16:]
            told.append(one_pass.stage(DirectoryEntry(uuid, each.dn, each.attributes)))
        else:
            told.append(each)
    return told


def test_it_gives_what_this_process_would_have_staged(server: Server) -> None:
    here = staged(iter(messages([WHOLE], 7, above=ANSWER.above)))

    there = list(
        read(
            server,
            WHOLE[:5000],
            *[WHOLE[at : at + 30_000] for at in range(5000, len(WHOLE), 30_000)],
        )
    )

    assert staged(iter(there)) == here
    assert [len(each.entries) for each in there if type(each) is StagedPage] != []
    assert {type(each.entries[0].type) for each in there if type(each) is StagedPage} == {
        ObjectType
    }


def test_a_small_answer_is_decoded_here(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "WORTHWHILE", 1 << 20)

    assert {type(each) for each in read(server, *USERS, DONE)} == {
        Entry,
        type(next(messages([DONE], 7))),
    }


def test_a_message_that_is_big_alone_is_no_reason_for_a_process(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "WORTHWHILE", 1 << 20)
    big = user(900, MODIFY, member=[b"x" * 1000] * 2000)

    found = list(read(server, big, b"".join(USERS), DONE))

    assert {type(each) for each in found} == {Entry, type(next(messages([DONE], 7)))}


def test_where_no_process_can_be_started_all_is_decoded_here(server: Server) -> None:
    most, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_first_free(), limit))
    try:
        found = list(read(server, WHOLE))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, limit))

    assert len(staged(iter(found))) == 305
    assert not [each for each in found if type(each) is StagedPage]


def _first_free() -> int:
    with socket.socket() as one:
        return one.fileno()


@pytest.mark.parametrize(
    ("end", "error", "text"),
    [
        (b"\x30\x84garbage", MalformedAnswer, "message of"),
        (
            message(7, entry("cn=x,dc=other", {}), sync_state(ADD, UUIDS[1])),
            MalformedAnswer,
            "cannot find",
        ),
        (message(7, entry("cn=x,dc=contoso,dc=com", {})), MalformedAnswer, "sync state"),
        (notice(52, "going down"), DirectoryUnavailable, "going down"),
        (b"", DirectoryUnavailable, "closed before the end"),
    ],
)
def test_what_is_wrong_with_an_answer_is_told_as_it_is_here(
    server: Server, end: bytes, error: type[DirectoryUnavailable], text: str
) -> None:
    with pytest.raises(DirectoryUnavailable, match=text) as caught:
        list(read(server, *USERS, end))

    assert type(caught.value) is error


def test_a_stop_is_heard_while_the_process_works(server: Server) -> None:
    said = False
    answer = read(server, *USERS, stop=lambda: said)
    next(answer)
    said = True

    with pytest.raises(ReadStopped):
        list(answer)


def test_a_process_that_is_killed_is_lost(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    send = Decoder.send

    def kill_first(self: Decoder, *block: Any) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        send(self, *block)

    monkeypatch.setattr(Decoder, "send", kill_first)

    with pytest.raises(ProcessLost, match="was ended by signal 9"):
        list(read(server, *USERS))


def test_both_processes_decode_and_the_order_stays(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_AHEAD", 1)

    found = list(read(server, *USERS * 4, DONE))

    assert [each.dn for each in staged(iter(found))[:-1]] == [
        f"uid=u{number % 300},dc=contoso,dc=com" for number in range(1200)
    ]
    assert {type(each) for each in found[200:]} == {Entry, StagedPage, Result}


def test_what_comes_behind_the_result_does_not_count(server: Server) -> None:
    found = list(read(server, *USERS, DONE, b"garbage"))

    assert type(found[-1]) is Result
    assert len(staged(iter(found))) == 301


def test_signals_that_all_processes_get_do_not_end_it(server: Server) -> None:
    others = children()
    answer = read(server, WHOLE)
    first = next(answer)
    for child in children() - others:
        os.kill(child, signal.SIGTERM)

    assert len(staged(iter([first, *answer]))) == 305
    assert children() - others == set()


def children() -> set[int]:
    """Return the children of this process, those that other tests need among them."""
    text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return set(map(int, text.split()))
