"""Trace the properties of an object: which rule won, what it saw, and why the others lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from connector.rules.chain import given, resolved, taken_by, told_of
from connector.rules.default_flows import FLOWS
from connector.rules.flow import by_default
from connector.rules.language.values import Marker
from connector.rules.rule import Merge
from connector.rules.sync_error import FlowFailed
from connector.rules.targets import EXTENSION_ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.model import ObjectType
    from connector.rules.chain import Chain, Contribution, Link, Told
    from connector.rules.default_flows import Flow
    from connector.rules.transforms import Source

_NO_VALUE = "it has no value"
_IGNORED = "it leaves what the cloud has (IgnoreThisFlow)"
_ONCE = "it applies when an object is made (once)"
_OUT_OF_SCOPE = "its scope does not take the object"
_DISABLED = "the rule is disabled"


class Lost(NamedTuple):
    """A rule that did not decide on a property: its value, None for none, and a sentence why."""

    rule: str
    value: Any
    reason: str


class Traced(NamedTuple):
    """A property with the rule that decided on it, and the attributes that this rule saw.

    ``value`` is None where the rule lets the object have none.
    """

    property: str
    value: Any
    rule: str
    attributes: Mapping[str, Sequence[str]]
    others: tuple[Lost, ...] = ()


def trace(chain: Chain, kind: ObjectType, source: Source, told: Told) -> list[Traced]:
    """Trace the properties of an entry for which the chain has a result."""
    part = chain.part(kind)
    defaults: dict[str, Any] = {**by_default(kind, source, chain.disabled)}
    inner = dict(defaults.pop(EXTENSION_ATTRIBUTES, None) or {})
    tracer = _Tracer(chain, kind, source, told)
    found = {}
    for link in part.links:
        name = link.target.name
        holder = inner if link.target.inside else defaults
        if one := tracer.traced(link, holder.pop(name, None)):
            found[name] = one
    if inner:
        defaults[EXTENSION_ATTRIBUTES] = inner
    rows = []
    for row in FLOWS[kind]:
        if row.property in found:
            rows.append(found.pop(row.property))
        elif row.property in defaults:
            seen = tracer.seen_by(row)
            rows.append(Traced(row.property, defaults[row.property], row.rule, seen))
    return rows + list(found.values())


class _Tracer:
    """Traces the targets of one entry."""

    def __init__(self, chain: Chain, kind: ObjectType, source: Source, told: Told) -> None:
        self._source = source
        self._told = told
        self._disabled = chain.disabled
        part = chain.part(kind)
        self._view = part.view(source.attributes, source.dn, is_text=False)
        self._taken = taken_by(part, source.attributes, source.dn)
        self._is_new = not part.has_once or told() is None
        self._rows = {row.property: row for row in FLOWS[kind]}

    def traced(self, link: Link, default: Any) -> Traced | None:
        """Trace a target; None where no rule has a say."""
        value = resolved(link, self._view, default, self._taken, is_new=self._is_new)
        kept = value is Marker.IGNORE_THIS_FLOW
        if kept:
            value = told_of(link.target, self._told() or {})
        row = self._row(link)
        decided: tuple[str, Mapping[str, Sequence[str]]] | None = None
        others: list[Lost] = []
        for one in link.asked:
            if one is None and row is None:
                continue
            gave, reason = self._gave(link, one, default, row)
            rule = row.rule if one is None and row is not None else one.rule  # type: ignore[union-attr]
            if decided is None and _decides(gave, kept=kept):
                seen = self._seen(row.names, row.sources) if one is None and row else {}
                decided = rule, (seen if one is None else self._seen(one.reads, one.reads.values()))
                continue
            if decided is not None and not reason:
                is_merged = link.merge is not Merge.UPDATE
                reason = (
                    "its values are taken, too" if is_merged else f"{decided[0]} is asked first"
                )
            others.append(Lost(rule, None if isinstance(gave, Marker) else gave, reason))
        if decided is None:
            return None
        return Traced(link.target.name, value, *decided, tuple(others))

    def _gave(
        self, link: Link, one: Contribution | None, default: Any, row: Flow | None
    ) -> tuple[Any, str]:
        """Return what a rule gives to a target, and why it is not taken, if that is its own reason."""
        if one is None:
            if row is not None and row.rule in self._disabled:
                return None, _DISABLED
            return default, "" if default is not None else _NO_VALUE
        if not self._taken[one.position]:
            return None, _OUT_OF_SCOPE
        try:
            value = given(link, one, self._view, is_new=self._is_new)
        except FlowFailed as failed:  # behind the rule that won: nobody asked it
            return None, failed.error.message
        if value is Marker.IGNORE_THIS_FLOW:
            return value, _ONCE if one.once and not self._is_new else _IGNORED
        return value, "" if value is not None else _NO_VALUE

    def _row(self, link: Link) -> Flow | None:
        """Return the default flow of a target; of one inside, with its own attribute alone."""
        if not link.target.inside:
            return self._rows.get(link.target.name)
        row = self._rows[EXTENSION_ATTRIBUTES]
        name = link.target.name
        return row._replace(sources=(name,), names=(name.lower(),))

    def seen_by(self, row: Flow) -> dict[str, list[str]]:
        """Return the attributes that a default flow saw."""
        return self._seen(row.names, row.sources)

    def _seen(self, names: Any, spelled: Any) -> dict[str, list[str]]:
        attributes = self._source.attributes
        return {
            written: [*attributes[name]]
            for name, written in zip(names, spelled, strict=True)
            if name in attributes
        }


def _decides(gave: Any, *, kept: bool) -> bool:
    """Tell whether what a rule gave decides; ``kept`` says that the cloud keeps what it has."""
    if kept:
        return gave is Marker.IGNORE_THIS_FLOW
    return gave is not None and gave is not Marker.IGNORE_THIS_FLOW
