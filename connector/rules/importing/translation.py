"""Say of each exported rule what it is here, and what of it cannot be taken.

A rule is taken with the scope that it has or not at all: with a wider one it would change objects that
nobody meant. Of a rule that is taken single flows may be left.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from connector.rules.expression import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from connector.rules.importing.document import Clause, Mapping, SyncRule

_TYPES = {"user": "user", "inetorgperson": "user", "group": "group", "contact": "contact"}
_MERGES = frozenset(("Update", "Merge", "MergeCaseInsensitive"))
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
# What would end a clause where filters are written: see values/filters.
_BREAKS = re.compile(r"\sAND\s|[\r\n]")


class Flow(NamedTuple):
    """A flow with exactly one of an attribute, an expression and a constant."""

    to: str
    attribute: str | None = None
    value: str | None = None
    constant: str | None = None
    once: bool = False
    merge: str = "Update"


class Rule(NamedTuple):
    """A rule that can be taken; ``scope`` are filters, of which one must hold."""

    name: str
    description: str
    disabled: bool
    source: str
    precedence: int
    scope: tuple[str, ...]
    flows: tuple[Flow, ...]


class Default(NamedTuple):
    """A rule that Microsoft made, which is not taken: there is one here in its place, or none."""

    name: str
    disabled: bool


class Left(NamedTuple):
    """What is not taken: a rule, or one flow of it, and a sentence why."""

    name: str
    flow: str | None
    reason: str


class Report(NamedTuple):
    """What became of the rules, each in the order of precedence."""

    taken: tuple[Rule, ...]
    default: tuple[Default, ...]
    left: tuple[Left, ...]


def translated(
    rules: Iterable[SyncRule],
    *,
    clouds: Collection[str] = (),
    everything: bool = False,
    refused: Callable[[str], str | None] = lambda _: None,
) -> Report:
    """Translate rules that were exported.

    ``clouds`` are the identifiers of connectors that are not of a directory, in lower case. With
    ``everything`` the rules of Microsoft are taken too. ``refused`` says why nothing can flow to a
    target, None where it can.
    """
    taken: dict[str, Rule] = {}
    default: list[Default] = []
    left: list[Left] = []
    for rule in sorted(rules, key=lambda each: (each.precedence or 0, each.name)):
        if rule.tag and not everything:
            default.append(Default(rule.name, rule.disabled))
        elif reason := _why_not(rule, clouds) or _known(rule.name, taken):
            left.append(Left(rule.name, None, reason))
        else:
            left += [Left(rule.name, None, reason) for reason in _passed_over(rule)]
            flows = []
            for mapping in rule.mappings:
                flow = _flow(mapping)
                if isinstance(flow, Flow):
                    flow = refused(flow.to) or flow
                if isinstance(flow, Flow):
                    flows.append(flow)
                else:
                    left.append(Left(rule.name, mapping.target or None, flow))
            taken[rule.name] = _rule(rule, flows)
    return Report(tuple(taken.values()), tuple(default), tuple(left))


def _why_not(rule: SyncRule, clouds: Collection[str]) -> str | None:
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


def _flow(mapping: Mapping) -> Flow | str:
    """Return a flow, or a sentence why it cannot be taken."""
    if why := _wrong_flow(mapping):
        return why
    kept = Flow(mapping.target, once=mapping.once, merge=mapping.merge)
    if mapping.expression:
        return kept._replace(value=mapping.expression)
    if mapping.attributes:
        return kept._replace(attribute=mapping.attributes[0])
    return kept._replace(constant=mapping.constant)


def _wrong_flow(mapping: Mapping) -> str | None:
    """Say why a flow cannot be taken."""
    if not mapping.target:
        return "it has no target"
    if mapping.merge not in _MERGES:
        return f"the merge type {mapping.merge} is not taken"
    if mapping.expression:
        return _wrong_expression(mapping)
    if len(mapping.attributes) > 1:
        return "it has several attributes and no expression"
    return None if any(mapping.attributes) or mapping.constant else "it has no source"


def _wrong_expression(mapping: Mapping) -> str | None:
    """Say why an expression cannot be taken."""
    expression = compiled(mapping.expression)
    if expression.mistakes:
        return "; ".join(mistake.sentence for mistake in expression.mistakes)
    if expression.chance and not mapping.once:
        return f"{expression.chance[0].sentence}, which a flow may have that is executed once"
    return None


def _rule(rule: SyncRule, flows: Sequence[Flow]) -> Rule:
    # A group without conditions holds for every object, and then so do all of them.
    groups = rule.scope if all(rule.scope) else ()
    return Rule(
        rule.name,
        rule.description,
        rule.disabled,
        _TYPES[rule.source_type.lower()],
        rule.precedence or 0,
        tuple(" AND ".join(map(_written, group)) for group in groups),
        tuple(flows),
    )


def _written(clause: Clause) -> str:
    return f"{clause.attribute} {clause.operator} {clause.value}".strip()
