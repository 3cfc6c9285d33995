"""``connector history``: what ran, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.errors import UnknownObject
from connector.report.runs import run_facts

if TYPE_CHECKING:
    from connector.model import Run


def history(
    context: typer.Context,
    run: Annotated[int | None, typer.Argument(help="The number of one run.")] = None,
    max_: Annotated[
        int | None, typer.Option("--max", min=1, help="Only the newest N.", metavar="N")
    ] = None,
    json: Json = False,
) -> None:
    """List the runs, newest first, or show one with its steps."""
    with opening.readers(context) as readers:
        if run is None:
            runs = [run_facts(item) for item in readers.space.runs(max_)]
        else:
            runs = [run_facts(_found(readers.space.run(run), run))]
    if json:
        output.as_json(runs if run is None else runs[0])
    elif run is None:
        output.table(("Run", "Started", "Policy", "Result", "Seconds"), map(_row, runs))
    else:
        _print_run(runs[0])


def _found(run: Run | None, number: int) -> Run:
    if run is None:
        raise UnknownObject(f"There is no run {number} in the history: connector history")
    return run


def _row(run: dict[str, Any]) -> list[object]:
    return [run[name] for name in ("run", "started", "policy", "result", "seconds")]


def _print_run(run: dict[str, Any]) -> None:
    output.facts(
        {name.capitalize(): run[name] for name in ("run", "policy", "started", "result", "seconds")}
    )
    output.line()
    output.steps(run["steps"])
