"""Have another process decode and stage a big answer, so that two cores work on an import.

The connection stays here, with its waits, its TLS and its errors; the other process gets blocks of the answer
and gives back staged entries. Where this process would have to wait for it, it decodes a block itself. The
other one is started when so much has come that it is worth its start (``WORTHWHILE``), and gets work when it is
ready: until then all is decoded here, so a small answer pays nothing.
"""

from __future__ import annotations

import marshal
import select
from collections import deque
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.directory.search_entry import Entry, Known
from connector.directory.wire import (
    CLOSED,
    Intermediate,
    Reference,
    Result,
    block_messages,
    blocks,
    messages,
)
from connector.errors import DirectoryUnavailable, MalformedAnswer, ProcessLost, ReadStopped
from connector.model import ObjectType
from connector.processes import how_it_ended, start
from connector.values.staged import Staged, StagedPage

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from connector.directory.wire import Message

WORTHWHILE = 1 << 20
"""Bytes of an answer, of a thousand entries or more, at which the process is started."""

HEADER = 4
"""Bytes of the length in front of what the two processes say to each other."""

_PIECE = 1 << 18
_TICK = 250
# So many bytes of blocks the other process has before it, that it never waits while this one is at work.
_AHEAD = 1 << 19
# So many blocks may be on their way: those that were decoded here wait for their turn.
_MOST = 24
_TYPES: dict[str | None, ObjectType | None] = {None: None, **{k.value: k for k in ObjectType}}
_new = tuple.__new__
_MESSAGES: dict[str, Callable[..., Message]] = {
    "entry": Entry,
    "intermediate": Intermediate,
    "reference": Reference,
    "result": Result,
}


class Facts(NamedTuple):
    """What the process has to know of the rules: the module of its main, and what that takes.

    ``rules`` are the user's own, and what they read, as plain values.
    """

    module: str
    domain: str
    domains: Sequence[str]
    rules: tuple[Any, ...] = ()


class Answer(NamedTuple):
    """The answer to one search: how its messages are told from others, and what they may hold."""

    number: int
    base: str
    below: bool
    above: Mapping[bytes, tuple[bytes, ...]]


def decoded(
    answer: Answer,
    facts: Facts,
    receive: Callable[[socket.socket | None], Iterator[bytes]],
    stop: Callable[[], bool],
) -> Iterator[Message | StagedPage]:
    """Give the messages of an answer as ``wire.messages`` does, and pages in place of most entries.

    ``receive`` gives the chunks of the answer from where it is (see ``stream.chunks``). Raises ProcessLost
    when the process ends before its work is done.
    """
    process: Decoder | None = None
    is_possible = True
    before, of_many = 0, 0

    def leave(came: int) -> bool:
        nonlocal process, is_possible, before, of_many
        if process is not None:
            return process.is_ready()
        # A message that is big alone tells nothing of what follows it.
        of_many += min(came - before, _PIECE)
        before = came
        if is_possible and of_many >= WORTHWHILE:
            try:
                process = Decoder(answer, facts)
            except OSError:  # the system gives no process now: it goes on here, as it began
                is_possible = False
        return False

    try:
        rest = yield from messages(receive(None), answer.number, above=answer.above, leave=leave)
        if process is not None and rest is not None:
            received = blocks(chain([rest], receive(process.socket)))
            yield from _shared(answer, process, received, stop)
    finally:
        if process is not None:
            process.close()


@dataclass(slots=True)
class Block:
    """A part of the answer on its way: what it says, once that is known, or the error that it is."""

    said: list[Message | StagedPage] | None = None
    error: Exception | None = None

    @property
    def is_decoded(self) -> bool:
        return self.said is not None or self.error is not None

    def told(self) -> Sequence[Message | StagedPage]:
        """Return what it says; raises the error that it is."""
        if self.error is not None:
            raise self.error
        return self.said or ()


def _shared(
    answer: Answer, process: Decoder, received: Iterator[bytes], stop: Callable[[], bool]
) -> Iterator[Message | StagedPage]:
    """Decode blocks in both processes; give what they say in the order of the answer."""
    known = Known({}, {}, {}, ranges=False, above=answer.above)
    on_their_way: deque[Block] = deque()
    is_ended = False
    while True:
        process.exchange()
        while on_their_way and on_their_way[0].is_decoded:
            for message in on_their_way.popleft().told():
                yield message
                if type(message) is Result:
                    return
            process.exchange()
        if is_ended or len(on_their_way) >= _MOST:
            process.wait(stop)
        elif (block := _next(answer.number, process, received, known)) is not None:
            on_their_way.append(block)
            is_ended = block.error is not None


