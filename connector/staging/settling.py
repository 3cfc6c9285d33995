"""Say what settles each difference that a comparison found.

A delta settles what the directory or the tenant would tell in one. What they would not tell needs to be
read whole; what an export failed on, or a guard holds, needs a person.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import CookieRefused, ResyncRequired
from connector.model import Complete, DirectoryEntry, Gone
from connector.staging import comparison, readback
from connector.staging.state import State
from connector.values.entries import stage

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from connector.ports import Directory, Stage, Tenant
    from connector.staging.comparison import Difference
    from connector.storage.database import Database


class Remedy(StrEnum):
    """What settles a difference; ``connector verify`` has the command of each."""

    DELTA = "delta"
    IDENTITIES = "identities"
    EVERYTHING = "everything"
    APPROVAL = "approval"
    CORRECTION = "correction"
    RESTORE = "restore"


class Settled(NamedTuple):
    """A difference, and what settles it."""

    difference: Difference
    remedy: Remedy


class _All:
    """Contains everything: a delta becomes a full read by itself."""

    def __contains__(self, _: object) -> bool:
        return True


def advise(  # noqa: PLR0913 - the two sides, how far the last import got, and how it stages
    database: Database,
    found: Sequence[Difference],
    directory: Directory,
    tenant: Tenant,
    cookie: bytes | None,
    *,
    stage: Stage = stage,
) -> Iterator[Settled]:
    """Yield each difference with its remedy; ``cookie`` is where the next import would start.

    The directory is asked for a delta only where it differs from what is staged.
    """
    between = {difference.between for difference in found}
    told: Container[str] = ()
    if comparison.DIRECTORY in between:
        told = _told_by_directory(database, directory, cookie, stage)
    returned: Container[str] = ()
    if comparison.CLOUD in between:
        returned = _told_by_tenant(database, tenant)
    failed = {anchor for (anchor,) in database.conn.execute("SELECT anchor FROM error")}
    held = {anchor for (anchor,) in database.conn.execute("SELECT anchor FROM deletion")}
    for difference in found:
        if difference.between == comparison.DIRECTORY:
            remedy = _in_directory(difference, told, held)
        elif difference.between == comparison.CLOUD and difference.is_pending:
            remedy = _of_export(difference, failed, held)
        elif difference.between == comparison.CLOUD:
            remedy = Remedy.DELTA if difference.anchor in returned else Remedy.EVERYTHING
        else:
            remedy = Remedy.RESTORE
        yield Settled(difference, remedy)


def _in_directory(difference: Difference, told: Container[str], held: set[str]) -> Remedy:
    if difference.anchor in held:
        return Remedy.APPROVAL
    if difference.anchor in told:
        return Remedy.DELTA
    return Remedy.EVERYTHING if difference.what == comparison.CHANGED else Remedy.IDENTITIES


def _of_export(difference: Difference, failed: set[str], held: set[str]) -> Remedy:
    if difference.anchor in held:
        return Remedy.APPROVAL
    return Remedy.CORRECTION if difference.anchor in failed else Remedy.DELTA


def _told_by_directory(
    database: Database, directory: Directory, cookie: bytes | None, stage: Stage
) -> Container[str]:
    """Return the source anchors of what the next delta would bring, without staging any of it."""
    if cookie is None:
        return _All()
    mentioned: set[bytes] = set()
    anchors: set[str] = set()
    others = False
    try:
        for change in directory.changes(cookie):
            if isinstance(change, DirectoryEntry):
                mentioned.add(change.uuid)
                anchors.add(stage(change).anchor)
                anchors.update(_anchors_of(database, [change.uuid]))
            elif isinstance(change, Complete):
                others = change.unmentioned_gone
            elif isinstance(change, Gone):
                anchors.update(_anchors_of(database, change.uuids))
            else:
                mentioned.update(change.uuids)
    except ResyncRequired:
        return _All()
    except CookieRefused:
        return ()
    if others:
        rows = database.conn.execute("SELECT uuid, anchor FROM entry")
        anchors.update(anchor for uuid, anchor in rows if uuid not in mentioned)
    return anchors


def _anchors_of(database: Database, uuids: Iterable[bytes]) -> Iterator[str]:
    for uuid in uuids:
        rows = database.conn.execute("SELECT anchor FROM entry WHERE uuid = ?", (uuid,))
        yield from (anchor for (anchor,) in rows)


def _told_by_tenant(database: Database, tenant: Tenant) -> Container[str]:
    """Return the source anchors of what the next read-back would bring."""
    cookie = State(database).get(readback.COOKIE)
    if cookie is None or readback.refusal(database, tenant) is not None:
        return _All()
    return {shadow.source_anchor for shadow in tenant.read_back(cookie)[0]}
