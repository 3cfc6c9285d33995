"""Measure the pieces of a first sync alone: where the processor time of an object goes.

In microseconds of processor time an object, all threads together; of pure code the best of some runs. The
steps (``rows``, ``decide``, ``export``) are whole ones on real databases, without a directory.
"""

from __future__ import annotations

import gc
import marshal
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from connector import decoder, steps
from connector.assembly import open_parts
from connector.directory import apart
from connector.directory.controls import sync_state
from connector.directory.search_entry import Entry
from connector.directory.wire import messages
from connector.lab import generator
from connector.logs.log import open_log
from connector.model import Complete, DirectoryEntry, StagedEntry, Work
from connector.rules.ruleset import Rules
from connector.settings import Settings
from connector.tenant.policy import policy_of
from connector.tenant.wanted import want
from connector.values.canonical import canonical, read
from connector.values.entries import load, stage
from connector.values.ldif import parse
from connector.values.staged import StagedPage
from tests import ldap_messages as ldap
from tests.benchmarks.table import Row
from tests.benchmarks.ten_rules import CHAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from connector.assembly import Parts
    from connector.ports import Directory
    from connector.run import Run
    from connector.steps import Step
    from connector.values.staged import Staged

T = TypeVar("T")

MOST = 20_000
_BASE = "dc=contoso,dc=com"
_REPEATS = 3
_PAGE = 128
_CHUNK = 1 << 16
_STAMPS = {
    "createTimestamp": [b"20261126180000Z"],
    "entryCSN": [b"20261126180000.000000Z#000000#000#000000"],
}


class Pieces:
    """The pieces for so many generated objects; ``found`` has their times by name."""

    def __init__(self, total: int, folder: Path) -> None:
        self.found: dict[str, float] = {}
        self._total = total
        folder.mkdir()
        self._settings = Settings.model_validate(
            {
                "directory": {"url": ["ldap://nowhere"], "base_dn": _BASE},
                "tenant": {
                    "initial_domain": "contoso.onmicrosoft.com",
                    "verified_domains": ["contoso.com", "fabrikam.com"],
                },
                "storage": {"path": folder / "var"},
                "log": {"format": "json", "file": folder / "connector.log"},
            }
        )
        self._rules = Rules(self._settings.directory)

    def rows(self) -> list[Row]:
        """Measure all of them."""
        answer = b"".join(_answer(self._total))
        chunks = [answer[at : at + _CHUNK] for at in range(0, len(answer), _CHUNK)]
        decoded = self._best("decode", lambda: list(messages(chunks, 1)))
        entries = [
            DirectoryEntry(sync_state(each.controls)[1], each.dn, each.attributes)
            for each in decoded
            if type(each) is Entry
        ]
        staged = self._best("one pass", lambda: [*map(self._rules.one_pass().stage, entries)])
        own = Rules(self._settings.directory, chain=CHAIN)
        self._best("one pass with ten rules", lambda: [*map(own.one_pass().stage, entries)])
        self._best("general way instead", lambda: self._general(entries))
        pages = [staged[at : at + _PAGE] for at in range(0, len(staged), _PAGE)]
        self._best("pipe between two processes", lambda: [*map(_sent, pages)])
        self._best("want", partial(self._want, staged))
        self._steps(_Staged(pages))
        return [Row(f"piece: {name}", value, "us") for name, value in self.found.items()]

    def _best(self, name: str, work: Callable[[], T]) -> T:
        for _ in range(_REPEATS):
            done = self._measure(name, work)
        return done

    def _measure(self, name: str, work: Callable[[], T]) -> T:
        gc.collect()
        began = time.process_time()
        done = work()
        took = (time.process_time() - began) / self._total * 1e6
        self.found[name] = min(took, self.found.get(name, took))
        return done

    def _general(self, entries: Sequence[DirectoryEntry]) -> None:
        for found in map(stage, entries):
            if found.type is not None:
                names = (found.anchor, found.type, found.dn, found.dn_key, found.created)
                entry = StagedEntry(*names, load(found.attributes))
                work = Work(found.anchor, [entry], None, len(found.references), None)
                if export := self._rules.decide(work).export:
                    canonical(export.properties)

    def _want(self, staged: Sequence[Staged]) -> None:
        policy = policy_of(self._settings.tenant, "seed", {}, ())
        for each in staged:
            if each.properties is not None:
                want(read(each.properties), str(each.type), None, {}, policy)

    def _steps(self, directory: _Staged) -> None:
        """Measure the steps of a first sync, members apart from objects."""
        with (
            closing(open_log(self._settings.log)) as log,
            open_parts(self._settings, log=log, directory=cast("Directory", directory)) as parts,
        ):
            run = parts.space.history.begin("initial", parts.now())
            self._measure("rows of the import", partial(_take, parts, run, steps.full_import))
            self._measure(
                "decide and members", partial(_take, parts, run, steps.delta_synchronization)
            )
            self._measure("export", partial(_take, parts, run, steps.export))


class _Staged:
    """A directory whose entries are staged already; it has no more than a first import asks for."""

    url = "ldap://nowhere"

    def __init__(self, pages: Sequence[Sequence[Staged]]) -> None:
        self._pages = pages

    def changes_staged(self, *_: object) -> Iterator[StagedPage | Complete]:
        yield from map(StagedPage, self._pages)
        yield Complete(None, unmentioned_gone=True)

    def life(self) -> str:
        return "one"

    def fingerprint(self) -> str:
        return "nowhere"

    def close(self) -> None:
        """Close nothing."""


def _take(parts: Parts, run: Run, step: Step) -> None:
    result = steps.take(parts, run, step.__name__, step)
    if result.ends_the_run:
        raise RuntimeError(f"{step.__name__} ended with {result}")


def _answer(total: int) -> Iterator[bytes]:
    """Write the objects as slapd would send them in a refresh."""
    number = 0
    for record in generator.entries(total):
        for each in parse(record):
            number += 1
            entry = ldap.entry(each.dn, {**each.attributes, **_STAMPS})
            yield ldap.message(1, entry, ldap.sync_state(1, number.to_bytes(16, "big")))
    yield ldap.message(1, ldap.result())


def _sent(page: Sequence[Staged]) -> list[Staged]:
    """Write a page as one process does, and read it as the other one does."""
    text = marshal.dumps([*map(decoder.packed, page)], decoder.PLAIN)
    return [*map(apart.unpacked, marshal.loads(text))]  # noqa: S302 - written a line above
