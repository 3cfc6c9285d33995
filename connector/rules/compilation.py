"""Compile rules into a chain, and tell all that is wrong with them at once."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.model import ObjectType
from connector.rules.chain import Chain, Contribution, Link, Part
from connector.rules.default_flows import DEFAULT_NAMES
from connector.rules.expression import compiled, parameters
from connector.rules.language.evaluation import Surroundings
from connector.rules.language.mistakes import Mistake
from connector.rules.language.values import ExpressionFailed, Marker, value_of
from connector.rules.rule import DEFAULTS, FIRST, LAST, Flow, Merge, Rule
from connector.rules.targets import (
    CLOUD_FILTERED,
    EXTENSION,
    MERGED,
    MOST_EXTENSIONS,
    Holds,
    made,
    target,
)
from connector.values import filters
from connector.values.entries import PICTURES
from connector.values.readable import OCTETS
from connector.values.withheld import is_withheld

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from connector.rules.chain import Attributes, Staged, Takes
    from connector.rules.language.values import Result, Value
    from connector.rules.targets import Target

_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9.-]*(;binary)?", re.ASCII | re.IGNORECASE)
_REMEMBERED = 1024


class RuleMistake(NamedTuple):
    """What is wrong with a rule: a sentence, and the ``target`` where it is one flow.

    With ``expression`` it is in that text, which is an expression or a filter; ``place`` says where in
    it, None where that is not known.
    """

    rule: str
    target: str | None
    sentence: str
    expression: str | None = None
    place: Mistake | None = None


class Compiled(NamedTuple):
    """The chain, usable if there are no ``mistakes``; ``warnings`` are meant for the author alone."""

    chain: Chain
    mistakes: tuple[RuleMistake, ...]
    warnings: tuple[RuleMistake, ...]


def compile_rules(
    rules: Iterable[Rule],
    *,
    disabled: Collection[str] = (),
    base_dn: str = "",
    surroundings: Surroundings | None = None,
) -> Compiled:
    """Compile the rules of the user's own; the order in which they come decides nothing.

    ``disabled`` are default rules. Expressions know the parameters of ``base_dn``; ``surroundings`` say
    what ``Now`` and its like give to a flow that applies once.
    """
    known = (surroundings or Surroundings())._replace(parameters=parameters(base_dn))
    return _compiled(rules, disabled, known)


def chain_of(facts: tuple[Any, ...]) -> Chain:
    """Make the chain anew that has these facts."""
    rules, disabled, named = facts
    known = Surroundings(parameters=dict(named))
    return _compiled(map(_of_plain, rules), disabled, known).chain


def _compiled(rules: Iterable[Rule], disabled: Collection[str], known: Surroundings) -> Compiled:
    ordered = sorted(rules, key=lambda rule: (rule.precedence, rule.name))
    compiler = _Compiler(known)
    compiler.mistakes += _wrong_together(ordered)
    compiler.mistakes += _unknown_defaults(disabled)
    parts = {
        kind: compiler.part([rule for rule in ordered if rule.kind is kind]) for kind in ObjectType
    }
    active = tuple(_plain(rule) for rule in ordered if not rule.disabled)
    facts: tuple[object, ...] = ()
    if active or disabled:
        named = sorted(known.parameters.items()) if compiler.names_parameters else ()
        facts = (active, tuple(sorted(disabled)), tuple(named))
    chain = Chain(parts, disabled=frozenset(disabled), facts=facts)
    return Compiled(chain, tuple(compiler.mistakes), tuple(compiler.warnings))


def _plain(rule: Rule) -> tuple[object, ...]:
    """Return what decides of a rule as plain values, which another process can be told."""
    flows = tuple((*flow[:-1], flow.merge.value) for flow in rule.flows)
    return rule.name, rule.kind.value, rule.precedence, flows, rule.scope


def _of_plain(values: tuple[Any, ...]) -> Rule:
    name, kind, precedence, flows, scope = values
    found = tuple(Flow(*flow)._replace(merge=Merge(merge)) for *flow, merge in flows)
    return Rule(name, ObjectType(kind), precedence, found, scope)


def _wrong_together(rules: Sequence[Rule]) -> Iterator[RuleMistake]:
    """Say what is wrong with rules beside each other: names, and places in the chain."""
    names = Counter(rule.name for rule in rules)
    first: dict[tuple[ObjectType, int], str] = {}
    for rule in rules:
        if not rule.name.strip():
            yield RuleMistake(rule.name, None, "a rule has a name")
        if rule.name in DEFAULT_NAMES:
            yield RuleMistake(rule.name, None, "a default rule has this name")
        if not FIRST <= rule.precedence <= LAST or rule.precedence in DEFAULTS:
            yield RuleMistake(
                rule.name,
                None,
                f"precedence is {rule.precedence}; it is from {FIRST} to {DEFAULTS.start - 1}, or from "
                f"{DEFAULTS.stop} to {LAST}: those between belong to the default rules",
            )
        place = (rule.kind, rule.precedence)
        if (other := first.setdefault(place, rule.name)) != rule.name:
            said = f"precedence {rule.precedence} is that of the rule {other!r}, too"
            yield RuleMistake(rule.name, None, said)
    for name, count in names.items():
        if count > 1:
            yield RuleMistake(name, None, f"{count} rules have this name")


def _unknown_defaults(disabled: Collection[str]) -> Iterator[RuleMistake]:
    for name in sorted(set(disabled) - set(DEFAULT_NAMES)):
        known = ", ".join(DEFAULT_NAMES)
        yield RuleMistake(name, None, f"this is not a default rule; there are {known}")


class _Flowing(NamedTuple):
    """A flow of a rule, compiled."""

    target: Target
    contribution: Contribution
    merge: Merge


# Of a picture, size and hash are staged.
_OF_PICTURES = (
    "is not read by rules; they can ask whether it is there: IsPresent, IsNull, IsNullOrEmpty"
)
_IS_THERE = re.compile(r"\b(?:IsPresent|IsNull|IsNullOrEmpty)\(\s*\[[^\]]*\]\s*\)")


class _Compiler:
    """Compiles the rules of one type after the other; what is wrong is in ``mistakes``."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self.mistakes: list[RuleMistake] = []
        self.warnings: list[RuleMistake] = []
        self.names_parameters = False

    def part(self, rules: Sequence[Rule]) -> Part:
        """Compile the rules of one type, in the order of precedence; those that are disabled, too."""
        scopes: list[Takes | None] = []
        spelled: dict[str, str] = {}
        flowing: dict[str, list[tuple[Rule, _Flowing]]] = {}
        for rule in rules:
            position = len(scopes)
            scope = self._scope(rule, spelled if not rule.disabled else {})
            found = list(self._flows(rule, position))
            if rule.disabled:
                continue
            scopes.append(scope)
            for one in found:
                spelled.update(one.contribution.reads)
                flowing.setdefault(one.target.name, []).append((rule, one))
        links = {name: self._link(found) for name, found in flowing.items()}
        self._too_many(rules, [name for name in links if name.startswith(EXTENSION)])
        filtering = links.pop(CLOUD_FILTERED.name, None)
        once = any(one is not None and one.once for link in links.values() for one in link.asked)
        return Part(
            tuple(links.values()),
            filtering,
            tuple(scopes) if any(scopes) else (),
            {name: written for name, written in spelled.items() if name not in filters.DNS},
            tuple(sorted(OCTETS.intersection(spelled).difference(PICTURES))),
            tuple(name for name in filters.DNS if name in spelled),
            once,
        )

    def _too_many(self, rules: Sequence[Rule], names: Sequence[str]) -> None:
        if len(names) > MOST_EXTENSIONS:
            said = f"{len(names)} directory extensions; {MOST_EXTENSIONS} are the most"
            self.mistakes.append(RuleMistake(rules[-1].name, names[-1], said))

    def _link(self, found: Sequence[tuple[Rule, _Flowing]]) -> Link:
        """Put what contributes to a target in order, the default rules in their place."""
        first, one = found[0]
        for rule, other in found[1:]:
            if other.merge is not one.merge:
                said = (
                    f"merge is {other.merge.value}, and {one.merge.value} in the rule {first.name!r}: "
                    "all rules of a target have the same"
                )
                self.mistakes.append(RuleMistake(rule.name, other.target.name, said))
        before = [each.contribution for rule, each in found if rule.precedence < DEFAULTS.start]
        behind = [each.contribution for rule, each in found if rule.precedence >= DEFAULTS.start]
        asked = (*before, None, *behind)
        is_simple = asked[0] is not None and not first.scope and one.merge is Merge.UPDATE
        run = asked[0].run if is_simple and asked[0] and not asked[0].once else None
        return Link(one.target, asked, one.merge, run)

    # --- one rule -----------------------------------------------------------------------------

    def _scope(self, rule: Rule, spelled: dict[str, str]) -> Takes | None:
        groups = []
        for text in rule.scope:
            try:
                groups.append(filters.parse(text))
            except filters.Misread as error:
                place = Mistake(error.at, error.length, str(error))
                said = f"scope: {error}"
                self.mistakes.append(RuleMistake(rule.name, None, said, text, place))
        for group in groups:
            for clause in group:
                spelled.setdefault(clause.attribute, clause.attribute)
        return _met(groups) if rule.scope else None

    def _flows(self, rule: Rule, position: int) -> Iterator[_Flowing]:
        """Yield the flows of a rule that can be used, and note what is wrong with the others."""
        seen: set[str] = set()
        if not rule.flows:
            self.mistakes.append(RuleMistake(rule.name, None, "a rule has flows"))
        for flow in rule.flows:
            before = len(self.mistakes)
            wanted = self._target(rule, flow)
            contribution = self._contribution(rule, flow, wanted, position)
            if wanted is not None:
                if wanted.name in seen:
                    self._note(rule, flow, "two flows of this rule have this target")
                seen.add(wanted.name)
                self._wrong_choice(rule, flow, wanted)
            if wanted is not None and contribution is not None and len(self.mistakes) == before:
                run = _making(wanted, contribution.run)
                if flow.value is not None and wanted.holds is not Holds.TEXTS and not flow.once:
                    run = _remembering(tuple(contribution.reads), run)
                yield _Flowing(wanted, contribution._replace(run=run), flow.merge)

    def _target(self, rule: Rule, flow: Flow) -> Target | None:
        try:
            return target(rule.kind, flow.to)
        except ValueError as error:
            self._note(rule, flow, str(error))
            return None

    def _wrong_choice(self, rule: Rule, flow: Flow, wanted: Target) -> None:
        if flow.merge is not Merge.UPDATE and wanted.name not in MERGED:
            self._note(rule, flow, f"{flow.merge.value} is for {' and '.join(MERGED)}")
        if flow.once and wanted == CLOUD_FILTERED:
            self._note(rule, flow, "cloudFiltered is asked each time, and not once")

    def _contribution(
        self, rule: Rule, flow: Flow, wanted: Target | None, position: int
    ) -> Contribution | None:
        sources = (flow.source, flow.value, flow.constant)
        if sum(each is not None for each in sources) != 1:
            self._note(rule, flow, "a flow has exactly one of from, value and constant")
            return None
        if flow.source is not None:
            return self._direct(rule, flow, flow.source, wanted, position)
        if flow.value is not None:
            return self._expression(rule, flow, flow.value, position)
        constant = flow.constant
        value: Value = value_of(constant) if isinstance(constant, tuple) else constant
        if wanted is not None:
            try:
                made(wanted, value)
            except ExpressionFailed as failed:
                self._note(rule, flow, f"constant: {failed}")
        return Contribution(rule.name, position, lambda _: value, flow.once, {})

    def _direct(
        self, rule: Rule, flow: Flow, source: str, wanted: Target | None, position: int
    ) -> Contribution:
        base = source.partition(";")[0]
        if not _ATTRIBUTE.fullmatch(source):
            self._note(rule, flow, f"{source!r} is not the name of an attribute")
        elif is_withheld(base):
            self._note(rule, flow, f"{base} is a secret, which no rule reads")
        elif base.lower() in PICTURES:
            self._note(rule, flow, f"{base} {_OF_PICTURES}")
        is_list = wanted is not None and wanted.holds is Holds.TEXTS
        run = _all_of(base.lower()) if is_list else _first_of(base.lower())
        return Contribution(rule.name, position, run, flow.once, {base.lower(): base})

    def _expression(self, rule: Rule, flow: Flow, text: str, position: int) -> Contribution:
        expression = compiled(text)
        wrong = expression.mistakes if flow.once else (*expression.mistakes, *expression.chance)
        for place in wrong:
            sentence = place.sentence
            if place in expression.chance:
                sentence += ", which only a flow with once may have"
            self.mistakes.append(RuleMistake(rule.name, flow.to, sentence, text, place))
        self.warnings += [
            RuleMistake(rule.name, flow.to, place.sentence, text, place)
            for place in expression.warnings
        ]
        rest = _IS_THERE.sub("", text).lower()
        for name, written in expression.attributes.items():
            if name in PICTURES and f"[{name}]" in rest:
                self._note(rule, flow, f"{written} {_OF_PICTURES}")
        self.names_parameters |= bool(expression.parameters)
        known, evaluate = self._surroundings, expression.evaluate
        return Contribution(
            rule.name,
            position,
            lambda attributes: evaluate(attributes, known),
            flow.once,
            dict(expression.attributes),
        )

    def _note(self, rule: Rule, flow: Flow, sentence: str) -> None:
        self.mistakes.append(RuleMistake(rule.name, flow.to, sentence))