def _next(number: int, process: Decoder, received: Iterator[bytes], known: Known) -> Block | None:
    """Have the next block decoded, here where the process has enough to do; None where none has come yet.

    An error counts when all that came before it has been given.
    """
    block = Block()
    try:
        data = next(received, None)
        if data is None:
            block.error = DirectoryUnavailable(CLOSED)
        elif not data:
            return None
        elif process.has_room:
            process.send(data, block)
        else:
            block.said = list(block_messages(data, number, known))
    except ReadStopped:
        raise
    except DirectoryUnavailable as error:
        block.error = error
    return block


class Decoder:
    """The other process; ``socket`` is readable when it has something to say."""

    def __init__(self, answer: Answer, facts: Facts) -> None:
        self._process, self.socket = start(facts.module)
        self.socket.setblocking(False)
        number, base, below, above = answer
        begin = marshal.dumps(
            (number, base, below, {**above}, facts.domain, [*facts.domains], facts.rules)
        )
        self._out = bytearray(len(begin).to_bytes(HEADER, "big") + begin)
        self._in = bytearray()
        self._waiting: deque[tuple[Block, int]] = deque()
        self._ahead = 0

    def close(self) -> None:
        """End the process, whatever it does: nothing depends on it."""
        self.socket.close()
        self._process.kill()
        self._process.wait()

    def is_ready(self) -> bool:
        """Tell whether the process is there and has said so, as it does first."""
        self._send()
        return any(kind == "ready" for kind, _ in self._said())

    @property
    def has_room(self) -> bool:
        """Whether the process would soon have nothing to do."""
        return self._ahead < _AHEAD

    def send(self, data: bytes, block: Block) -> None:
        """Let the process decode a block."""
        self._waiting.append((block, len(data)))
        self._ahead += len(data)
        self._out += len(data).to_bytes(HEADER, "big") + data
        self._send()

    def exchange(self) -> None:
        """Send and receive what can be sent and received now; note what came of the blocks."""
        self._send()
        for kind, values in self._said():
            if kind == "ready":
                continue
            block, size = self._waiting.popleft()
            self._ahead -= size
            if kind == "block":
                block.said = [_message(*each) for each in values]
            else:
                block.error = _error(kind, values)

    def wait(self, stop: Callable[[], bool]) -> None:
        """Wait for the process to take or say something; raises ReadStopped."""
        if stop():
            raise ReadStopped("the read was stopped")
        ready = select.poll()
        ready.register(self.socket, select.POLLIN | (select.POLLOUT if self._out else 0))
        ready.poll(_TICK)

    def _send(self) -> None:
        """Send as much as the process takes now."""
        try:
            while self._out:
                with memoryview(self._out) as out:
                    sent = self.socket.send(out)
                del self._out[:sent]
        except BlockingIOError:
            return
        except OSError as error:
            raise self._lost() from error

    def _said(self) -> list[tuple[str, Any]]:
        """Return what the process has said, in its order."""
        self._receive()
        said = []
        at = 0
        while len(self._in) - at >= HEADER:
            end = at + HEADER + int.from_bytes(self._in[at : at + HEADER], "big")
            if end > len(self._in):
                break
            said.append(marshal.loads(self._in[at + HEADER : end]))  # noqa: S302 - our own process
            at = end
        del self._in[:at]
        return said

    def _receive(self) -> None:
        try:
            while data := self.socket.recv(_PIECE):
                self._in += data
        except BlockingIOError:
            return
        except OSError as error:
            raise self._lost() from error
        if not self._in:
            raise self._lost()

    def _lost(self) -> ProcessLost:
        how = how_it_ended(self._process)
        return ProcessLost(
            f"The process that decodes the directory's answer {how}. Nothing was changed: the next cycle reads "
            "again. Where it ends again, look for the reason in the system's journal (too little memory, for "
            "example)."
        )


def _message(kind: str, values: Any) -> Message | StagedPage:
    """Return one thing that a block says."""
    if kind == "page":
        return StagedPage([unpacked(row) for row in values])
    return _MESSAGES[kind](*values)


def _error(kind: str, text: str) -> Exception:
    """Return what went wrong with a block there."""
    if kind == "malformed":
        return MalformedAnswer(text)
    if kind == "unavailable":
        return DirectoryUnavailable(text)
    return RuntimeError(f"the process that decodes met what it did not expect:\n{text}")


def unpacked(row: Sequence[Any]) -> Staged:
    """Return the staged entry that the other process wrote as a row."""
    uuid, anchor, dn, dn_key, kind, *rest = row
    return _new(Staged, (uuid, anchor, dn, dn_key, _TYPES[kind], *rest))
