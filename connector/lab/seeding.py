"""Seed a lab's directory: only what is not there yet, so that seeding twice does no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.errors import LabUnusable
from connector.lab import generator
from connector.lab.seeds import SEEDS
from connector.ports import SILENT
from connector.values import dn as dns
from connector.values.ldif import dn_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from connector.lab.server import LabServer
    from connector.ports import Progress

BIG = "big"
_CHANGES = "resolve"
_OF_CONTOSO = ("conflicts", _CHANGES)
# More than this, and it is worth stopping the server for a load that is ten times as fast.
_FEW = 2000
_A_STEP = 500


class Seeded(NamedTuple):
    """How many entries were added, and how many were there already; changes count as added."""

    added: int
    there: int


def seed(server: LabServer, name: str, *, progress: Progress = SILENT) -> Seeded:
    """Seed one of ``SEEDS`` into a running server.

    Raises LabUnusable when it builds on entries that are not there.
    """
    there = _present(server)
    if name in _OF_CONTOSO and not _has_contoso(there):
        raise LabUnusable(
            f"{name} is about entries of contoso, which are not there: "
            "connector lab seed contoso, connector sync, and then this"
        )
    if name == _CHANGES:
        records = list(SEEDS[name]())
        server.apply("".join(records))
        return Seeded(len(records), 0)
    return _add(server, SEEDS[name], there, progress)


def seed_big(server: LabServer, number: int, *, progress: Progress = SILENT) -> Seeded:
    """Seed the generator's directory of ``number`` users, groups and contacts."""
    return _add(server, lambda: generator.entries(number), _present(server), progress)


def is_seeded(server: LabServer, name: str) -> bool:
    """Tell whether everything of a seed is there."""
    there = _present(server)
    return all(_key(record) in there for record in SEEDS[name]())


def _add(
    server: LabServer,
    records: Callable[[], Iterable[str]],
    there: set[str],
    progress: Progress,
) -> Seeded:
    """Add the records whose entry is not there; they are made twice, but never kept."""
    missing = known = 0
    for record in records():
        if _key(record) in there:
            known += 1
        else:
            missing += 1
    if missing:
        wanted = (record for record in records() if _key(record) not in there)
        progress.begin("loading the directory", missing)
        _load(server, _watched(wanted, progress), offline=missing > _FEW)
        progress.end()
    return Seeded(missing, known)


def _load(server: LabServer, records: Iterable[str], *, offline: bool) -> None:
    if not offline:
        server.load(records)
        return
    server.stop()
    try:
        server.load(records)
    finally:
        server.start()


def _watched(records: Iterable[str], progress: Progress) -> Iterator[str]:
    for number, record in enumerate(records, 1):
        yield record
        if number % _A_STEP == 0:
            progress.advance(_A_STEP)


def _present(server: LabServer) -> set[str]:
    """Return the folded DNs of all entries."""
    found = server.search("(objectClass=*)", "1.1")
    return {_key(record) for record in found.split("\n\n") if record.strip()}


def _key(record: str) -> str:
    return dns.key(dn_of(record))


def _has_contoso(there: set[str]) -> bool:
    return all(_key(record) in there for record in SEEDS["contoso"]())
