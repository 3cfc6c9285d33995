"""Survey a directory before a sync: which entries would be left out, and which domains its UPNs are in."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from connector.model import OBJECT_CLASS, DirectoryEntry, LeftOut, ObjectType, StagedEntry
from connector.rules.chain import NO_RULES
from connector.rules.readings import one
from connector.rules.ruleset import Rules
from connector.rules.sync_error import FlowError
from connector.values.addresses import fold
from connector.values.entries import load, stage, staged_key
from connector.values.reads import NOTHING_MORE
from connector.values.references import members_among

if TYPE_CHECKING:
    from connector.ports import Directory
    from connector.rules.chain import Chain
    from connector.settings import DirectorySettings
    from connector.values.reads import Reads


MOST = 20_000
"""Entries that are looked at while a person waits."""


def survey(
    settings: DirectorySettings,
    directory: Directory,
    *,
    chain: Chain = NO_RULES,
    reads: Reads = NOTHING_MORE,
) -> Survey:
    """Look at the entries as a first import reads them, up to a bound.

    ``chain`` has the rules of the user's own. Raises what the import would raise.
    """
    found = Survey(settings, chain=chain, reads=reads)
    entries = (each for each in directory.changes(None) if isinstance(each, DirectoryEntry))
    for entry in islice(entries, MOST):
        found.add(entry)
    found.end()
    return found


class Survey:
    """What a sync by these settings would do with the entries that are added, counted.

    ``entries`` is the number of these.
    """

    def __init__(
        self,
        settings: DirectorySettings,
        *,
        chain: Chain = NO_RULES,
        reads: Reads = NOTHING_MORE,
    ) -> None:
        self.entries = 0
        self._settings = settings
        self._rules = Rules(settings, chain=chain, reads=reads)
        self._pilot = settings.pilot_group and staged_key(settings.pilot_group)
        self._pilots: set[str] = set()
        self._waiting: list[tuple[StagedEntry, int]] = []
        self._left_out: Counter[tuple[str, str]] = Counter()
        self._suffixes: Counter[str] = Counter()
        self._mail_domains: Counter[str] = Counter()
        self._objects: Counter[ObjectType] = Counter()

    def add(self, entry: DirectoryEntry) -> None:
        """Count an entry; with a pilot group it is kept until the survey ends."""
        self.entries += 1
        staged = stage(entry, self._rules.reads)
        if staged.type is None:
            if staged.what:
                self._left_out[OBJECT_CLASS, staged.what] += 1
            return
        found = StagedEntry(
            staged.anchor,
            staged.type,
            staged.dn,
            staged.dn_key,
            staged.created,
            load(staged.attributes),
        )
        members = members_among(staged.references)
        if self._pilot is None:
            self._judge(found, len(members))
            return
        self._waiting.append((found, len(members)))
        if staged.dn_key == self._pilot:
            self._pilots.update(members)

    def end(self) -> None:
        """Judge what waited for the members of the pilot group."""
        if self._pilot is not None:
            rules = self._rules
            self._rules = Rules(self._settings, self._pilots, chain=rules.chain, reads=rules.reads)
        for entry, members in self._waiting:
            self._judge(entry, members)
        self._waiting.clear()

    def left_out(self) -> list[LeftOut]:
        """Return the entries that would not be synced, the most first of each reason."""
        counts = [LeftOut(*key, count) for key, count in self._left_out.items()]
        return sorted(counts, key=lambda one: (one.reason, -one.count, one.what))

    def objects(self) -> dict[str, int]:
        """Return how many objects of each type would be synced."""
        return {str(kind): self._objects[kind] for kind in ObjectType}

    def suffixes(self) -> dict[str, int]:
        """Return how many users have a UPN in each domain, folded, the most used ones first."""
        return _most_first(self._suffixes)

    def mail_domains(self) -> dict[str, int]:
        """Return how many users have their mail in each domain, folded, the most used ones first."""
        return _most_first(self._mail_domains)

    def _judge(self, entry: StagedEntry, members: int) -> None:
        if excluded := self._rules.scope.verdict(entry, members):
            if excluded.error is None:
                self._left_out[excluded.rule, str(entry.type)] += 1
            return
        self._objects[entry.type] += 1
        if entry.type is not ObjectType.USER:
            return
        if domain := fold(one(entry.attributes, "mail").rpartition("@")[2]):
            self._mail_domains[domain] += 1
        flowed = self._rules.flow(entry)
        if not isinstance(flowed, FlowError):
            upn = str(flowed.object.properties["userPrincipalName"])
            if suffix := fold(upn.rpartition("@")[2]):
                self._suffixes[suffix] += 1


def _most_first(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
