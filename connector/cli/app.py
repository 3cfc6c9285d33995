"""The ``connector`` command: its options, its commands, and its error messages."""

from __future__ import annotations

import os
import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector import __version__
from connector.cli import completion, opening
from connector.cli.pages import WIDTH, Commands
from connector.cli.streams import complain, forget_output, open_streams
from connector.collector import collect_seldom
from connector.errors import ConnectorError, InvalidSettings, OutputLost, Problem
from connector.values.printable import cut, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERNAL_ERROR = 70
INTERRUPTED = 130

_HELP = ("-h", "--help")
# A line of cmdlets without quotes reaches the command, which tells so, in place of its first parameter.
_UNQUOTED = {"allow_extra_args": True, "allow_interspersed_args": False}
# Each command by its name, with the place of its function or of its own commands, by panel. They are
# imported when they are asked for: what `connector status` does not need would take half of its time.
_PANELS = {
    "To begin": {"init": "init.init", "check": "check.check", "settings": "settings.app"},
    "To sync": {
        "run": "run.run",
        "sync": "sync.sync",
        "daemon": "daemon.app",
        "deletions": "deletions.app",
    },
    "To see what is": {
        "status": "status.status",
        "errors": "errors.errors",
        "explain": "explain.explain",
        "objects": "objects.objects",
        "show": "objects.show",
        "history": "history.history",
        "log": "log.log",
        "verify": "verify.verify",
    },
    "To see what would be": {
        "lint": "lint.lint",
        "whatif": "whatif.whatif",
        "rules": "rules.app",
    },
    "To act in the cloud": {"cmdlet": "cmdlet.cmdlet", "tenant": "tenant.app"},
    "To show it": {"web": "web.app"},
    "To keep what is": {"backup": "backup.backup", "restore": "restore.restore"},
    "To try things": {"lab": "lab.app"},
}
_NAMES = frozenset(name for commands in _PANELS.values() for name in commands)
_COMPLETES = "_CONNECTOR_COMPLETE"


def build(only: str | None = None) -> Commands:
    """Make the command with all its commands, or with one of them alone."""
    app = Commands(
        name="connector",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": [*_HELP], "max_content_width": WIDTH},
    )
    app.callback()(root)
    for panel, commands in _PANELS.items():
        for name, place in commands.items():
            if only is None or name == only:
                module, _, attribute = place.partition(".")
                found = getattr(import_module(f"connector.cli.{module}"), attribute)
                if isinstance(found, typer.Typer):
                    app.add_typer(found, name=name, rich_help_panel=panel)
                else:
                    taken = _UNQUOTED if name == "cmdlet" else None
                    app.command(rich_help_panel=panel, context_settings=taken)(found)
    return app


def _asked(words: Sequence[str]) -> str | None:
    """Return the command that is asked for, None where that is not plain, or where help lists all."""
    rest = iter(words)
    for word in rest:
        if word == "--config":
            next(rest, None)
        elif not word.startswith("-"):
            return word if word in _NAMES and _COMPLETES not in os.environ else None
        elif word in _HELP:
            return None
    return None


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"connector {__version__}")
        raise typer.Exit


