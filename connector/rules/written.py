"""Write rules down: as TOML, in the form of the settings, and as JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connector.rules.rule import Merge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connector.rules.rule import Constant, Flow, Rule

_UNWRITABLE = re.compile("[\x00-\x1f\x7f]")
_NEEDS_CARE = re.compile(r'["\\]')
_WIDEST = 0xFFFF


def as_json(rule: Rule) -> dict[str, Any]:
    """Return ``{name, precedence, from, default, disabled, scope, flows}``.

    A flow is ``{to, from, value, constant, once, merge}``, of which one of the middle three is not None.
    """
    return {
        "name": rule.name,
        "precedence": rule.precedence,
        "from": rule.kind.value,
        "default": rule.default,
        "disabled": rule.disabled,
        "scope": list(rule.scope),
        "flows": [flow_as_json(flow) for flow in rule.flows],
    }


def flow_as_json(flow: Flow) -> dict[str, Any]:
    """Return ``{to, from, value, constant, once, merge}``."""
    constant = [*flow.constant] if isinstance(flow.constant, tuple) else flow.constant
    return {
        "to": flow.to,
        "from": flow.source,
        "value": flow.value,
        "constant": constant,
        "once": flow.once,
        "merge": flow.merge.value,
    }


def as_toml(rule: Rule, notes: Mapping[str, str] | None = None) -> str:
    """Return a rule as a table ``[[rules]]`` of TOML.

    ``notes`` are remarks on flows by their targets; such a flow is a comment.
    """
    return "\n".join(_lines(rule, notes or {})) + "\n"


def all_as_toml(rules: Iterable[Rule]) -> str:
    """Return rules as a file of rules holds them; empty where there are none."""
    return "\n".join(map(as_toml, rules))


def _lines(rule: Rule, notes: Mapping[str, str]) -> Iterator[str]:
    yield "[[rules]]"
    yield f"name = {_text(rule.name)}"
    if rule.description:
        yield f"description = {_text(rule.description)}"
    if rule.disabled:
        yield "disabled = true"
    yield f"from = {_text(rule.kind.value)}"
    yield f"precedence = {rule.precedence}"
    if rule.scope:
        yield f"scope = [{', '.join(map(_text, rule.scope))}]"
    yield from _array("flows", rule.flows, notes)


def _array(name: str, flows: Iterable[Flow], notes: Mapping[str, str]) -> Iterator[str]:
    yield f"{name} = ["
    for flow in flows:
        if note := notes.get(flow.to):
            yield f"  # {_UNWRITABLE.sub(' ', note)}:"
            yield f"  # {_flow(flow)},"
        else:
            yield f"  {_flow(flow)},"
    yield "]"


def _flow(flow: Flow) -> str:
    parts = [f"to = {_text(flow.to)}"]
    if flow.source is not None:
        parts.append(f"from = {_text(flow.source)}")
    if flow.value is not None:
        parts.append(f"value = {_text(flow.value)}")
    if flow.constant is not None:
        parts.append(f"constant = {_constant(flow.constant)}")
    if flow.once:
        parts.append("once = true")
    if flow.merge is not Merge.UPDATE:
        parts.append(f"merge = {_text(flow.merge.value)}")
    return f"{{ {', '.join(parts)} }}"


def _constant(value: Constant) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return _text(value)
    return f"[{', '.join(map(_text, value))}]"


def _text(text: str) -> str:
    """Write a text: in apostrophes where quotes would need a backslash in it."""
    if text.isprintable() and not _NEEDS_CARE.search(text):
        return f'"{text}"'
    if text.isprintable() and "'" not in text:
        return f"'{text}'"
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= _WIDEST else f"\\U{number:08x}"
