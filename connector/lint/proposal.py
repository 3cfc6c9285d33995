"""Show the directory as a proposed change would leave it, without writing to the real one."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from connector.errors import InvalidLdif
from connector.model import Complete, DirectoryEntry, Gone, Identity
from connector.values import dn as dns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from connector.model import Change
    from connector.ports import Directory
    from connector.values.ldif import Modification, Record

_NAMESPACE = uuid.UUID("7a1f2f5e-1d1c-4f0e-9a53-4be4b5a1c0de")
_LATER = b"99991231235959Z"


class ProposedDirectory:
    """The port ``ports.Directory`` over a real directory and LDIF change records applied to it.

    The constructor reads the entries that the records touch. It raises InvalidLdif for a record that
    changes a missing entry or adds an existing one.
    """

    def __init__(self, real: Directory, records: Iterable[Record]) -> None:
        self._real = real
        self._entries: dict[bytes, DirectoryEntry | None] = {}
        for record in records:
            self._apply(record)

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

    def close(self) -> None:
        self._real.close()

    # --- records ------------------------------------------------------------------------------

    def _proposed(self) -> Iterator[Change]:
        gone = [identity for identity, entry in self._entries.items() if entry is None]
        yield from (entry for entry in self._entries.values() if entry is not None)
        if gone:
            yield Gone(gone)

    def _apply(self, record: Record) -> None:
        match record.kind:
            case "add":
                self._add(record)
            case "delete":
                self._entries[self._entry(record).uuid] = None
            case "modify":
                self._modify(record)
            case _:
                self._rename(record)

    def _add(self, record: Record) -> None:
        if self._find(record.dn) is not None:
            raise InvalidLdif(f"line {record.line}: {record.dn} exists already")
        identity = uuid.uuid5(_NAMESPACE, dns.key(record.dn))
        attributes: dict[str, Sequence[bytes]] = {
            **record.attributes,
            "entryuuid": [str(identity).encode()],
            "createtimestamp": [_LATER],
        }
        self._entries[identity.bytes] = DirectoryEntry(identity.bytes, record.dn, attributes)

    def _modify(self, record: Record) -> None:
        entry = self._entry(record)
        attributes = {name: list(values) for name, values in entry.attributes.items()}
        for modification in record.modifications:
            _change(attributes, modification, record.line)
        self._entries[entry.uuid] = entry._replace(attributes=attributes)

    def _rename(self, record: Record) -> None:
        """Move an entry with everything below it, as a directory does."""
        moved = self._entry(record)
        superior = record.new_superior if record.new_superior is not None else dns.parent(moved.dn)
        new_dn = f"{record.new_rdn},{superior}" if superior else record.new_rdn
        for entry in list(self.read_below(moved.dn)):
            tail = entry.dn[: len(entry.dn) - len(moved.dn)]
            self._entries[entry.uuid] = entry._replace(dn=tail + new_dn)
        self._rename_value(moved, new_dn, record)

    def _rename_value(self, moved: DirectoryEntry, new_dn: str, record: Record) -> None:
        """Keep the naming attribute in step with the name."""
        attributes = {name: list(values) for name, values in moved.attributes.items()}
        if record.delete_old_rdn:
            name = moved.dn.partition("=")[0].strip().lower()
            old = dns.rdn_value(moved.dn).encode()
            attributes[name] = [value for value in attributes.get(name, []) if value != old]
        name = record.new_rdn.partition("=")[0].strip().lower()
        new = dns.rdn_value(new_dn).encode()
        if new not in attributes.setdefault(name, []):
            attributes[name].append(new)
        self._entries[moved.uuid] = moved._replace(dn=new_dn, attributes=attributes)

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


def _change(attributes: dict[str, list[bytes]], change: Modification, line: int) -> None:
    held = attributes.get(change.attribute, [])
    match change.operation:
        case "replace":
            held = list(change.values)
        case "add":
            held = [*held, *(value for value in change.values if value not in held)]
        case _:
            folded = {value.lower() for value in change.values}
            missing = folded - {value.lower() for value in held}
            if missing or not held:
                raise InvalidLdif(
                    f"line {line}: {change.attribute} has no value "
                    f"{b', '.join(sorted(missing)).decode('utf-8', 'replace')} to delete"
                )
            held = [value for value in held if value.lower() not in folded] if folded else []
    if held:
        attributes[change.attribute] = held
    else:
        attributes.pop(change.attribute, None)
