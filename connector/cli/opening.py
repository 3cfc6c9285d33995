"""Open what a command works on: the settings, the databases, or the daemon that has them open."""

from __future__ import annotations

import os
import time
from contextlib import closing, contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import typer

from connector.cli import output
from connector.cli.owner import become_owner
from connector.errors import ConnectorError, InstanceLocked, InvalidSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from connector.assembly import Parts, Readers
    from connector.operations.binding import Answer, Request
    from connector.settings import Settings

P = ParamSpec("P")

as_daemon = ContextVar("as_daemon", default=False)
"""Whether a daemon may go by settings that are others than those of the command."""

_SECONDS_FOR_A_DAEMON_TO_START = 3.0


class UnusableSettings(InvalidSettings):
    """The problems of a file, which the message names."""

    def __init__(self, file: Path, error: InvalidSettings) -> None:
        super().__init__(error.problems)
        self.file = file


class DifferentSettings(InvalidSettings):
    """The settings of a command are others than those of the daemon that would carry it out."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__([f"{key}: the daemon has another value" for key in keys])

    def __str__(self) -> str:
        problems = "\n".join(f"  {problem}" for problem in self.problems)
        return (
            f"The daemon would do this with settings of its own, which differ:\n{problems}\n"
            "Let it read the file anew: connector daemon reload. A value of the environment or of "
            "--config does not reach it. To go on with the daemon's settings: connector --as-daemon ..."
        )


class AddressUnusable(ConnectorError):
    """The web cannot listen on its address."""

    def __init__(self, address: str, error: OSError) -> None:
        super().__init__(
            f"{address}: {error.strerror or error}. Free the address, or name another one: --listen, or "
            "[web] listen of the settings."
        )


class AnswerError(ConnectorError):
    """The daemon answered with an error of its own."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(str(answer["error"]))
        self.exit_code = int(answer["exit_code"])
        self.answer = dict(answer)


def settings(context: typer.Context, *, needs_storage: bool = True) -> Settings:
    """Load the settings that ``--config`` or the usual places name; root then becomes their user.

    Raises StorageForbidden for a user who may not read storage.path, if the command ``needs_storage``.
    """
    from connector.settings import find
    from connector.storage.rights import refuse_stranger

    loaded = settings_of(find(context.obj, os.environ))
    if needs_storage:
        refuse_stranger(loaded.storage.path, loaded.databases.values())
    return loaded


def settings_of(file: Path) -> Settings:
    """Load the settings of a file; root then becomes their user. Raises UnusableSettings."""
    from connector.settings import load

    try:
        loaded = load(file, os.environ)
    except InvalidSettings as error:
        raise UnusableSettings(file, error) from error
    become_owner(loaded.storage.path)
    return loaded


def readers(context: typer.Context) -> AbstractContextManager[Readers]:
    """Open the databases to read them, even while another process uses them."""
    return reading(settings(context))


@contextmanager
def reading(settings: Settings) -> Iterator[Readers]:
    """Open the databases of the settings to read them; say so where there are none yet."""
    from connector.assembly import open_readers

    with open_readers(settings) as opened:
        if len(opened.missing) == 1 and settings.tenant.url is None:
            [name] = opened.missing
            output.note(
                f"{settings.databases.get(name, settings.tenant.database)} is not there: what it held shows as "
                "empty. Restore a backup; without one, the next connector sync makes it anew."
            )
        elif opened.missing:
            output.note(
                f"Nothing is synced yet: {settings.storage.path} has no databases. "
                "To begin: connector sync"
            )
        yield opened


def tenant_id(settings: Settings) -> str:
    """Return the tenant's id; a tenant that was never used is made, so that the id stays.

    Raises InstanceLocked while another instance makes it, StorageUnusable.
    """
    from connector.assembly import open_parts, open_readers
    from connector.logs.log import silent_log
    from connector.tenant.opening import has_tenant, place_of

    place = place_of(settings)
    deadline = time.monotonic() + _SECONDS_FOR_A_DAEMON_TO_START
    while not has_tenant(place):
        try:
            with open_parts(settings, log=silent_log()):
                break
        except InstanceLocked:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    with open_readers(settings) as opened:
        return opened.tenant.id()


