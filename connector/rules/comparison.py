"""Compare rules by their names, and say what is different in those that both sides have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from connector.rules.defaults import DEFAULT_RULES
from connector.rules.importing.translation import translated, why_not, written_scope
from connector.rules.written import as_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from connector.rules.importing.document import Mapping as Exported
    from connector.rules.importing.document import SyncRule
    from connector.rules.rule import Rule

    Facts = dict[str, Any]

_FLOWS = "flows"


class Side(NamedTuple):
    """The rules of one side by name, as facts that can be compared.

    ``own`` are those of a user, ``defaults`` the default rules that are known here, of which nothing but
    ``disabled`` is compared: here they are compiled. ``exported`` are all rules of an export, None for a
    side that is not one.
    """

    own: Mapping[str, Facts]
    defaults: Mapping[str, Facts]
    exported: Mapping[str, Facts] | None = None


def side_of(rules: Iterable[Rule], disabled: Collection[str] | None) -> Side:
    """Return the side of the settings, or of a file of rules: there no default is known to be disabled."""
    defaults = (
        {} if disabled is None else {name: {"disabled": name in disabled} for name in DEFAULT_RULES}
    )
    return Side({rule.name: _facts(rule) for rule in rules}, defaults)


def side_of_export(rules: Iterable[SyncRule], clouds: Collection[str]) -> Side:
    """Return the side of an export.

    The rules of the user's own have the precedence that they would get here.
    """
    found = [rule for rule in rules if rule.name]
    places = {taken.name: taken.rule.precedence for taken in translated(found, clouds=clouds).taken}
    own = {
        rule.name: _exported_facts(rule) | {"precedence": places.get(rule.name, rule.precedence)}
        for rule in found
        if not rule.tag and why_not(rule, clouds) is None
    }
    defaults = {
        rule.name: {"disabled": rule.disabled}
        for rule in found
        if rule.tag and rule.name in DEFAULT_RULES
    }
    return Side(own, defaults, {rule.name: _exported_facts(rule) for rule in found})


def compared(here: Side, there: Side) -> dict[str, Any]:
    """Return ``{here: [names], there: [names], changed: [{name, differences}]}``.

    A difference is ``{what, here, there}``. Two exports are compared with all that they have; default
    rules are not missing on a side that says nothing of them.
    """
    if here.exported is not None and there.exported is not None:
        return _compared(here.exported, there.exported)
    both = here.defaults.keys() & there.defaults.keys()
    return _compared(
        {**here.own, **{name: here.defaults[name] for name in sorted(both)}},
        {**there.own, **{name: there.defaults[name] for name in sorted(both)}},
    )


def _compared(here: Mapping[str, Facts], there: Mapping[str, Facts]) -> dict[str, Any]:
    return {
        "here": [name for name in here if name not in there],
        "there": [name for name in there if name not in here],
        "changed": [
            {"name": name, "differences": found}
            for name in here
            if name in there and (found := _differences(here[name], there[name]))
        ],
    }


def _differences(here: Facts, there: Facts) -> list[dict[str, Any]]:
    one, other = _flat(here), _flat(there)
    known = [*one, *(name for name in other if name not in one)]
    return [
        {"what": name, "here": one.get(name), "there": other.get(name)}
        for name in known
        if one.get(name) != other.get(name)
    ]


def _flat(facts: Facts) -> Facts:
    """Return the flows beside the other facts, each by its target."""
    flows = facts.get(_FLOWS, {})
    rest = {name: value for name, value in facts.items() if name != _FLOWS}
    return rest | {f"flow {target}": flow for target, flow in flows.items()}


def _facts(rule: Rule) -> Facts:
    shown = as_json(rule)
    return {
        "from": shown["from"],
        "precedence": rule.precedence,
        "disabled": rule.disabled,
        "description": rule.description,
        "scope": shown["scope"],
        _FLOWS: {flow.pop("to"): flow for flow in shown[_FLOWS]},
    }


def _exported_facts(rule: SyncRule) -> Facts:
    source = rule.source_type.lower()
    return {
        "from": "user" if source == "inetorgperson" else source,
        "precedence": rule.precedence,
        "disabled": rule.disabled,
        "description": rule.description,
        "scope": [*written_scope(rule)],
        _FLOWS: {mapping.target: _flow(mapping) for mapping in rule.mappings},
    }


def _flow(mapping: Exported) -> Facts:
    is_direct = not mapping.expression and bool(mapping.attributes)
    return {
        "from": ", ".join(mapping.attributes) if is_direct else None,
        "value": mapping.expression or None,
        "constant": None if mapping.expression or is_direct else mapping.constant,
        "once": mapping.once,
        "merge": mapping.merge,
    }
