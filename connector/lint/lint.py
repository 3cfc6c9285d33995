"""Lint a directory: run every check on every entry in scope, and find what the next sync would quarantine."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from connector.lint.checks import check
from connector.lint.duplicates import Duplicates
from connector.lint.proposed_change import with_kinds
from connector.model import Complete, DirectoryEntry, Identity, StagedEntry
from connector.values import dn as dns
from connector.values.entries import load, stage
from connector.values.reads import NOTHING_MORE
from connector.values.references import members_among
from connector.values.schema import standard

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from connector.lint.findings import Finding
    from connector.model import Change
    from connector.rules.scope import Scope
    from connector.values.ldif import Record
    from connector.values.reads import Reads
    from connector.values.schema import Schema

_NAMESPACE = uuid.UUID("7a1f2f5e-1d1c-4f0e-9a53-4be4b5a1c0df")


def lint(
    changes: Iterable[Change],
    scope: Scope,
    advance: Callable[[int], None] = lambda _: None,
    *,
    verified: Collection[str] = (),
    reads: Reads = NOTHING_MORE,
) -> Iterator[Finding]:
    """Yield the findings of all entries that would be synced: single values first, then duplicates.

    ``verified`` are the domains of the tenant, folded.
    """
    duplicates = Duplicates()
    for change in changes:
        if not isinstance(change, DirectoryEntry):
            continue
        advance(1)
        staged = stage(change, reads)
        if staged.type is None:
            continue
        attributes = load(staged.attributes)
        entry = StagedEntry(
            staged.anchor, staged.type, staged.dn, staged.dn_key, staged.created, attributes
        )
        if scope.verdict(entry, len(members_among(staged.references))) is None:
            yield from check(entry, verified)
            duplicates.collect(entry)
    yield from duplicates.findings()


class LdifDirectory:
    """The port ``ports.Directory`` over the entries of an LDIF file, in the order of the file.

    The file may be what ``ldapsearch`` prints. ``overlooked`` says what of it was not looked at.
    """

    def __init__(self, records: Iterable[Record], name: str) -> None:
        self.url = name
        self.overlooked: list[str] = []
        self._entries: dict[bytes, DirectoryEntry] = {}
        for position, record in enumerate(records):
            if record.kind != "add":
                self.overlooked.append(_overlooked(record))
                continue
            entry = _entry(record, position)
            if entry.uuid in self._entries:
                self.overlooked.append(f"line {record.line}: {record.dn} once more")
                continue
            if "objectclass" not in entry.attributes:
                self.overlooked.append(
                    f"line {record.line}: {record.dn}, which shows no objectClass; ask for it, too"
                )
            self._entries[entry.uuid] = entry
        self.overlooked = [each for each in self.overlooked if each]

    def fingerprint(self) -> str:
        return "ldif"

    def changes(self, cookie: bytes | None) -> Iterator[Change]:  # noqa: ARG002 - always everything
        yield from self._entries.values()
        yield Complete(None, unmentioned_gone=True)

    def read(self, uuids: Collection[bytes]) -> Iterator[DirectoryEntry]:
        return (self._entries[identity] for identity in uuids if identity in self._entries)

    def read_below(self, dn: str) -> Iterator[DirectoryEntry]:
        base = dns.key(dn)
        return (e for e in self._entries.values() if dns.is_below(dns.key(e.dn), base))

    def read_all(self) -> Iterator[DirectoryEntry]:
        return iter(self._entries.values())

    def identities(self) -> Iterator[Identity]:
        return (Identity(entry.uuid, entry.dn, "") for entry in self._entries.values())

    def parents(self, uuids: Collection[bytes]) -> set[bytes]:  # noqa: ARG002 - a file does not tell
        return set()

    def life(self) -> str:
        return self.url

    def schema(self) -> Schema:
        return standard()

    def close(self) -> None:
        """Do nothing: the file is already closed."""


def _entry(record: Record, position: int) -> DirectoryEntry:
    """Make an entry from a record; operational attributes derive from its DN and position."""
    identity = uuid.uuid5(_NAMESPACE, dns.key(record.dn))
    hours, rest = divmod(position, 3600)
    created = f"2000{1 + hours // 24 % 12:02}01{hours % 24:02}{rest // 60:02}{rest % 60:02}Z"
    attributes: dict[str, list[bytes]] = {}
    for description, values in record.attributes.items():
        if attribute := standard().attribute(description):
            attributes.setdefault(attribute.name, []).extend(values)
    attributes.setdefault("createtimestamp", [created.encode()])
    attributes.setdefault("entryuuid", [str(identity).encode()])
    return DirectoryEntry(identity.bytes, record.dn, with_kinds(attributes, standard()))


def _overlooked(record: Record) -> str:
    """Say what was not looked at; nothing where a search ended well."""
    values = [
        value.decode("utf-8", "replace") for each in record.attributes.values() for value in each
    ]
    if record.kind == "ref":
        return f"line {record.line}: a reference to another server, {' '.join(values)}"
    if record.kind == "result":
        result = " ".join(v.decode("utf-8", "replace") for v in record.attributes.get("result", ()))
        if not result or result.partition(" ")[0] == "0":
            return ""
        return f"line {record.line}: what the search did not return, for it ended with {result}"
    return f"line {record.line}: a change record ({record.kind} {record.dn}); try connector whatif"
