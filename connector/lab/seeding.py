"""Seed a lab's directory with missing entries only, so that seeding twice is harmless."""

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
# With more entries than this, a load into a stopped server is worth it: it is ten times as fast.
_FEW = 2000
_A_STEP = 500


class Seeded(NamedTuple):
    """The number of entries added, and of those there before; changes count as added."""

    added: int
    there: int


def seed(server: LabServer, name: str, *, progress: Progress = SILENT) -> Seeded:
    """Seed one of ``SEEDS`` into a running server.

    Raises LabUnusable if the seed builds on entries that are missing.
    """
    there = _present(server)
    if name in _OF_CONTOSO and not _has_contoso(there):
        raise LabUnusable(
            f"{name} builds on entries of contoso, which are missing: "
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
    """Tell whether the directory has all entries of a seed."""
    there = _present(server)
    return all(_key(record) in there for record in SEEDS[name]())


def _add(
    server: LabServer,
    records: Callable[[], Iterable[str]],
    there: set[str],
    progress: Progress,
) -> Seeded:
    """Add the missing entries; ``records`` is called twice, so that no list is kept."""
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
