"""Be the process that decodes and stages a big answer of the directory for another one, which starts it.

It gets blocks of one answer from ``directory.apart``, and gives back for each what it says: pages of staged
entries; all other messages go back as they are. It ends when its channel is closed.
"""

from __future__ import annotations

import marshal
import socket
import traceback
from typing import TYPE_CHECKING, Any

from connector.collector import collect_seldom
from connector.directory.apart import HEADER, Answer
from connector.directory.controls import DELETE, PRESENT, sync_state
from connector.directory.names import Expected
from connector.directory.search_entry import Entry, Known
from connector.directory.wire import Intermediate, Reference, block_messages
from connector.errors import DirectoryUnavailable, MalformedAnswer
from connector.model import DirectoryEntry, ObjectType
from connector.processes import ignore_signals
from connector.rules.chain import NO_RULES
from connector.rules.one_pass import OnePass
from connector.values.reads import Reads

if TYPE_CHECKING:
    from connector.directory.wire import Message
    from connector.rules.chain import Chain
    from connector.values.staged import Staged

# The version of marshal without references to what came before, which is the faster one here.
PLAIN = 2
_TEXTS: dict[ObjectType | None, str | None] = {None: None, **{k: k.value for k in ObjectType}}


def main(descriptor: int) -> None:
    """Decode one answer that comes through the socket of this descriptor."""
    collect_seldom()
    ignore_signals()
    with socket.socket(fileno=descriptor) as channel:
        try:
            _serve(channel)
        except (EOFError, ConnectionError):
            return


def _serve(channel: socket.socket) -> None:
    *answer, domain, domains, rules = marshal.loads(_received(channel))  # noqa: S302 - from the process that started this one
    there = _There(Answer(*answer), _one_pass(domain, domains, *rules))
    _say(channel, "ready", None)
    while True:
        block = _received(channel)
        try:
            _say(channel, "block", there.decoded(block))
        except MalformedAnswer as error:
            _say(channel, "malformed", str(error))
        except DirectoryUnavailable as error:
            _say(channel, "unavailable", str(error))
        except ConnectionError:
            raise
        except Exception:  # noqa: BLE001 - the other process tells it
            _say(channel, "failed", traceback.format_exc())


def _one_pass(
    domain: str, domains: list[str], facts: tuple[Any, ...] = (), read: Any = ()
) -> OnePass:
    return OnePass(domain, domains, chain=_chain(facts), reads=Reads(*read))


def _chain(facts: tuple[Any, ...]) -> Chain:
    if not facts:
        return NO_RULES
    from connector.rules.compilation import chain_of  # noqa: PLC0415 - the language is slow to import

    return chain_of(facts)


class _There:
    """What decodes and stages the blocks of one answer."""

    def __init__(self, answer: Answer, stager: OnePass) -> None:
        self._number = answer.number
        self._known = Known({}, {}, {}, ranges=False, above=answer.above)
        self._expected = Expected(answer.base, below=answer.below)
        self._stager = stager

    def decoded(self, block: bytes) -> list[tuple[str, Any]]:
        """Return what a block says: pages of staged entries, and the other messages as they are."""
        told: list[tuple[str, Any]] = []
        page: list[tuple[Any, ...]] = []
        for message in block_messages(block, self._number, self._known):
            if type(message) is Entry:
                self._expected.check(message.dn)
                state, uuid = sync_state(message.controls)
                if state != DELETE and (state != PRESENT or message.attributes):
                    entry = DirectoryEntry(uuid, message.dn, message.attributes)
                    page.append(packed(self._stager.stage(entry)))
                    continue
            if page:
                told.append(("page", page))
                page = []
            told.append((_kind(message), tuple(message)))
        if page:
            told.append(("page", page))
        return told


def packed(staged: Staged) -> tuple[Any, ...]:
    """Return a staged entry as a row that can be written for the other process (see ``apart.unpacked``)."""
    uuid, anchor, dn, dn_key, kind, *rest = staged
    return (uuid, anchor, dn, dn_key, _TEXTS[kind], *rest)


def _kind(message: Message) -> str:
    if type(message) is Entry:
        return "entry"
    if type(message) is Intermediate:
        return "intermediate"
    return "reference" if type(message) is Reference else "result"


def _received(channel: socket.socket) -> bytes:
    size = int.from_bytes(_read(channel, HEADER), "big")
    return _read(channel, size)


def _read(channel: socket.socket, size: int) -> bytes:
    data = channel.recv(size, socket.MSG_WAITALL)
    if len(data) < size:
        raise EOFError
    return data


def _say(channel: socket.socket, kind: str, values: Any) -> None:
    text = marshal.dumps((kind, values), PLAIN)
    channel.sendall(len(text).to_bytes(HEADER, "big") + text)
