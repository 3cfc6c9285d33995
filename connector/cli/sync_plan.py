"""``connector sync --apply``: do what a plan shows, or say what a sync would do otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.cli import opening, output
from connector.cli.cycle_request import carry_out
from connector.errors import PlanRefused
from connector.report.object_history import shown
from connector.values.counting import counted

if TYPE_CHECKING:
    from pathlib import Path

    from connector.operations.plan_file import Difference, Plan
    from connector.settings import Settings

FIRST = 10
"""Differences that are shown; the JSON has all of them."""


def apply(settings: Settings, path: Path, *, json: bool, quiet: bool) -> dict[str, Any]:
    """Apply a plan; return the run. Raises PlanUnusable, and PlanRefused with nothing done."""
    from connector.assembly import open_readers
    from connector.operations import plan_file, requests
    from connector.operations.binding import request_for
    from connector.operations.planned import Planned, refuse_in_vain
    from connector.settings.models import TENANT_FILE

    plan = plan_file.load(path)
    planned = Planned.of(plan)
    with open_readers(settings) as readers:
        tenant = None if TENANT_FILE in readers.missing else readers.tenant.position()
        plan_file.refuse_other_place(path, plan, settings, tenant)
        refuse_in_vain(settings, readers.space, planned)
    request = request_for(requests.sync, policy=plan.policy, plan=planned.as_request())
    try:
        return carry_out(settings, request, quiet=json or quiet)
    except opening.AnswerError as error:
        if error.exit_code == PlanRefused.exit_code and (json or not quiet):
            _tell_differences(settings, plan, str(error), json=json)
        raise


def _tell_differences(settings: Settings, plan: Plan, refusal: str, *, json: bool) -> None:
    """Rehearse once more, and say what is not as the plan shows it."""
    from connector.cli.progress import progress
    from connector.operations import plan_file
    from connector.operations.rehearsal import rehearse

    with progress() as bars:
        rehearsal = rehearse(settings, plan.policy, progress=bars, past_guards=True)
    found = plan_file.differences(plan, plan_file.made(settings, plan.policy, rehearsal))
    if json:
        output.as_json({"refused": refusal, "differences": [one._asdict() for one in found]})
        return
    for difference in found[:FIRST]:
        output.line(_line(difference))
    if (rest := len(found) - FIRST) > 0:
        output.line(f"{counted(rest, 'more difference')}; --json shows all")


def _line(difference: Difference) -> str:
    what, of, planned, now = difference
    match what:
        case "change":
            return f"{of}: {_done(planned)} in the plan, {_done(now)} now"
        case "attribute":
            return f"{of}: the plan has {_after(planned)}, now it is {_after(now)}"
        case "members":
            return f"{of}: other members than in the plan"
        case "setting":
            return f"{of}: the plan was made with {shown(planned)}, now it is {shown(now)}"
        case _:
            return f"{of}: {'only now' if planned is None else 'only in the plan'}"


def _done(operation: str | None) -> str:
    return f"to {operation}" if operation else "nothing to do"


def _after(change: list[Any] | None) -> str:
    return shown(change[1]) if change else "no change"
