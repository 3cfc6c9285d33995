"""Open what a command works on: the settings, the databases, or the daemon that has them open."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import typer

from connector.cli.owner import become_owner
from connector.errors import ConnectorError, InstanceLocked, InvalidSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from connector.assembly import Parts, Readers
    from connector.operations.binding import Answer, Request
    from connector.settings import Settings

P = ParamSpec("P")

_SECONDS_FOR_A_DAEMON_TO_START = 3.0


class UnusableSettings(InvalidSettings):
    """The problems of a file, which the message names."""

    def __init__(self, file: Path, error: InvalidSettings) -> None:
        super().__init__(error.problems)
        self.file = file


class AnswerError(ConnectorError):
    """The daemon answered with an error of its own."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(str(answer["error"]))
        self.exit_code = int(answer["exit_code"])


def settings(context: typer.Context) -> Settings:
    """Load the settings that ``--config`` or the usual places name; root then becomes their user."""
    from connector.settings import find

    return settings_of(find(context.obj, os.environ))


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
    """Open the databases to read them, whoever else works on them."""
    from connector.assembly import open_readers

    return open_readers(settings(context))


def verified_domains(settings: Settings) -> set[str]:
    """Return the verified domains of the tenant, folded; those of the settings where it was never used."""
    from connector.assembly import TENANT_FILE, open_readers
    from connector.storage.database import is_current
    from connector.values.addresses import fold

    named = {fold(d) for d in (settings.tenant.initial_domain, *settings.tenant.verified_domains)}
    try:
        if is_current(settings.storage.path / TENANT_FILE, "tenant"):
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


def _perform_here(settings: Settings, request: Request) -> Answer:
    from connector.assembly import open_parts
    from connector.cli.progress import progress
    from connector.daemon.interrupt import stop_on_interrupt
    from connector.logs.log import open_log
    from connector.operations import requests

    with (
        progress() as bars,
        closing(open_log(settings.log, stream=bars.stream)) as log,
        stop_on_interrupt() as stop,
        open_parts(settings, log=log, progress=bars, stop=stop) as parts,
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
