"""Find staged entries for people: by DN, by source anchor, by any of their addresses, or by a name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.model import OBJECT_CLASS, ObjectType, StagedEntry
from connector.staging import managers
from connector.values.addresses import address_key, fold, unique_keys
from connector.values.entries import load, staged_key
from connector.values.references import MEMBER_REFERENCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.staging.managers import NamedManager
    from connector.storage.database import Database

_COLUMNS = "id, anchor, type, dn, dn_key, created, attributes, csn, run"
_ATTRIBUTES = 6
_NAMES = ("uid", "samaccountname", "cn", "displayname")


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """A staged entry and where it comes from: ``csn`` is the directory's own mark of the change.

    ``run`` is the one that staged it last. ``entry`` is None for what is never synced; ``what`` then has
    its classes, and is empty for a container. ``references`` counts a group's member values,
    ``unresolved`` names the first of those that are the DN or the uid of no staged object. ``managers`` are
    those that the entry names.
    """

    anchor: str
    dn: str
    entry: StagedEntry | None
    csn: str
    run: int
    references: int
    unresolved: tuple[str, ...]
    what: str = ""
    managers: tuple[NamedManager, ...] = ()


class Lookup:
    """The connector space, for those who ask about one object."""

    def __init__(self, database: Database) -> None:
        self._connection = database.conn

    def find(self, identity: str) -> list[FoundEntry]:
        """Return the entries that an identity means, oldest first.

        It is a DN or a source anchor, else a UPN or an address, else a uid, a sAMAccountName, a cn or a
        display name; an entry that is never synced is found too.
        """
        return self.at(identity) or self.with_address(identity) or self.called(identity)

    def at(self, identity: str) -> list[FoundEntry]:
        """Return the entries with this DN or source anchor, oldest first."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM entry WHERE dn_key = ? OR anchor = ? ORDER BY created, uuid",  # noqa: S608
            (staged_key(identity), identity.encode("utf-8", "replace").decode()),
        )
        return [self._found(row) for row in rows.fetchall()]

    def with_address(self, identity: str) -> list[FoundEntry]:
        """Return the entries that ask for this UPN or address, oldest first."""
        return [self._found(row) for row in list(self._with_address(identity))]

    def called(self, name: str) -> list[FoundEntry]:
        """Return the entries with this uid, sAMAccountName, cn or display name, oldest first."""
        return [self._found(row) for row in list(self._with_name(name))]

    def _with_address(self, identity: str) -> Iterator[tuple[object, ...]]:
        """Scan the attributes for an address: rare, and asked by a person."""
        address = address_key(identity)
        if "@" not in address:
            return
        domain = address.rpartition("@")[2].encode("ascii", "ignore").decode()
        rows = self._connection.execute(
            f"""SELECT {_COLUMNS} FROM entry
                WHERE type IS NOT NULL AND instr(lower(attributes), ?)
                ORDER BY created, uuid""",  # noqa: S608
            (domain,),
        )
        for row in rows:
            if address in _addresses(row[_ATTRIBUTES]):
                yield row

    def _with_name(self, identity: str) -> Iterator[tuple[object, ...]]:
        """Scan the attributes for a name, as rarely as for an address."""
        name = fold(identity)
        # Of text that is not ASCII SQLite does not know the lower case.
        part = name if name.isascii() and name.isalnum() else ""
        rows = self._connection.execute(
            f"""SELECT {_COLUMNS} FROM entry
                WHERE attributes <> '{{}}' AND instr(lower(attributes), ?)
                ORDER BY created, uuid""",  # noqa: S608
            (part,),
        )
        for row in rows:
            values = load(str(row[_ATTRIBUTES]))
            if any(fold(value) == name for key in _NAMES for value in values.get(key, ())):
                yield row

    def _found(self, row: tuple[object, ...]) -> FoundEntry:
        number, anchor, kind, dn, dn_key, created, attributes, csn, run = row
        entry = None
        if kind is not None:
            entry = StagedEntry(
                anchor=str(anchor),
                type=ObjectType(str(kind)),
                dn=str(dn),
                dn_key=str(dn_key),
                created=str(created),
                attributes=load(str(attributes)),
            )
        (references,) = self._connection.execute(
            "SELECT count(*) FROM reference WHERE entry = ? AND target >= ?",
            (number, MEMBER_REFERENCES),
        ).fetchone()
        unresolved = self._connection.execute(
            """SELECT target FROM reference r WHERE entry = ?1 AND target >= ?2
               AND NOT EXISTS (SELECT 1 FROM entry WHERE dn_key = r.target AND +type IS NOT NULL)
               AND (SELECT count(*) FROM account WHERE name = r.target) <> 1
               ORDER BY target LIMIT 20""",
            (number, MEMBER_REFERENCES),
        )
        other = self._connection.execute(
            "SELECT what FROM excluded WHERE entry = ? AND reason = ?", (number, OBJECT_CLASS)
        ).fetchone()
        return FoundEntry(
            str(anchor),
            str(dn),
            entry,
            str(csn),
            int(str(run)),
            references,
            tuple(target.lstrip(" ") for (target,) in unresolved),
            other[0] if other else "",
            tuple(managers.named(self._connection, int(str(number)))),
        )

    def is_staged(self, dn: str) -> bool:
        """Tell whether an entry of this name is staged, a container for one, or any below it.

        Under a filter only some containers are. Only where none is of this name all names are looked at.
        """
        key = staged_key(dn)
        for sql, value in (
            ("SELECT 1 FROM entry WHERE dn_key = ?", key),
            ("SELECT 1 FROM entry WHERE substr(dn_key, -length(?1)) = ?1 LIMIT 1", f",{key}"),
        ):
            if self._connection.execute(sql, (value,)).fetchone() is not None:
                return True
        return False

    def has_objects(self) -> bool:
        """Tell whether any user, group or contact is staged."""
        sql = "SELECT 1 FROM entry WHERE type IS NOT NULL LIMIT 1"
        return self._connection.execute(sql).fetchone() is not None

    def members_of(self, dn: str) -> set[str]:
        """Return the folded DNs of the direct members of a group; none when it is not staged."""
        rows = self._connection.execute(
            """SELECT r.target FROM entry g JOIN reference r ON r.entry = g.id AND r.target >= :members
               WHERE g.dn_key = :group AND +g.type = 'group'
               UNION SELECT e.dn_key FROM entry g JOIN reference r ON r.entry = g.id
               JOIN account a ON a.name = r.target JOIN entry e ON e.id = a.entry
               WHERE g.dn_key = :group AND +g.type = 'group'
               GROUP BY r.target HAVING count(DISTINCT e.anchor) = 1""",
            {"group": staged_key(dn), "members": MEMBER_REFERENCES},
        )
        return {target for (target,) in rows}

    def has_exported(self) -> bool:
        """Tell whether the tenant was told of any object that is there still."""
        sql = "SELECT EXISTS (SELECT 1 FROM cloud_entry)"
        return bool(self._connection.execute(sql).fetchone()[0])

    def pending_operation(self, anchor: str) -> tuple[str, list[str]] | None:
        """Return the operation that is pending, and the names of the properties it changes."""
        row = self._connection.execute(
            "SELECT operation, changed FROM pending_export WHERE anchor = ?", (anchor,)
        ).fetchone()
        return (row[0], json.loads(row[1])) if row else None


def _addresses(attributes: str) -> set[str]:
    values = load(attributes)
    properties = {
        "userPrincipalName": next(iter(values.get("userprincipalname", ())), ""),
        "mail": next(iter(values.get("mail", ())), ""),
        "proxyAddresses": values.get("proxyaddresses", ()),
    }
    return {key.partition(":")[2] for key in unique_keys(properties)}