def verified_domains(settings: Settings) -> set[str]:
    """Return the verified domains of the tenant, folded; those of the settings where it was never used."""
    from connector.assembly import open_readers
    from connector.tenant.opening import is_up_to_date, place_of
    from connector.values.addresses import fold

    named = {fold(d) for d in (settings.tenant.initial_domain, *settings.tenant.verified_domains)}
    try:
        if settings.tenant.url is not None or is_up_to_date(place_of(settings)):
            with open_readers(settings) as readers:
                return {fold(one.name) for one in readers.tenant.administrator.domains()}
    except ConnectorError:
        pass  # what reads the databases for its own sake says why
    return named


def perform(
    settings: Settings,
    operation: Callable[Concatenate[Parts, P], Answer],
    *args: P.args,
    **arguments: P.kwargs,
) -> Answer:
    """Have an operation done by the daemon, or do it here when none runs; return the answer.

    Raises AnswerError for an answer that is an error, InstanceLocked when another command is at work.
    """
    from connector.operations.binding import request_for

    return carry_out(settings, request_for(operation, *args, **arguments))


def perform_amid_rewind(
    settings: Settings,
    operation: Callable[Concatenate[Parts, P], Answer],
    *args: P.args,
    **arguments: P.kwargs,
) -> Answer:
    """Do what ``perform`` does where a rewind may be interrupted, and without finishing it first."""
    from connector.operations.binding import request_for

    request = request_for(operation, *args, **arguments)
    return carry_out(settings, request, here=partial(_perform_here, resume=False))


def carry_out(
    settings: Settings,
    request: Request,
    *,
    here: Callable[[Settings, Request], Answer] | None = None,
    heard: Callable[[int], None] = lambda _: None,
) -> Answer:
    """Do what ``perform`` does for a request that is written already.

    ``here`` does the work when no daemon runs; ``heard`` is told the process of the one that does.
    """
    from connector.daemon.control import ask

    refuse_other_settings(settings)
    answer = ask(settings.storage.path, request, heard=heard)
    if answer is None:
        try:
            answer = (here or _perform_here)(settings, request)
        except InstanceLocked:
            answer = ask_again(settings.storage.path, request, heard=heard)
            if answer is None:
                raise
    if "error" in answer:
        raise AnswerError(answer)
    return answer


def refuse_other_settings(settings: Settings) -> None:
    """Refuse to let a daemon carry out a command whose settings are others than the daemon's.

    Raises InvalidSettings, naming the keys, unless ``connector --as-daemon`` said to go on. A daemon of an
    older version cannot tell its settings.
    """
    from connector.daemon import commands
    from connector.daemon.control import inquire
    from connector.operations.binding import request_for
    from connector.settings.comparison import by_key, differing

    if as_daemon.get():
        return
    theirs = inquire(settings.storage.path, request_for(commands.settings))
    if theirs is None or "error" in theirs:
        return
    if keys := differing(by_key(settings, theirs["salt"]), theirs["settings"]):
        raise DifferentSettings(keys)


def _perform_here(settings: Settings, request: Request, *, resume: bool = True) -> Answer:
    from connector.assembly import open_parts
    from connector.cli.progress import progress
    from connector.cli.verbosity import open_command_log
    from connector.daemon.interrupt import stop_on_interrupt
    from connector.operations import requests

    with (
        progress() as bars,
        closing(open_command_log(settings, bars.stream)) as log,
        stop_on_interrupt() as stop,
        open_parts(settings, log=log, progress=bars, stop=stop, resume=resume) as parts,
    ):
        return requests.perform(parts, request)


def ask_again(
    storage: Path, request: Request, *, heard: Callable[[int], None] = lambda _: None
) -> Answer | None:
    """Ask the daemon that holds the lock but does not listen yet."""
    from connector.daemon.control import ask

    deadline = time.monotonic() + _SECONDS_FOR_A_DAEMON_TO_START
    while time.monotonic() < deadline:
        time.sleep(0.1)
        if (answer := ask(storage, request, heard=heard)) is not None:
            return answer
    return None