def root(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", help="The settings file; by default see Files.", metavar="FILE"),
    ] = None,
    as_daemon: Annotated[
        bool,
        typer.Option(
            "--as-daemon", help="Let a running daemon go by its own settings, where they differ."
        ),
    ] = False,
    version: Annotated[  # noqa: ARG001 -- its callback does the work
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Sync a test directory into a model of the cloud directory.

    It does beside a test directory what Azure AD Connect does beside Active Directory: it imports over
    LDAP, synchronizes, and exports into a tenant, which quarantines duplicate UPNs and proxy addresses.
    Every command that reads has --json. As root, a command acts as the user who owns storage.path.

    Examples:
      $ connector init                     write connector.toml, every key explained
      $ connector check                    what works, and what to do about the rest
      $ connector sync --dry-run           what a cycle would do
      $ connector sync                     one cycle
      $ connector errors                   who is quarantined, and what resolves it
      $ sudo connector init --systemd      install the daemon as a service
      $ connector sync --help              the page of a command

    Exit codes:
      0    done
      1    done, with export or sync errors; of a dry run: with changes to make
      2    wrong usage, or settings or databases that cannot be used
      3    stopped by a guard: nothing was deleted, see connector deletions
      4    the directory is unavailable: nothing was changed
      70   a bug; CONNECTOR_DEBUG=1 shows where
      75   another instance is at work on the same storage, or no daemon is
      130  interrupted

    Files:
      connector.toml                       the settings, in this folder
      /etc/connector/connector.toml        the settings, where this folder has none
      /var/lib/connector                   the databases, unless storage.path says otherwise

    Environment:
      CONNECTOR_CONFIG                     the settings file, where --config names none
      CONNECTOR__SECTION__KEY              a setting: CONNECTOR__DIRECTORY__URL is url of [directory]
      CONNECTOR_DEBUG                      1 shows where a bug is
      CONNECTOR_WIDTH                      columns to print for, where the output is not a terminal

    Documents:
      README.md, and in docs/ of the project: configuration, operations, web, errors, service,
      containers, lab, performance, decisions
    """
    context.obj = config
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        context.color = False
    opening.as_daemon.set(as_daemon)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code; an expected error is one message, not a traceback."""
    collect_seldom()
    completion.one_line_each()
    open_streams()
    try:
        _run(arguments)
    except BrokenPipeError:
        forget_output()
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OutputLost as error:
        forget_output()
        complain(message(error))
        sys.exit(error.exit_code)
    except ConnectorError as error:
        complain(message(error))
        sys.exit(error.exit_code)
    except Exception as error:
        if expected := _storage_damage(error) or _refused(error):
            complain(message(expected))
            sys.exit(expected.exit_code)
        if os.environ.get("CONNECTOR_DEBUG") == "1":
            raise
        told = complain(
            f"connector: internal error: {type(error).__name__}: {printable(cut(str(error)))}\n"
            "Run the command again with CONNECTOR_DEBUG=1 to see where."
        )
        # What click could not write there is most often a usage error.
        lost = isinstance(error, OSError) and not told
        sys.exit(ConnectorError.exit_code if lost else INTERNAL_ERROR)


def _run(arguments: Sequence[str] | None) -> None:
    """Run a command; what it printed is written before it ends, while a fault can be told."""
    try:
        words = sys.argv[1:] if arguments is None else arguments
        build(_asked(words))(arguments, prog_name="connector")
    except SystemExit:
        sys.stdout.flush()
        raise
    except ConnectorError:
        try:
            sys.stdout.flush()
        except OutputLost:  # the first error counts for more
            forget_output()
        raise


def message(error: ConnectorError) -> str:
    """Print what went wrong; the problems of settings take a line each, with a drawing below some."""
    if not isinstance(error, InvalidSettings) or isinstance(error, opening.DifferentSettings):
        return "\n".join(f"connector: {printable(cut(part))}" for part in str(error).split("\n"))
    problems = [line for problem in error.problems for line in _lines(problem)]
    of = f" in {error.file}" if isinstance(error, opening.UnusableSettings) else ""
    return "\n".join([f"connector: the settings{of} cannot be used:", *problems])


def _lines(problem: str) -> list[str]:
    lines = [f"  {printable(cut(problem))}"]
    if isinstance(problem, Problem):
        width = shutil.get_terminal_size().columns - 4 if sys.stderr.isatty() else None
        lines += [f"    {printable(line)}" for line in problem.draw(width)]
    return lines


def _refused(error: Exception) -> ConnectorError | None:
    """Return the error to tell where a user may not use a file, whichever it is."""
    from connector.storage.rights import forbidden

    if not isinstance(error, PermissionError) or not isinstance(error.filename, str | bytes):
        return None
    return forbidden(Path(os.fsdecode(error.filename)), "use")


def _storage_damage(error: Exception) -> ConnectorError | None:
    """Return the error to tell where a database failed while it was read."""
    import sqlite3

    from connector.storage.database import is_environmental, unusable

    if isinstance(error, sqlite3.DatabaseError) and is_environmental(error):
        return unusable(Path("storage.path"), error)
    return None
