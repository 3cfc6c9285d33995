"""An entry as the connector space keeps it, and pages of such entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.model import ObjectType


class Staged(NamedTuple):
    """An entry as the connector space keeps it.

    ``type`` is None for what is never synced: containers (kept for their place in the tree),
    computers, accounts of other kinds. ``created`` and ``csn`` are the directory's own texts, empty
    where it gave none; behind ``created`` stands the time in a version 1 UUID (see ``MOMENT``). ``attributes`` is JSON (see ``load``), ``references`` the folded DNs of the
    members of a group, its members by uid (see ``uid_key``), and the managers of any object (see
    ``manager_key``), sorted. ``hash`` is equal when nothing
    that counts has changed: neither the order of an answer nor ``csn`` does. ``choices`` are the
    attributes with several values of which one counts: it stands first. ``what`` says what an entry is
    that is never synced, unless it is a container (see ``classes``); of it the names alone are kept.
    ``properties`` is the canonical text of what flows to the cloud, None where that is not worked out yet.
    """

    uuid: bytes
    anchor: str
    dn: str
    dn_key: str
    type: ObjectType | None
    created: str
    csn: str
    attributes: str
    references: tuple[str, ...]
    choices: tuple[str, ...]
    hash: bytes
    what: str = ""
    properties: str | None = None


class StagedPage(NamedTuple):
    """Entries in the order of the answer that another process staged."""

    entries: Sequence[Staged]
