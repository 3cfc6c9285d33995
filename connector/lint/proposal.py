"""Show the directory as a proposed change would leave it, without writing to the real one."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from connector.errors import InvalidLdif
from connector.lint.proposed_change import as_written, attributes_of, modified, renamed
from connector.model import Complete, DirectoryEntry, Gone, Identity
from connector.values import dn as dns
from connector.values.reads import NOTHING_MORE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from connector.model import Change
    from connector.ports import Directory
    from connector.values.ldif import Record
    from connector.values.reads import Reads
    from connector.values.schema import Schema

_NAMESPACE = uuid.UUID("7a1f2f5e-1d1c-4f0e-9a53-4be4b5a1c0de")
_LATER = b"99991231235959Z"
_EVERYTHING = "(objectClass=*)"
# What is compared in a filter of RFC 4515: the name in front of an operator.
_COMPARED = re.compile(r"\(\s*([^()&|!=<>~:\s]+)\s*(?::[^=()]*)?[~<>]?=")


class ProposedDirectory:
    """The port ``ports.Directory`` over a real directory and LDIF change records applied to it.

    The constructor reads the entries that the records touch. It raises InvalidLdif for a record that
    the directory would refuse: it changes a missing entry, say, or adds an existing one. Records about
    what is not below ``base`` have no effect; ``overlooked`` names them. ``selection`` is the filter of
    the search, which only a server can judge: ``unjudged`` names the entries that may meet it or not
    after the change, and that count as found.
    """

    def __init__(
        self,
        real: Directory,
        records: Iterable[Record],
        base: str = "",
        selection: str = _EVERYTHING,
        reads: Reads = NOTHING_MORE,
    ) -> None:
        self.overlooked: list[str] = []
        self.unjudged: list[str] = []
        self._real = real
        self._base = base
        self._schema = real.schema().reading_also(reads)
        self._entries: dict[bytes, DirectoryEntry | None] = {}
        self._compared = {
            self._schema.plain(name).name
            for name in _COMPARED.findall(selection)
            if selection != _EVERYTHING
        }
        for record in records:
            self._apply(record)
            if self._may_enter_or_leave(record):
                self.unjudged.append(
                    f"line {record.line}: whether {record.dn} meets directory.filter {selection}"
                )

    def fingerprint(self) -> str:
        return self._real.fingerprint()

    @property
    def url(self) -> str:
        return self._real.url

    def changes(self, cookie: bytes | None) -> Iterator[Change]:
        for change in self._real.changes(cookie):
            if isinstance(change, Complete):
                yield from self._proposed()
                yield change
            elif not isinstance(change, DirectoryEntry) or change.uuid not in self._entries:
                yield change

    def read(self, uuids: Collection[bytes]) -> Iterator[DirectoryEntry]:
        real = [identity for identity in uuids if identity not in self._entries]
        if real:
            yield from self._real.read(real)
        for identity in uuids:
            if entry := self._entries.get(identity):
                yield entry

    def read_below(self, dn: str) -> Iterator[DirectoryEntry]:
        for entry in self._real.read_below(dn):
            if entry.uuid not in self._entries:
                yield entry
        base = dns.key(dn)
        for proposed in list(self._entries.values()):
            if proposed is not None and dns.is_below(dns.key(proposed.dn), base):
                yield proposed

    def read_all(self) -> Iterator[DirectoryEntry]:
        yield from (entry for entry in self._real.read_all() if entry.uuid not in self._entries)
        yield from (entry for entry in self._entries.values() if entry is not None)

    def identities(self) -> Iterator[Identity]:
        yield from (each for each in self._real.identities() if each.uuid not in self._entries)
        proposed = [entry for entry in self._entries.values() if entry is not None]
        yield from (Identity(entry.uuid, entry.dn, "") for entry in proposed)

    def parents(self, uuids: Collection[bytes]) -> set[bytes]:
        return self._real.parents(uuids)

    def life(self) -> str:
        return self._real.life()

    def schema(self) -> Schema:
        return self._schema

    def close(self) -> None:
        self._real.close()

    # --- records ------------------------------------------------------------------------------

    def _proposed(self) -> Iterator[Change]:
        gone = [identity for identity, entry in self._entries.items() if entry is None]
        yield from (entry for entry in self._entries.values() if entry is not None)
        if gone:
            yield Gone(gone)

    def _apply(self, record: Record) -> None:
        if not self._is_inside(record.dn):
            self._overlook(record)
            return
        match record.kind:
            case "add":
                self._add(record)
            case "delete":
                self._delete(record)
            case "modify":
                entry = self._entry(record)
                self._entries[entry.uuid] = modified(
                    entry, record.modifications, self._schema, record.line
                )
            case _:
                self._rename(record)

    def _overlook(self, record: Record) -> None:
        """Pass over a change outside the search, which has no effect on what is synced."""
        if record.new_superior is not None and self._is_inside(record.new_superior):
            raise InvalidLdif(
                f"line {record.line}: {record.dn} is outside {self._base}, so what it would bring "
                "along cannot be told"
            )
        self.overlooked.append(f"line {record.line}: {record.dn} is outside {self._base}")

    def _may_enter_or_leave(self, record: Record) -> bool:
        """Tell whether a change may decide whether its entry meets the filter of the search."""
        if not self._compared or record.kind == "delete" or not self._is_inside(record.dn):
            return False
        if record.kind != "modify":
            return True
        names = {self._schema.plain(change.attribute).name for change in record.modifications}
        return not self._compared.isdisjoint(names)

    def _is_inside(self, dn: str) -> bool:
        return dns.is_below(dns.key(dn), dns.key(self._base))

    def _add(self, record: Record) -> None:
        if self._find(record.dn) is not None:
            raise InvalidLdif(f"line {record.line}: {record.dn} exists already")
        self._check_there(dns.parent(record.dn), record.line)
        identity = uuid.uuid5(_NAMESPACE, dns.key(record.dn))
        attributes: dict[str, Sequence[bytes]] = {
            **attributes_of(record.dn, record.attributes, self._schema, record.line),
            "entryuuid": [str(identity).encode()],
            "createtimestamp": [_LATER],
        }
        self._entries[identity.bytes] = DirectoryEntry(identity.bytes, record.dn, attributes)

    def _delete(self, record: Record) -> None:
        entry = self._entry(record)
        for below in self.read_below(entry.dn):
            if below.uuid != entry.uuid:
                raise InvalidLdif(f"line {record.line}: {entry.dn} has entries below it")
        self._entries[entry.uuid] = None

    def _rename(self, record: Record) -> None:
        """Move an entry with everything below it, as a directory does."""
        moved = self._entry(record)
        superior = record.new_superior if record.new_superior is not None else dns.parent(moved.dn)
        rdn = as_written(record.new_rdn, self._schema)
        new_dn = f"{rdn},{superior}" if superior else rdn
        self._check_target(moved, record, superior, new_dn)
        there = self._is_inside(new_dn)
        for entry in list(self.read_below(moved.dn)):
            under = entry._replace(dn=_under(entry.dn, dns.key(moved.dn)) + new_dn)
            self._entries[entry.uuid] = under if there else None
        if there:
            self._entries[moved.uuid] = renamed(moved, record, new_dn, self._schema)

    def _check_target(
        self, moved: DirectoryEntry, record: Record, superior: str, new_dn: str
    ) -> None:
        key = dns.key(moved.dn)
        if key == dns.key(self._base):
            raise InvalidLdif(f"line {record.line}: {moved.dn} is the base of the search")
        if dns.key(new_dn) != key and self._is_inside(new_dn) and self._find(new_dn) is not None:
            raise InvalidLdif(f"line {record.line}: {new_dn} exists already")
        if dns.is_below(dns.key(superior), key):
            raise InvalidLdif(f"line {record.line}: {moved.dn} cannot be moved below itself")
        if record.new_superior is not None:
            self._check_there(superior, record.line)

    def _check_there(self, dn: str, line: int) -> None:
        """Refuse what is to stand below an entry that is not there."""
        if self._is_inside(dn) and dn and self._find(dn) is None:
            raise InvalidLdif(f"line {line}: the directory has no {dn} that this search sees")

    def _entry(self, record: Record) -> DirectoryEntry:
        entry = self._find(record.dn)
        if entry is None:
            raise InvalidLdif(
                f"line {record.line}: the directory has no {record.dn} that this search sees"
            )
        return entry

    def _find(self, dn: str) -> DirectoryEntry | None:
        key = dns.key(dn)
        return next((entry for entry in self.read_below(dn) if dns.key(entry.dn) == key), None)


def _under(dn: str, base_key: str) -> str:
    """Return the components of a DN in front of that of an entry above it, with a comma behind."""
    front = ""
    while dns.key(dn) != base_key:
        above = dns.parent(dn)
        front += dn[: len(dn) - len(above)]
        dn = above
    return front
