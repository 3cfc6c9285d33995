"""Have another process decode and stage a big answer, so that two cores work on an import.

The connection stays here, with its waits, its TLS and its errors; the other process gets the bytes of the
answer and gives back staged entries. It is started when so much has come that it is worth its start
(``WORTHWHILE``), and takes over when it is ready: until then entries are decoded here, so a small answer pays
nothing.
"""

from __future__ import annotations

import marshal
import select
import socket
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.directory.search_entry import Entry
from connector.directory.wire import Intermediate, Reference, Result, messages
from connector.errors import DirectoryUnavailable, MalformedAnswer, ProcessLost, ReadStopped
from connector.model import ObjectType
from connector.processes import how_it_ended, start
from connector.values.staged import Staged, StagedPage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from connector.directory.wire import Message

WORTHWHILE = 4 << 20
"""Bytes of an answer, of some thousands of entries, at which the process is started."""

HEADER = 4
"""Bytes of the length in front of what the two processes say to each other."""

_PIECE = 1 << 18
_TICK = 250
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

    ``rules`` are the user's own, as plain values.
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

    def leave(came: int) -> bool:
        nonlocal process, is_possible
        if process is not None:
            return process.is_ready()
        if is_possible and came >= WORTHWHILE:
            try:
                process = Decoder(answer, facts)
            except OSError:  # the system gives no process now: it goes on here, as it began
                is_possible = False
        return False

    try:
        rest = yield from messages(receive(None), answer.number, above=answer.above, leave=leave)
        if process is not None and rest is not None:
            yield from process.messages(rest, receive(process.socket), stop)
    finally:
        if process is not None:
            process.close()


class Decoder:
    """The other process; ``socket`` is readable when it has something to say."""

    def __init__(self, answer: Answer, facts: Facts) -> None:
        self._process, self.socket = start(facts.module)
        self.socket.setblocking(False)
        number, base, below, above = answer
        begin = marshal.dumps(
            (number, base, below, {**above}, facts.domain, [*facts.domains], facts.rules)
        )
        self._out = memoryview(len(begin).to_bytes(HEADER, "big") + begin)
        self._in = bytearray()

    def close(self) -> None:
        """End the process, whatever it does: nothing depends on it."""
        self.socket.close()
        self._process.kill()
        self._process.wait()

    def is_ready(self) -> bool:
        """Tell whether the process is there and has said so, as it does first."""
        self._send()
        return any(kind == "ready" for kind, _ in self._said())

    def messages(
        self, rest: bytes, received: Iterator[bytes], stop: Callable[[], bool]
    ) -> Iterator[Message | StagedPage]:
        """Send what is received, from the ``rest`` of a message on; give what comes of it."""
        self._out = memoryview(rest)
        is_ended = False
        while True:
            self._send()
            for kind, values in self._said():
                if kind == "ready":
                    continue
                message = _message(kind, values)
                yield message
                if type(message) is Result:
                    return
            if self._out or is_ended:
                self._wait(stop)
            elif (data := next(received, None)) is not None:
                self._out = memoryview(data)
            else:
                is_ended = True
                self.socket.shutdown(socket.SHUT_WR)

    def _send(self) -> None:
        """Send as much as the process takes now."""
        try:
            while self._out:
                self._out = self._out[self.socket.send(self._out) :]
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

    def _wait(self, stop: Callable[[], bool]) -> None:
        """Wait for the process to take or say something."""
        if stop():
            raise ReadStopped("the read was stopped")
        ready = select.poll()
        ready.register(self.socket, select.POLLIN | (select.POLLOUT if self._out else 0))
        ready.poll(_TICK)

    def _lost(self) -> ProcessLost:
        how = how_it_ended(self._process)
        return ProcessLost(
            f"The process that decodes the directory's answer {how}. Nothing was changed: the next cycle reads "
            "again. Where it ends again, look for the reason in the system's journal (too little memory, for "
            "example)."
        )


def _message(kind: str, values: Any) -> Message | StagedPage:
    """Return what the process said; raises what it met."""
    if kind == "page":
        return StagedPage([unpacked(row) for row in values])
    if kind == "malformed":
        raise MalformedAnswer(values)
    if kind == "unavailable":
        raise DirectoryUnavailable(values)
    if kind == "failed":
        raise RuntimeError(f"the process that decodes met what it did not expect:\n{values}")
    return _MESSAGES[kind](*values)


def unpacked(row: Sequence[Any]) -> Staged:
    """Return the staged entry that the other process wrote as a row."""
    uuid, anchor, dn, dn_key, kind, *rest = row
    return _new(Staged, (uuid, anchor, dn, dn_key, _TYPES[kind], *rest))
