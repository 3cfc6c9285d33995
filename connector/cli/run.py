"""``connector run``: be the daemon."""

from __future__ import annotations

import typer

from connector.cli import opening


def run(context: typer.Context) -> None:
    """Sync on the schedule until told to stop; log to standard error or the log file.

    SIGTERM and SIGINT stop it, SIGHUP loads the settings anew, SIGUSR1 syncs now.
    """
    from connector import daemon

    daemon.run(lambda: opening.settings(context))
