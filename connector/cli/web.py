"""``connector web``: serve the Graph-shaped API and the pages."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import opening, output
from connector.cli.pages import Commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.logs.log import Log
    from connector.operations.binding import Answer, Request
    from connector.settings import Settings

app = Commands(name="web", invoke_without_command=True)


@app.callback()
def web(
    context: typer.Context,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen",
            help="Where to listen, instead of [web] listen; port 0 takes a free one.",
            metavar="HOST:PORT",
        ),
    ] = None,
) -> None:
    """Serve the tenant to Graph's clients and to browsers, until told to stop.

    It works beside a running daemon, which then makes the changes, and without one. 'connector run'
    serves the same. Once requests are accepted it prints 'Serving' and its address.

    Examples:
      $ connector web
      $ connector web --listen 127.0.0.1:0      on a free port

    Exit codes:
      0   it was told to stop
      2   the address is in use, or the settings cannot be used
    """
    if context.invoked_subcommand is not None:
        return
    settings = opening.settings(context)
    if listen is not None:
        settings = settings.model_copy(
            update={"web": settings.web.model_copy(update={"listen": _checked(listen)})}
        )
    _serve(settings)


def _serve(settings: Settings) -> None:
    from connector.cli.verbosity import open_command_log
    from connector.web.app import Application
    from connector.web.context import Context
    from connector.web.health import Health
    from connector.web.metrics import Metrics
    from connector.web.server import base_of, bind, serve

    with closing(open_command_log(settings, None)) as log:
        try:
            listener = bind(settings.web.listen)
        except OSError as error:
            raise opening.AddressUnusable(settings.web.listen, error) from error
        context = Context(settings, log, _carrying_out(settings, log))
        state = {"state": "idle", "pausedSince": None}
        health = Health(settings, Metrics(), status=lambda: state, silence=lambda: 0.0)
        address = base_of(listener, settings.web)

        def started() -> None:
            output.data(f"Serving {address}")
            log.tell("info", "web.started", address=address)

        serve(Application(context, health.answer), listener, settings.web, started=started)


def _carrying_out(settings: Settings, log: Log) -> Callable[[Request], Answer]:
    """Return what has a request done by the daemon, or does it in this process where none runs."""
    from threading import Lock

    from connector.operations.binding import error_of

    one_at_a_time = Lock()

    def here(settings: Settings, request: Request) -> Answer:
        from connector.assembly import open_parts
        from connector.operations import requests

        with one_at_a_time, open_parts(settings, log=log) as parts:
            return requests.perform(parts, request)

    def carry_out(request: Request) -> Answer:
        try:
            return opening.carry_out(settings, request, here=here)
        except opening.AnswerError as error:
            raise error_of(error.answer) from error

    return carry_out


def _checked(listen: str) -> str:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the largest port
        raise typer.BadParameter("must be HOST:PORT", param_hint="--listen")
    return listen
