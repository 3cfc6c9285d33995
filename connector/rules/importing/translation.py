"""Say of each exported rule what it is here, and what of it cannot be taken.

A rule is taken with the scope that it has or not at all: with a wider one it would change objects that
nobody meant. Of a rule that is taken single flows may be left.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from connector.model import ObjectType
from connector.rules.compilation import compile_rules
from connector.rules.defaults import DEFAULT_RULES
from connector.rules.importing.numbering import Wished, numbered
from connector.rules.rule import DEFAULTS, Flow, Merge, Rule
from connector.values.filters import written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from connector.rules.importing.document import Clause, SyncRule
    from connector.rules.importing.document import Mapping as Exported

_TYPES = {
    "user": ObjectType.USER,
    "inetorgperson": ObjectType.USER,
    "group": ObjectType.GROUP,
    "contact": ObjectType.CONTACT,
}
_MERGES = frozenset(merge.value for merge in Merge)
_OPERATORS = frozenset(
    (
        "EQUAL",
        "NOTEQUAL",
        "LESSTHAN",
        "LESSTHAN_OR_EQUAL",
        "GREATERTHAN",
        "GREATERTHAN_OR_EQUAL",
        "CONTAINS",
        "NOTCONTAINS",
        "STARTSWITH",
        "NOTSTARTSWITH",
        "ENDSWITH",
        "NOTENDSWITH",
        "ISNULL",
        "ISNOTNULL",
        "ISIN",
        "ISNOTIN",
        "ISBITSET",
        "ISBITNOTSET",
        "ISNOTBITSET",
    )
)
_WITHOUT_VALUE = frozenset(("ISNULL", "ISNOTNULL"))
# What a filter in a file of settings would not show: see values/filters.
_BREAKS = re.compile(r"[\r\n]")

_NOTHING = "none of its flows can be taken"
_NO_PLACE = "no precedence is free for it"
_OVERTAKEN = "the default rules are asked before it: the precedences in front of them are taken"


class Taken(NamedTuple):
    """A rule that is taken, and the name and the precedence that it has in the export."""

    rule: Rule
    name: str
    precedence: int


class Default(NamedTuple):
    """A rule that Microsoft made, which is not taken; ``here`` says that a default rule has its name."""

    name: str
    here: bool
    disabled: bool


class Left(NamedTuple):
    """What is not taken: a rule, or one flow of it, and a sentence why."""

    name: str
    flow: str | None
    reason: str


class Report(NamedTuple):
    """What became of the rules, each in the order of precedence."""

    taken: tuple[Taken, ...]
    default: tuple[Default, ...]
    left: tuple[Left, ...]


def translated(
    rules: Iterable[SyncRule],
    *,
    clouds: Collection[str] = (),
    everything: bool = False,
) -> Report:
    """Translate rules that were exported.

    ``clouds`` are the identifiers of connectors that are not of a directory, in lower case. With
    ``everything`` the rules of Microsoft are taken too, under names of their own. What is taken
    compiles; precedences that belong to the default rules are exchanged for others in the same order.
    """
    ordered = sorted(rules, key=lambda each: (each.precedence or 0, each.name))
    kept: dict[str, tuple[SyncRule, Rule]] = {}
    default: list[Default] = []
    left: list[Left] = []
    for rule in ordered:
        if rule.tag and not everything:
            default.append(Default(rule.name, rule.name in DEFAULT_RULES, rule.disabled))
        elif reason := why_not(rule, clouds) or _known(rule.name, kept):
            left.append(Left(rule.name, None, reason))
        else:
            left += [Left(rule.name, None, reason) for reason in _passed_over(rule)]
            flows: list[Flow] = []
            for mapping in rule.mappings:
                flow = _flow(mapping)
                if isinstance(flow, Flow):
                    flows.append(flow)
                else:
                    left.append(Left(rule.name, mapping.target or None, flow))
            kept[rule.name] = rule, _rule(rule, flows)
    microsoft = [rule for rule in ordered if rule.tag and not why_not(rule, clouds)]
    wishes = _wishes(kept, microsoft)
    places = numbered(wishes)
    left += _displaced(wishes, places)
    taken, wrong = _that_compile(_placed(kept, places))
    return Report(tuple(taken), tuple(default), tuple(left + wrong))


def _wishes(kept: dict[str, tuple[SyncRule, Rule]], microsoft: Iterable[SyncRule]) -> list[Wished]:
    """Say where each rule stood: before the last of the default rules, or behind it."""
    lasts = {each.rule.kind: each.rule.precedence for each in DEFAULT_RULES.values()}
    for theirs in microsoft:
        lasts[_kind(theirs)] = max(theirs.precedence or 0, lasts[_kind(theirs)])
    return [
        Wished(
            name,
            rule.kind,
            was.precedence or 0,
            before=bool(was.tag) or (was.precedence or 0) <= lasts[rule.kind],
        )
        for name, (was, rule) in kept.items()
    ]


def _displaced(wishes: Iterable[Wished], places: Mapping[str, int]) -> Iterator[Left]:
    """Name the rules without a precedence, and those that the default rules overtake."""
    for wish in wishes:
        if wish.name not in places:
            yield Left(wish.name, None, _NO_PLACE)
        elif wish.before and places[wish.name] >= DEFAULTS.stop:
            yield Left(wish.name, None, _OVERTAKEN)


def _placed(kept: dict[str, tuple[SyncRule, Rule]], places: Mapping[str, int]) -> tuple[Taken, ...]:
    """Give the rules their precedences here, and names that no default rule has."""
    found = [
        Taken(
            rule._replace(name=_own_name(name, kept), precedence=places[name]),
            name,
            was.precedence or 0,
        )
        for name, (was, rule) in kept.items()
        if name in places
    ]
    return tuple(sorted(found, key=lambda each: (each.rule.precedence, each.name)))


def _own_name(name: str, taken: Collection[str]) -> str:
    """Return a name that neither a default rule nor another rule has."""
    if name not in DEFAULT_RULES:
        return name
    own = f"{name} (exported)"
    while own in taken:
        own = f"{own}+"
    return own


def _that_compile(taken: Iterable[Taken]) -> tuple[list[Taken], list[Left]]:
    """Return the rules without the flows that do not compile beside each other, and what was left."""
    rules = [*taken]
    left: list[Left] = []
    while True:
        left += [Left(each.name, None, _NOTHING) for each in rules if not each.rule.flows]
        rules = [each for each in rules if each.rule.flows]
        wrong: dict[tuple[str, str | None], list[str]] = {}
        for mistake in compile_rules([each.rule for each in rules]).mistakes:
            sentence = mistake.sentence.partition("; there are ")[0]
            wrong.setdefault((mistake.rule, mistake.target), []).append(sentence)
        if not wrong:
            return rules, left
        names = {each.rule.name: each.name for each in rules}
        left += [
            Left(names[name], to, "; ".join(dict.fromkeys(said)))
            for (name, to), said in wrong.items()
        ]
        rules = [
            each._replace(
                rule=_without(each.rule, {to for name, to in wrong if name == each.rule.name})
            )
            for each in rules
            if (each.rule.name, None) not in wrong
        ]


def _without(rule: Rule, targets: Collection[str | None]) -> Rule:
    return rule._replace(flows=tuple(flow for flow in rule.flows if flow.to not in targets))


def why_not(rule: SyncRule, clouds: Collection[str]) -> str | None:
    """Say why a rule as a whole cannot be taken."""
    if not rule.name:
        return "it has no name"
    if rule.direction.lower() != "inbound":
        return "it is an outbound rule; what flows into the cloud follows from the inbound ones"
    if rule.connector in clouds:
        return "it flows in from the cloud"
    if rule.source_type.lower() not in _TYPES:
        return f"objects of the type {rule.source_type or '(none)'} are not synced"
    if rule.precedence is None:
        return "it has no precedence"
    clauses = (clause for group in rule.scope for clause in group)
    return next((why for clause in clauses if (why := _wrong(clause))), None)


def _wrong(clause: Clause) -> str | None:
    """Say why a condition of a scope cannot be written here."""
    if clause.operator not in _OPERATORS:
        return f"its scope uses {clause.operator or 'a condition without an operator'}"
    if not clause.attribute or bool(clause.value) is (clause.operator in _WITHOUT_VALUE):
        return f"its scope has a condition that is not whole: {_written(clause)}"
    if _BREAKS.search(clause.value):
        return f"its scope compares {clause.attribute} with a text that a filter cannot hold"
    return None


def _known(name: str, taken: Collection[str]) -> str | None:
    return "another rule has this name" if name in taken else None


def _passed_over(rule: SyncRule) -> Iterable[str]:
    """Yield what a rule does beside its flows, which nothing here does."""
    if rule.joins:
        yield "it joins objects; there is one directory here, and its objects are not joined"
    if rule.password_sync:
        yield "it synchronizes passwords, which nothing here does"


def _flow(mapping: Exported) -> Flow | str:
    """Return a flow, or a sentence why it cannot be taken."""
    if why := _wrong_flow(mapping):
        return why
    kept = Flow(mapping.target, once=mapping.once, merge=Merge(mapping.merge))
    if mapping.expression:
        return kept._replace(value=mapping.expression)
    if mapping.attributes:
        return kept._replace(source=mapping.attributes[0])
    return kept._replace(constant=mapping.constant)


def _wrong_flow(mapping: Exported) -> str | None:
    """Say why a flow cannot be taken."""
    if not mapping.target:
        return "it has no target"
    if mapping.merge not in _MERGES:
        return f"the merge type {mapping.merge} is not taken"
    if mapping.expression:
        return None
    if len(mapping.attributes) > 1:
        return "it has several attributes and no expression"
    return None if any(mapping.attributes) or mapping.constant else "it has no source"


def _rule(rule: SyncRule, flows: Iterable[Flow]) -> Rule:
    return Rule(
        rule.name,
        _kind(rule),
        rule.precedence or 0,
        tuple(flows),
        tuple(written_scope(rule)),
        rule.description,
        rule.disabled,
    )


def _kind(rule: SyncRule) -> ObjectType:
    return _TYPES[rule.source_type.lower()]


def written_scope(rule: SyncRule) -> Iterator[str]:
    """Yield the filters of a rule, of which an object must meet one; none where it holds for all."""
    # A group without conditions holds for every object, and then so do all of them.
    if all(rule.scope):
        for group in rule.scope:
            yield " AND ".join(map(_written, group))


def _written(clause: Clause) -> str:
    return f"{clause.attribute} {clause.operator} {written(clause.value)}".strip()
