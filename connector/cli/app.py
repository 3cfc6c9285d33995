"""The ``connector`` command: its options, its commands, and how errors are told."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector import __version__
from connector.cli import (
    backup,
    check,
    cmdlet,
    daemon,
    deletions,
    errors,
    explain,
    history,
    init,
    lint,
    log,
    objects,
    opening,
    run,
    status,
    sync,
    tenant,
    verify,
    whatif,
)
from connector.errors import ConnectorError, InvalidSettings
from connector.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERNAL_ERROR = 70
INTERRUPTED = 130

app = typer.Typer(
    name="connector",
    help="Sync a test directory into a model of the cloud directory.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    init.init,
    check.check,
    run.run,
    sync.sync,
    status.status,
    history.history,
    objects.objects,
    objects.show,
    errors.errors,
    explain.explain,
    log.log,
    cmdlet.cmdlet,
    lint.lint,
    whatif.whatif,
    verify.verify,
    backup.backup,
):
    app.command()(command)
app.add_typer(daemon.app, name="daemon")
app.add_typer(deletions.app, name="deletions")
app.add_typer(tenant.app, name="tenant")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"connector {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", help="The settings file.", metavar="FILE"),
    ] = None,
    version: Annotated[  # noqa: ARG001 -- its callback does the work
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Sync a test directory into a model of the cloud directory.

    The settings come from --config, CONNECTOR_CONFIG, ./connector.toml or
    /etc/connector/connector.toml. Exit codes: 0 done; 1 done, with export errors or, for a dry run,
    with changes to make; 2 usage or settings; 3 stopped by a guard; 4 directory unavailable; 75
    another instance is at work.
    """
    context.obj = config


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code; an expected error is one message, not a traceback."""
    collect_seldom()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(arguments, prog_name="connector")
    except BrokenPipeError:
        _forget_output()
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except ConnectorError as error:
        typer.echo(message(error), err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        if damage := _storage_damage(error):
            typer.echo(message(damage), err=True)
            sys.exit(damage.exit_code)
        if os.environ.get("CONNECTOR_DEBUG") == "1":
            raise
        typer.echo(
            f"connector: internal error: {type(error).__name__}: {printable(str(error))}\n"
            "Run the command again with CONNECTOR_DEBUG=1 to see where.",
            err=True,
        )
        sys.exit(INTERNAL_ERROR)


def collect_seldom() -> None:
    """Let the garbage collector rest: a sync makes millions of objects, hardly any in a cycle.

    By default it would walk over all that a batch keeps alive again and again, and find nothing.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def message(error: ConnectorError) -> str:
    """Say what went wrong; the problems of settings stand on a line each."""
    if not isinstance(error, InvalidSettings):
        return "\n".join(f"connector: {printable(part)}" for part in str(error).split("\n"))
    problems = [f"  {printable(problem)}" for problem in error.problems]
    of = f" in {error.file}" if isinstance(error, opening.UnusableSettings) else ""
    return "\n".join([f"connector: the settings{of} cannot be used:", *problems])


def _storage_damage(error: Exception) -> ConnectorError | None:
    """Return the error to tell where a database failed while it was read."""
    import sqlite3

    from connector.database import is_environmental, unusable

    if isinstance(error, sqlite3.DatabaseError) and is_environmental(error):
        return unusable(Path("storage.path"), error)
    return None


def _forget_output() -> None:
    """Let the interpreter flush into nothing, now that nobody reads."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
