"""``connector history``: what ran, and how it ended."""

from __future__ import annotations

import shlex
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.cli.words import filled
from connector.errors import UnknownObject
from connector.report.runs import run_facts
from connector.values.printable import cut

if TYPE_CHECKING:
    from connector.report.identity import Named
    from connector.run import Run
    from connector.staging.changes import CloudChange


def history(
    context: typer.Context,
    run: Annotated[int | None, typer.Argument(metavar="RUN", help="The number of one run.")] = None,
    max_: Annotated[
        int | None, typer.Option("--max", min=1, help="Only the newest N.", metavar="N")
    ] = None,
    identity: Annotated[
        str | None,
        typer.Option("--object", help="The changes of one object instead.", metavar="ID"),
    ] = None,
    objects: Annotated[
        bool, typer.Option("--objects", help="List what the run did, object by object.")
    ] = False,
    json: Json = False,
) -> None:
    """List the runs, newest first, or show one with its steps; or list what became of an object.

    Runs are remembered for schedule.history, 7 days by default. An object is named by a DN, a source anchor,
    a cloud id, a UPN, an address or a name, also one that it had when it was deleted.

    Examples:
      $ connector history --max 10
      $ connector history 42                                 one run, step by step
      $ connector history 42 --objects                       what it did in the cloud
      $ connector history --object user.a@contoso.com        every change, attribute by attribute
    """
    if objects:
        if run is None or identity is not None:
            raise typer.BadParameter("give the number of a run", param_hint="--objects")
        _show_objects(context, run, max_, json=json)
        return
    identity = filled(identity, "--object")
    if identity is not None:
        _show_changes(context, identity, max_, json=json)
        return
    with opening.readers(context) as readers:
        if run is None:
            runs = [run_facts(item) for item in readers.space.history.runs(max_)]
        else:
            runs = [run_facts(_found(readers.space.history.run(run), run))]
    if json:
        output.as_json(runs if run is None else runs[0])
    elif run is None:
        output.table(("Run", "Started", "Policy", "Result", "Seconds"), map(_row, runs))
    else:
        _print_run(runs[0])


def _show_changes(context: typer.Context, identity: str, number: int | None, *, json: bool) -> None:
    from connector.report.identity import objects_meant
    from connector.report.object_history import change_rows, histories

    with opening.readers(context) as readers:
        found = histories(readers.space, readers.tenant, identity)
        if not found and not objects_meant(readers.space, readers.tenant, identity):
            raise UnknownObject(
                f"No object is called {cut(identity)}, and none was in the runs that are "
                "remembered. `connector objects` lists those that there are."
            )
    if json:
        changes = [(change, each.object) for each in found for change in each.changes[:number]]
        output.as_json([_as_json(*pair) for pair in changes])
        return
    for position, each in enumerate(found):
        if position:
            output.line()
        output.line(_heading(each.object))
        columns = ("Run", "Started", "Change", "Attribute", "Before", "After")
        output.table(columns, (row for c in each.changes[:number] for row in change_rows(c)))
        if each.left_out is not None:
            output.line(f"Left out today: {each.left_out.sentence}")
    if not found:
        again = shlex.quote(cut(identity))
        output.line(f"No run that is remembered changed {cut(identity)}: connector explain {again}")


def _show_objects(context: typer.Context, run: int, number: int | None, *, json: bool) -> None:
    from connector.report.object_history import change_rows, changes_of_run

    with opening.readers(context) as readers:
        _found(readers.space.history.run(run), run)
        found = list(islice(changes_of_run(readers.space, run), number))
    if json:
        output.as_json([_as_json(change, named) for named, change in found])
    elif found:
        columns = ("Change", "Object", "Attribute", "Before", "After", "Key")
        rows = ((named, row) for named, change in found for row in change_rows(change))
        output.table(
            columns, ([row[2], _name(named), *row[3:], named.anchor] for named, row in rows)
        )
    else:
        output.line(f"Run {run} changed nothing in the cloud.")


def _name(named: Named) -> str:
    return named.name or named.dn or ""


def _heading(named: Named) -> str:
    """Say whose changes follow."""
    what = f" ({named.type})" if named.type else ""
    return f"{cut(named.name)}{what} {cut(named.dn or named.id or named.anchor or '')}".strip()


def _as_json(change: CloudChange, named: Named) -> dict[str, Any]:
    return {**change._asdict(), "name": named.name, "dn": named.dn}


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
