"""``connector status``: tell at a glance whether all is well."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import typer

from connector.cli import opening, output
from connector.cli.output import Json

_ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "remote": "another site"}


def status(context: typer.Context, json: Json = False) -> None:
    """Show the last and the next run, and what waits or went wrong.

    It reads the databases and asks the daemon, and waits for neither: it answers at once, also in the
    middle of a run. Of a daemon that does not answer it says so, and shows what the databases hold.

    Examples:
      $ connector status
      $ connector status --json | jq .quarantined
    """
    from connector.daemon.inquiry import daemon_state
    from connector.report.status import status as report

    settings = opening.settings(context)
    asked = datetime.now(UTC)
    daemon = daemon_state(settings.storage.path)
    if daemon.silence:
        output.note(str(daemon.silence))
    with opening.reading(settings) as readers:
        facts = report(readers.space, readers.tenant, settings, daemon.facts, asked)
    if json:
        output.as_json(facts)
    else:
        output.facts(_for_people(facts))


def _for_people(facts: dict[str, Any]) -> dict[str, object]:
    from connector.report.left_out import excluded_lines

    objects = ", ".join(f"{count} {kind}s" for kind, count in facts["objects"].items())
    return {
        "Daemon": facts["state"],
        **failing(facts["failing"]),
        "Last run": _run(facts["lastRun"]),
        "Last success": facts["lastSuccess"],
        "Next run": facts["nextRun"],
        **({"Paused since": facts["pausedSince"]} if facts["pausedSince"] else {}),
        "Objects": objects,
        **({"Left out": excluded_lines(facts["excluded"])} if facts["excluded"] else {}),
        "Pending exports": _waiting(facts),
        "Pending deletes": facts["pendingDeletes"],
        "Quarantined": facts["quarantined"],
        "Export errors": facts["exportErrors"],
        "Staging mode": facts["staging"],
        "Tenant": f"{_ENGINES[facts['tenant']['engine']]}, {facts['tenant']['place']}",
        "Cookie": facts["cookie"],
    }


def failing(jobs: list[dict[str, Any]]) -> dict[str, object]:
    """Return the line of what fails in the daemon; none where nothing does."""
    said = [
        f"{job['job']} ({job['reason']}) since {output.text(job['since'])}, {job['times']} times: "
        f"{job['message']}"
        for job in jobs
    ]
    return {"Failing": said} if said else {}


def _waiting(facts: dict[str, Any]) -> str:
    pending = facts["pendingExports"]
    if facts["staging"] and pending:
        return f"{pending}, kept back by staging mode: connector sync --dry-run"
    return str(pending)


def _run(run: object) -> object:
    if not isinstance(run, dict):
        return run
    return f"{run['run']} ({run['policy']}) {output.text(run['started'])}: {run['result']}"
