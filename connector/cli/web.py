"""``connector web``: serve the Graph-shaped API and the pages."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import opening, output, web_app
from connector.cli.pages import Commands
from connector.errors import InvalidSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.logs.log import Log
    from connector.operations.binding import Answer, Request
    from connector.settings import Settings
    from connector.web.health import Answer as Monitored

app = Commands(name="web")
app.add_typer(web_app.app)


@app.callback(invoke_without_command=True)
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
    served = settings
    if listen is not None:
        web = settings.web.model_copy(update={"listen": _checked(listen)})
        served = settings.model_copy(update={"web": web})
    # A daemon beside it does what pages ask for: where this server listens is not its business.
    _serve(served, asking=settings)


def _serve(settings: Settings, *, asking: Settings) -> None:
    from connector.cli.verbosity import open_command_log
    from connector.daemon.web_monitor import monitored
    from connector.web.app import Application
    from connector.web.context import Context
    from connector.web.health import Health
    from connector.web.listener import monitored_plainly
    from connector.web.metrics import Metrics
    from connector.web.server import base_of, bind, secured, serve

    opening.tenant_id(settings)
    with closing(open_command_log(settings, None)) as log:
        try:
            tls = secured(settings.web)
        except OSError as error:  # of ssl too
            raise InvalidSettings([f"web.tls_cert: {settings.web.tls_cert}: {error}"]) from error
        try:
            listener = bind(settings.web.listen)
        except OSError as error:
            raise opening.AddressUnusable(settings.web.listen, error) from error
        context = Context(settings, log, _carrying_out(asking, log))
        context.check()
        state = {"state": "stopped", "pausedSince": None}
        health = Health(settings, Metrics(), status=lambda: state, silence=lambda: 0.0)
        address = base_of(listener, settings.web)

        def started() -> None:
            output.data(f"Serving {address}")
            log.tell("info", "web.started", address=address)

        def answer(path: str) -> Monitored | None:
            return monitored(settings.storage.path, path) or health.answer(path)

        with closing(context.rehearsals), monitored_plainly(settings.web, answer, log):
            serve(Application(context, answer), listener, tls, started=started)


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


@app.command()
def throttle(
    context: typer.Context,
    count: Annotated[
        int,
        typer.Argument(metavar="COUNT", min=0, max=1_000_000, help="How many; 0 ends it."),
    ],
    retry_after: Annotated[
        int,
        typer.Option(
            "--retry-after",
            metavar="SECONDS",
            min=0,
            max=3600,
            help="What clients are told to wait.",
        ),
    ] = 10,
) -> None:
    """Refuse the next requests to the API with 429, so that a client's waiting can be tried out.

    Each item of a batch counts by itself. Where no server runs, the next one that starts refuses them.

    Examples:
      $ connector web throttle 3
      $ connector web throttle 2 --retry-after 1
      $ connector web throttle 0                    no more of it
    """
    from connector.errors import StorageUnusable
    from connector.web.throttle import ask_for

    path = opening.settings(context).storage.path
    try:
        ask_for(path, count, retry_after)
    except OSError as error:
        raise StorageUnusable(f"{path}: {error.strerror}") from error
    if count:
        output.line(
            f"The next {count} requests to the API get 429, and are told to wait {retry_after} s."
        )
    else:
        output.line("No request to the API is refused for this any more.")


@app.command()
def certificate(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            metavar="DIR",
            help="Where the files go; storage.path by default.",
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(
            "--name",
            metavar="HOST",
            help="A further name or address of the server; may be repeated.",
        ),
    ] = None,
) -> None:
    """Make a certificate for https, signed by an authority of its own, which clients have to trust.

    It is for a lab: MSAL and the clients built on it refuse an address that is not https. It holds for
    this machine, and for the hosts of Microsoft, in whose place a proxy may put it. The key of the authority
    is kept nowhere. Files that are there are not replaced.

    Examples:
      $ connector web certificate
      $ connector web certificate --folder tls --name graph.lab.contoso.com

    Exit codes:
      0   the files are written
      2   one of them is there already, or cannot be written
    """
    from connector.web.signin.certificate import make, usual_names

    settings = opening.settings(context)
    place = folder or settings.storage.path
    files = make(place.absolute(), [*usual_names(), *(name or [])], datetime.now(UTC))
    output.line(f"Made {files.certificate} and {files.key}, signed by {files.authority}.")
    output.line()
    output.line("In the settings:")
    output.to_type(["[web]", f'tls_cert = "{files.certificate}"', f'tls_key = "{files.key}"'])
    output.line()
    output.line("What its clients need, so that they trust it:")
    output.names(
        ("Client", "Setting"),
        [
            ("requests, MSAL, azure-identity", f"export REQUESTS_CA_BUNDLE={files.authority}"),
            ("httpx, msgraph-sdk", f"export SSL_CERT_FILE={files.authority}"),
            ("Node.js", f"export NODE_EXTRA_CA_CERTS={files.authority}"),
            ("curl", f"curl --cacert {files.authority}"),
            ("browsers", f"import {files.authority} as an authority that may identify websites"),
        ],
    )
