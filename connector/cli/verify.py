"""``connector verify``: tell whether everything is where it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from connector.cli import opening, output
from connector.cli.output import Json

if TYPE_CHECKING:
    from collections.abc import Collection

    from connector.settings import Settings
    from connector.staging.settling import Remedy, Settled

DIFFERENT = 1


def verify(context: typer.Context, json: Json = False) -> None:
    """Compare directory, connector space and tenant, and name every difference. Nothing is written.

    It reads the whole directory, and says what settles what it found: a delta does not help where the
    directory or the tenant would not tell the difference in one. A difference that the next cycle would
    settle anyway is one too.

    Examples:
      $ connector verify

    Exit codes:
      0  there is no difference
      1  there is one
      4  the directory is unavailable
    """
    settings = opening.settings(context)
    found = _differences(settings)
    if json:
        output.as_json(
            [d._asdict() | {"next": _next([remedy], settings)[0]} for d, remedy in found]
        )
    elif found:
        output.table(
            ("Between", "What", "Object"),
            ([d.between, d.what, d.name or d.anchor] for d, _ in found),
        )
        for step in _next({remedy for _, remedy in found}, settings):
            output.line(f"Next: {step}")
    else:
        output.line("No difference between directory, connector space and tenant.")
    raise typer.Exit(DIFFERENT if found else 0)


def _next(remedies: Collection[Remedy], settings: Settings) -> list[str]:
    """Return what settles all of these, a line each; of several reads the one that reads most."""
    from connector.cycle import PROFILES
    from connector.staging.settling import Remedy

    steps = []
    for remedy, step in (
        (Remedy.RESTORE, "move the damaged file away, then restore a backup or connector sync"),
        (Remedy.CORRECTION, "connector errors --kind export"),
        (Remedy.APPROVAL, "connector deletions"),
    ):
        if remedy in remedies:
            steps.append(step)
    if Remedy.EVERYTHING in remedies:
        steps.append("connector sync --policy initial")
    elif Remedy.IDENTITIES in remedies:
        policy = "reconcile" if "reconcile" in PROFILES else "initial"
        steps.append(f"connector sync --policy {policy}")
    elif Remedy.DELTA in remedies and settings.schedule.staging_mode:
        steps.append("connector sync --dry-run (schedule.staging_mode keeps every export back)")
    elif Remedy.DELTA in remedies:
        steps.append("connector sync")
    return steps


def _differences(settings: Settings) -> list[Settled]:
    from functools import partial

    from connector.assembly import reads_in_force
    from connector.directory import open_directory
    from connector.reader import reading
    from connector.settings import directory_password
    from connector.values.entries import stage

    password, reads = directory_password(settings), reads_in_force(settings)
    directory = open_directory(settings.directory, password=password, reads=reads)
    try:
        staging = partial(stage, reads=reading(directory, reads))
        with opening.reading(settings) as readers:
            found = list(readers.space.compare(directory, readers.tenant, staging))
            advise = readers.space.advise
            return advise(found, directory, readers.tenant, staging) if found else []
    finally:
        directory.close()
