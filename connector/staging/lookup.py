"""Find staged entries for people: by DN, source anchor, or any address of theirs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.model import ObjectType, StagedEntry
from connector.values import dn as dns
from connector.values.addresses import address_key, unique_keys
from connector.values.entries import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.storage.database import Database

_COLUMNS = "id, anchor, type, dn, created, attributes, csn, run"


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """A staged entry with what brought it: ``csn`` is the directory's own mark of the change.

    ``entry`` is None for what is never synced (a container, say); ``references`` counts a group's
    member values, ``unresolved`` names the first of those that no staged entry answers to.
    """

    anchor: str
    dn: str
    entry: StagedEntry | None
    csn: str
    run: int
    references: int
    unresolved: tuple[str, ...]


def find(database: Database, identity: str) -> list[FoundEntry]:
    """Return the entries that a DN, a source anchor, a UPN or an address means, oldest first."""
    rows = database.conn.execute(
        f"SELECT {_COLUMNS} FROM entry WHERE dn_key = ? OR anchor = ? ORDER BY created, uuid",  # noqa: S608
        (dns.key(identity), identity),
    ).fetchall()
    found = [_found(database, row) for row in rows]
    return found or [_found(database, row) for row in _with_address(database, identity)]


def _with_address(database: Database, identity: str) -> Iterator[tuple[object, ...]]:
    """Scan the attributes for an address: rare, and asked by a person."""
    address = address_key(identity)
    if "@" not in address:
        return
    domain = address.rpartition("@")[2].encode("ascii", "ignore").decode()
    rows = database.conn.execute(
        f"""SELECT {_COLUMNS} FROM entry WHERE type IS NOT NULL AND instr(lower(attributes), ?)
            ORDER BY created, uuid""",  # noqa: S608
        (domain,),
    )
    for row in rows:
        if address in _addresses(row[5]):
            yield row


def _addresses(attributes: str) -> set[str]:
    values = load(attributes)
    properties = {
        "userPrincipalName": next(iter(values.get("userprincipalname", ())), ""),
        "mail": next(iter(values.get("mail", ())), ""),
        "proxyAddresses": values.get("proxyaddresses", ()),
    }
    return {key.partition(":")[2] for key in unique_keys(properties)}


def _found(database: Database, row: tuple[object, ...]) -> FoundEntry:
    number, anchor, kind, dn, created, attributes, csn, run = row
    entry = None
    if kind is not None:
        entry = StagedEntry(
            str(anchor), ObjectType(str(kind)), str(dn), str(created), load(str(attributes))
        )
    (references,) = database.conn.execute(
        "SELECT count(*) FROM reference WHERE entry = ?", (number,)
    ).fetchone()
    unresolved = database.conn.execute(
        """SELECT target FROM reference r WHERE entry = ?
           AND NOT EXISTS (SELECT 1 FROM entry WHERE dn_key = r.target AND +type IS NOT NULL)
           ORDER BY target LIMIT 20""",
        (number,),
    )
    return FoundEntry(
        str(anchor),
        str(dn),
        entry,
        str(csn),
        int(str(run)),
        references,
        tuple(target for (target,) in unresolved),
    )


def members_of(database: Database, dn: str) -> set[str]:
    """Return the folded DNs of the direct members of a group; none when it is not staged."""
    rows = database.conn.execute(
        """SELECT r.target FROM entry g JOIN reference r ON r.entry = g.id
           WHERE g.dn_key = ? AND +g.type = 'group'""",
        (dns.key(dn),),
    )
    return {target for (target,) in rows}


def pending_operation(database: Database, anchor: str) -> tuple[str, list[str]] | None:
    """Return the operation that waits for export, and the names of the properties it changes."""
    row = database.conn.execute(
        "SELECT operation, changed FROM pending_export WHERE anchor = ?", (anchor,)
    ).fetchone()
    return (row[0], json.loads(row[1])) if row else None
