"""``connector run``: be the daemon."""

from __future__ import annotations

import typer

from connector.cli import opening


def run(context: typer.Context) -> None:
    """Sync on the schedule until told to stop; log to standard error or the log file.

    It is the daemon: it runs cycles, the hourly sweep of the tenant and the Monday mail, answers other
    commands, and serves the API, the pages and /healthz, /readyz and /metrics where [web] listen says.

    Examples:
      $ connector run                       in the foreground; Ctrl-C stops it
      $ systemctl enable --now connector    as a service: connector init --systemd

    Signals:
      TERM, INT  stop as soon as the run at hand can be left; the next one goes on with it
      HUP        load the settings anew, as connector daemon reload does
      USR1       sync now, paused or not

    Exit codes:
      0   it was told to stop
      2   the settings or the databases cannot be used
      75  another instance is at work on the same storage

    Files:
      storage.path/connector.lock  holds the number of the process that is at work
      storage.path/control.sock    where commands reach it: its own user and root may
    """
    import faulthandler

    from connector.daemon import process

    # When the watchdog of systemd ends a stuck daemon (SIGABRT), the journal shows where it was.
    faulthandler.enable()
    process.run(lambda: opening.settings(context))
