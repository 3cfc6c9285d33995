"""``connector rules list`` and ``show``: the rules of the user's own and the default rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.errors import InvalidRequest
from connector.values.printable import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.rules.rule import Rule
    from connector.settings import Settings

_NOT_ITS_OWN = "# A default rule. In a rule of your own it needs another name, and a precedence of 1 to 99 or 201 to 999."


def in_force(settings: Settings) -> list[Rule]:
    """Return the rules of the settings and the default rules in the order in which they are asked."""
    from connector.rules.defaults import all_rules

    return all_rules((each.rule() for each in settings.rules), settings.sync.disabled_rules)


def list_rules(context: typer.Context, json: Json = False) -> None:
    """List all rules in the order in which they are asked, those of your own and the default rules.

    The rule with the lowest precedence is asked first: the first value of a property wins.

    Examples:
      $ connector rules list
      $ connector rules list --json
    """
    from connector.rules.written import as_json

    rules = in_force(opening.settings(context, needs_storage=False))
    if json:
        output.as_json([as_json(rule) for rule in rules], whole=True)
    else:
        output.table(
            ("Precedence", "From", "Name", "Flows", "State"),
            [
                (rule.precedence, rule.kind.value, rule.name, len(rule.flows), _state(rule))
                for rule in rules
            ],
        )


def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of a rule, in any case.")],
    toml: Annotated[
        bool, typer.Option("--toml", help="Print it in the form of the settings.")
    ] = False,
    json: Json = False,
) -> None:
    """Show a rule: for whom it holds, when it is asked, and what flows.

    Of a default rule the expressions say what the program computes; where the language cannot say it, a
    note stands beside the flow. With --toml such a flow is a comment.

    Examples:
      $ connector rules show "In from AD - User Common"
      $ connector rules show "In from AD - User Exchange" --toml

    Exit codes:
      2  no rule has this name; the nearest one is named
    """
    from connector.rules.defaults import DEFAULT_RULES
    from connector.rules.written import as_json, as_toml

    rule = _named(name, in_force(opening.settings(context, needs_storage=False)))
    notes: Mapping[str, str] = DEFAULT_RULES[rule.name].notes if rule.default else {}
    if toml:
        if rule.default:
            typer.echo(_NOT_ITS_OWN)
        typer.echo(as_toml(rule, notes), nl=False)
    elif json:
        shown = as_json(rule)
        shown["flows"] = [flow | {"note": notes.get(flow["to"])} for flow in shown["flows"]]
        output.as_json(shown | {"description": rule.description}, whole=True)
    else:
        _print(rule, notes)


def _named(name: str, rules: Iterable[Rule]) -> Rule:
    """Return the rule of a name. Raises InvalidRequest, with the nearest name."""
    from difflib import get_close_matches

    known = {rule.name.lower(): rule for rule in rules}
    if found := known.get(name.strip().lower()):
        return found
    near = get_close_matches(name.lower(), [*known], n=1, cutoff=0.4)
    hint = f" Did you mean {known[near[0]].name}?" if near else ""
    raise InvalidRequest(
        f"No rule has the name {cut(name)}.{hint} `connector rules list` shows all."
    )


def _print(rule: Rule, notes: Mapping[str, str]) -> None:
    facts: dict[str, Any] = {
        "name": rule.name,
        "from": rule.kind.value,
        "precedence": rule.precedence,
        "state": _state(rule) or "enabled",
    }
    if rule.description:
        facts["description"] = rule.description
    if rule.scope:
        facts["scope"] = list(rule.scope)
    output.facts(facts)
    output.line()
    output.facts({flow.to: _flow(flow, notes.get(flow.to)) for flow in rule.flows})


def _flow(flow: Any, note: str | None) -> str:
    if flow.source is not None:
        text = f"[{flow.source}] as it is"
    elif flow.value is not None:
        text = flow.value
    else:
        text = f"always {output.text(flow.constant)}"
    once = ", once" if flow.once else ""
    merge = "" if flow.merge.value == "Update" else f", {flow.merge.value}"
    return f"{text}{once}{merge}{f' ({note})' if note else ''}"


def _state(rule: Rule) -> str:
    of = "default" if rule.default else ""
    return ", ".join(filter(None, (of, "disabled" if rule.disabled else "")))