def _met(groups: Sequence[Sequence[filters.Clause]]) -> Takes:
    """Return what tells whether all clauses of one of the groups hold."""

    def holds(attributes: Staged, dn: str) -> bool:
        return any(all(filters.holds(c, attributes, dn) for c in group) for group in groups)

    return holds


def _making(wanted: Target, run: Callable[[Attributes], Any]) -> Callable[[Attributes], Any]:
    """Make what a flow gives what its target holds; a marker stays one."""
    is_text = wanted.holds is Holds.TEXT and wanted.longest is None

    def making(attributes: Attributes) -> Any:
        value = run(attributes)
        if is_text and type(value) is str:
            return value if value.strip() else None
        return value if isinstance(value, Marker) else made(wanted, value)

    return making


def _remembering(
    names: tuple[str, ...], run: Callable[[Attributes], Any]
) -> Callable[[Attributes], Any]:
    """Keep what an expression gave for the values that it reads: many objects share these."""
    known: dict[object, Any] = {}
    lone = names[0] if len(names) == 1 else ""

    def remembering(attributes: Attributes) -> Any:
        key: object = (
            attributes.get(lone) if lone else tuple([attributes.get(name) for name in names])
        )
        try:
            return known[key]
        except KeyError:
            if len(known) >= _REMEMBERED:
                known.clear()
            value = known[key] = run(attributes)
            return value
        except TypeError:  # lists, as a synchronization has them, and not tuples
            return run(attributes)

    return remembering


def _all_of(name: str) -> Callable[[Attributes], Result]:
    return lambda attributes: value_of(tuple(attributes.get(name, ())))


def _first_of(name: str) -> Callable[[Attributes], Result]:
    """Take the value that counts, as the default rules do: the first one that is not blank."""

    def first(attributes: Attributes) -> Result:
        for value in attributes.get(name, ()):
            if value.strip():
                return value
        return None

    return first
