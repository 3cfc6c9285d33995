"""Decide on one object: from the staged entries of a source anchor to the export that it needs."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.model import CloudObject, ExcludedEntry, Failure, Flowing
from connector.rules.base_domain import domain_of
from connector.rules.chain import NO_RULES
from connector.rules.default_flows import MANAGER_RULES
from connector.rules.flow import flow
from connector.rules.one_pass import OnePass
from connector.rules.plan import plan
from connector.rules.scope import MEMBER_LIMIT, Scope
from connector.rules.sync_error import FlowError
from connector.rules.transforms import Source
from connector.rules.version import RULES_VERSION
from connector.values.canonical import decode, read
from connector.values.reads import NOTHING_MORE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from connector.model import Exported, PendingExport, StagedEntry, Work
    from connector.rules.chain import Chain, Told
    from connector.rules.flow import Flowed
    from connector.rules.scope import Excluded
    from connector.rules.tracing import Traced
    from connector.settings import DirectorySettings
    from connector.values.reads import Reads


_USUAL_ANCHOR = "mS-DS-ConsistencyGuid"


class Decision(NamedTuple):
    """What the rules decide on one source anchor: an export, a failure, or neither.

    ``warnings`` are sentences about values that were left out, ``excluded`` the entries that are not
    synced.
    """

    export: PendingExport | None = None
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    excluded: tuple[ExcludedEntry, ...] = ()


def _nothing_recalled(_anchor: str) -> str | None:
    return None


class Rules:
    """Scope, attribute flow and plan by the settings."""

    def __init__(  # noqa: PLR0913 - all that a decision depends on, by name
        self,
        settings: DirectorySettings,
        pilots: Collection[str] | None = None,
        *,
        domains: Sequence[str] = (),
        chain: Chain = NO_RULES,
        recalled: Callable[[str], str | None] = _nothing_recalled,
        reads: Reads = NOTHING_MORE,
    ) -> None:
        """Take the settings, and the folded DNs of the pilot group's members where they name one.

        ``domains`` are the verified domains of the tenant, the first in front: users get one of them
        where ``base_dn`` has no domain. ``chain`` has the rules of the user's own. ``recalled`` gives the
        properties, as canonical text, of an object that left the cloud and can come back to it. ``reads`` is
        what has to be read for all this.

        ``unmanaged`` are the types of objects whose manager does not flow. ``version`` changes with everything that a decision depends on: then every object is
        synchronized anew.
        """
        self.scope = Scope(
            settings.include, settings.exclude, filters=settings.scope, pilots=pilots, chain=chain
        )
        self.chain = chain
        self.unmanaged = [kind for kind, rule in MANAGER_RULES.items() if rule in chain.disabled]
        self.reads = reads
        self._recalled = recalled
        self.domain = domain_of(settings.base_dn)
        self.domains = () if self.domain else tuple(domains)
        facts = (
            RULES_VERSION,
            settings.include,
            settings.exclude,
            settings.scope,
            self.domain,
            self.domains,
            None if pilots is None else sorted(pilots),
            *chain.facts,
            *([reads.anchor] if reads.anchor else []),
        )
        self.version = _hash(facts)

    def one_pass(self, reads: Reads | None = None) -> OnePass:
        """Return what stages entries and works out their properties in one pass.

        ``reads`` is what is read, with the names of the server (see ``Schema.reading``).
        """
        version = self._flow_version()
        return OnePass(
            self.domain, self.domains, version, chain=self.chain, reads=reads or self.reads
        )

    def flowing(self) -> Flowing | None:
        """Return what a synchronization may take from the import, None where it has to look at all there is."""
        if self.scope.reads_attributes:
            return None
        limit = MEMBER_LIMIT if self.scope.takes_every_place else None
        return Flowing(self._flow_version(), limit)

    def _flow_version(self) -> str:
        return _hash((RULES_VERSION, self.domain, self.domains, *self.chain.facts))

    def flow(self, entry: StagedEntry, exported: Exported | None = None) -> Flowed | FlowError:
        """Compute the cloud object of an entry in scope, as ``flow`` does; ``exported`` is what the cloud has."""
        if not self.chain:
            return flow(entry, self.domain, self.domains)

        return flow(entry, self.domain, self.domains, self.chain, self._told(entry, exported))

    def trace(
        self, entry: StagedEntry, exported: Exported | None = None
    ) -> list[Traced] | FlowError:
        """Say of each property of an entry in scope which rule won, and which others lost."""
        from connector.rules.tracing import trace  # noqa: PLC0415 - only explain needs it

        told = self._told(entry, exported)
        flowed = flow(entry, self.domain, self.domains, self.chain, told)
        if isinstance(flowed, FlowError):
            return flowed
        source = Source(entry.attributes, entry.dn, self.domain, self.domains)
        return trace(self.chain, entry.type, source, told)

    def _told(self, entry: StagedEntry, exported: Exported | None) -> Told:
        """Return what gives, when it is asked for, what the cloud has of an object."""

        @cache
        def told() -> Mapping[str, Any] | None:
            if exported is not None:
                found: Mapping[str, Any] = decode(exported.properties)
                return found if exported.type is entry.type else {}
            known = self._recalled(entry.anchor)
            return None if known is None else decode(known)

        return told

    def decide(self, work: Work) -> Decision:
        """Decide on one source anchor; a failed object stays in the cloud as it was exported."""
        if work.properties is not None:
            return self._decide_on_place(work, work.properties)
        entries, left_out = [], []
        for entry in work.entries:
            excluded = self.scope.verdict(entry, work.members)
            if excluded is None:
                entries.append(entry)
            elif excluded.error is None:
                left_out.append(_left_out(entry, excluded))
            else:
                return Decision(failure=_failed(work, entry, excluded, excluded.error))
        decision = self._decide(work, entries)
        return decision._replace(excluded=tuple(left_out)) if left_out else decision

    def _decide_on_place(self, work: Work, properties: str) -> Decision:
        """Decide on an entry whose properties are known: by its place, and by what was exported."""
        (entry,) = work.entries
        excluded = self.scope.verdict_of_place(entry, work.members)
        if excluded is None:
            exported = work.exported
            if exported and (exported.properties, exported.type) == (properties, entry.type):
                return Decision()
            wanted = CloudObject(work.anchor, entry.type, read(properties))
            return Decision(
                plan(work.anchor, wanted=wanted, created=entry.created, exported=exported)
            )
        if excluded.error is not None:
            return Decision(failure=_failed(work, entry, excluded, excluded.error))
        return _without_entry(work)._replace(excluded=(_left_out(entry, excluded),))

    def _decide(self, work: Work, entries: list[StagedEntry]) -> Decision:
        """Decide on a source anchor that these entries in scope carry."""
        if not entries:
            return _without_entry(work)
        if len(entries) > 1:
            attribute = self.reads.written or _USUAL_ANCHOR
            return Decision(failure=_ambiguous(work.anchor, entries, attribute))
        entry = entries[0]
        if self.reads.anchor and not _has_one(entry, self.reads.anchor):
            return Decision(failure=_without_anchor(work, entry, self.reads))
        if work.wanted_anchor is not None and work.exported is not None:
            return Decision(failure=_anchor_changed(work, self.reads.written or _USUAL_ANCHOR))
        flowed = self.flow(entry, work.exported)
        if isinstance(flowed, FlowError):
            return Decision(failure=Failure(work.anchor, *flowed))
        export = plan(
            work.anchor, wanted=flowed.object, created=entry.created, exported=work.exported
        )
        warnings = tuple(f"{entry.dn}: {warning.message}" for warning in flowed.warnings)
        return Decision(export, warnings=warnings)


def _hash(facts: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _failed(work: Work, entry: StagedEntry, excluded: Excluded, error: str) -> Failure:
    sentence = excluded.sentence
    message = f"{entry.dn} {sentence}" if excluded.attribute is None else sentence
    return Failure(work.anchor, error, excluded.attribute, None, message)


def _left_out(entry: StagedEntry, excluded: Excluded) -> ExcludedEntry:
    return ExcludedEntry(entry.anchor, entry.dn, excluded.rule, str(entry.type), excluded.sentence)


def _without_entry(work: Work) -> Decision:
    created = work.entries[0].created if work.entries else ""
    return Decision(plan(work.anchor, wanted=None, created=created, exported=work.exported))


def _has_one(entry: StagedEntry, attribute: str) -> bool:
    values = entry.attributes.get(attribute, ())
    return len(values) == 1 and bool(values[0])


def _without_anchor(work: Work, entry: StagedEntry, reads: Reads) -> Failure:
    count = len(entry.attributes.get(reads.anchor, ()))
    return Failure(
        work.anchor,
        "InvalidSourceAnchor",
        reads.written,
        None,
        f"{entry.dn} has {count} values of {reads.written}, which is the source anchor "
        "(sync.source_anchor): give it one",
    )


def _ambiguous(anchor: str, entries: list[StagedEntry], attribute: str) -> Failure:
    names = " and ".join(entry.dn for entry in entries)
    return Failure(
        anchor,
        "AmbiguousSourceAnchor",
        attribute,
        anchor,
        f"{names} carry the same source anchor; give one of them another, or none",
    )


def _anchor_changed(work: Work, attribute: str) -> Failure:
    """Refuse another source anchor: an exported one is immutable (error text of the default sync rules)."""
    return Failure(
        work.anchor,
        "SourceAnchor attribute has changed.",
        attribute,
        work.wanted_anchor,
        f"{work.entries[0].dn} was exported with the source anchor {work.anchor} and now carries "
        f"{work.wanted_anchor}; restore the former one to let its changes through",
    )
