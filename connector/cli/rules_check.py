"""``connector rules check``: what ``connector check`` says of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from connector.cli import opening, output
from connector.cli.check_start import CheckLine
from connector.cli.output import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.settings import Settings


def check(context: typer.Context, json: Json = False) -> None:
    """Check the rules of the settings, and warn of what would stop objects.

    All mistakes are told at once, each with its place in the expression. A warning names an expression that
    fails for every object which lacks an attribute.

    Examples:
      $ connector rules check

    Exit codes:
      0  the rules can be used
      2  a rule has a mistake
    """
    lines = list(rule_lines(opening.settings(context, needs_storage=False)))
    if json:
        output.as_json([line._asdict() for line in lines])
        return
    for line in lines:
        output.line(f"ok      {line.name}: {line.detail}")


def rule_lines(settings: Settings) -> Iterator[CheckLine]:
    """Say how many rules there are, and what their authors should know; the rules have no mistakes."""
    from connector.values.counting import counted

    disabled = len(settings.sync.disabled_rules)
    told = [counted(len(settings.rules), "rule") + " of your own"]
    if disabled:
        told.append(counted(disabled, "default rule") + " disabled")
    yield CheckLine("rules", ok=True, detail=", ".join(told))
    if settings.rules:
        from connector.settings.rule_mistakes import warnings

        for warning in warnings(settings):
            yield CheckLine("rules", ok=True, detail=f"warning: {warning}")
