"""``connector daemon``: see and steer the daemon that runs on the storage of the settings."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.cli.pages import Commands
from connector.cli.status import failing
from connector.errors import DaemonUnavailable, StorageForbidden

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connector.daemon.service import Service
    from connector.operations.binding import Answer

app = Commands(name="daemon", no_args_is_help=True)
_SECONDS_BETWEEN_LOOKS = 0.1


@app.callback()
def daemon() -> None:
    """See and steer the running daemon; only its own user, or root, may.

    'connector run' starts one, and 'connector sync' has it sync now.

    Examples:
      $ connector daemon status
      $ connector daemon pause        while somebody repairs the directory
      $ connector daemon resume
    """


@app.command()
def status(context: typer.Context, json: Json = False) -> None:
    """Show what the daemon does now, and when its next cycle starts.

    It answers at once, also in the middle of a run. Without a daemon its state is stopped; that of one
    that does not answer is unresponsive.

    Examples:
      $ connector daemon status
      $ connector daemon status --json | jq -r .state

    Exit codes:
      0   it answered, or none runs
      2   this user may not look: it says neither
      75  it does not answer
    """
    from connector.daemon.inquiry import daemon_state

    try:
        storage = opening.settings(context).storage.path
    except StorageForbidden as error:
        raise StorageForbidden(f"{error} Whether a daemon runs there cannot be told.") from error
    facts, silence = daemon_state(storage)
    if json:
        output.as_json(facts)
    else:
        output.facts(
            {
                "Daemon": facts["state"],
                "Process": facts["pid"],
                "Next run": facts["nextRun"],
                "Paused since": facts["pausedSince"],
                **failing(facts.get("failing", [])),
            }
        )
    if silence:
        raise silence


@app.command()
def pause(context: typer.Context) -> None:
    """Start no more cycles by itself, also after a restart; waits for a cycle that runs now.

    'connector sync' still syncs, and the tenant's hourly sweep goes on.

    Examples:
      $ connector daemon pause
    """
    from connector.operations import requests

    answer = opening.perform(opening.settings(context), requests.pause)
    output.line(
        f"Paused since {output.text(answer['pausedSince'])}. To go on: connector daemon resume"
    )


@app.command()
def resume(context: typer.Context) -> None:
    """Go on with the schedule; a cycle that came due in the pause starts at once.

    Where the daemon was not paused, nothing changes.

    Examples:
      $ connector daemon resume
    """
    from connector.operations import requests

    opening.perform(opening.settings(context), requests.resume)
    output.line("Resumed: cycles start on schedule.")


@app.command()
def reload(context: typer.Context) -> None:
    """Load the settings anew, as SIGHUP does; those that cannot be used change nothing.

    It waits for a cycle that runs, and says what is wrong with the settings. A storage.path takes effect
    after a restart alone.

    Examples:
      $ connector daemon reload
      $ systemctl reload connector      the same, where it is a service

    Exit codes:
      0   the daemon has read them
      2   they cannot be used: the former ones stay
      75  no daemon runs
    """
    from connector.daemon import commands

    answer = _told(opening.settings(context).storage.path, commands.reload)
    if "error" in answer:
        raise opening.AnswerError(answer)
    output.line("The daemon loads the settings anew.")


@app.command()
def stop(
    context: typer.Context,
    seconds: Annotated[
        float, typer.Option("--timeout", min=0, help="Wait no longer than this.", metavar="SECONDS")
    ] = 60,
) -> None:
    """Stop the daemon and wait until it has ended; the next one goes on with what it was at.

    A daemon that is a service is better stopped with systemctl stop connector.

    Examples:
      $ connector daemon stop
      $ connector daemon stop --timeout 5

    Exit codes:
      0   it has ended
      75  no daemon runs, or it is still at work
    """
    from connector.daemon import commands
    from connector.storage.instance import is_locked

    storage = opening.settings(context).storage.path
    answer = _told(storage, commands.stop)
    deadline = time.monotonic() + seconds
    while is_locked(storage):
        if time.monotonic() >= deadline:
            raise DaemonUnavailable(
                f"The daemon (process {answer['pid']}) was told to stop and is still at work."
            )
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    output.line("Stopped.")


def _told(storage: Path, command: Callable[[Service], Answer]) -> Answer:
    """Tell the daemon something; raises DaemonUnavailable when none runs or it does not answer."""
    from connector.daemon import commands
    from connector.daemon.control import ask, inquire
    from connector.operations.binding import request_for
    from connector.storage.instance import is_locked

    request = request_for(command)
    at_once = command in commands.AT_ONCE
    answer = inquire(storage, request) if at_once else ask(storage, request)
    if answer is None and is_locked(storage):  # it starts, or loads its settings anew
        answer = opening.ask_again(storage, request)
    if answer is None:
        raise DaemonUnavailable(f"No daemon runs on {storage}. To start one: connector run")
    return answer
