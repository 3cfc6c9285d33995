"""What ``connector check`` looks at on this machine: all that ``connector run`` needs to start.

Nothing is left behind: what has to be made for a look is removed again.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import ConnectorError, InvalidSettings, StorageUnusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connector.settings import Settings


class CheckLine(NamedTuple):
    """One check, its outcome, and the next step after one that failed."""

    name: str
    ok: bool
    detail: str
    advice: str = ""
    exit_code: int = 0


def failed(name: str, error: ConnectorError) -> CheckLine:
    """Report an error as a check that failed."""
    return CheckLine(name, ok=False, detail=str(error), exit_code=error.exit_code)


def settings_lines(file: Path, settings: Settings) -> Iterator[CheckLine]:
    """Check the file, and the passwords that it names; that of the directory comes with the directory."""
    from connector.settings import warnings
    from connector.settings.secrets import mail_password

    yield CheckLine("settings", ok=True, detail=str(file))
    for warning in warnings(settings, file):
        yield CheckLine("settings", ok=True, detail=f"warning: {warning}")
    if settings.mail.host is not None and settings.mail.user is not None:
        try:
            mail_password(settings.mail)
        except ConnectorError as error:
            yield failed("mail password", error)
    yield from _web_files(settings)


def _web_files(settings: Settings) -> Iterator[CheckLine]:
    """Check the files of tokens and of the pages' password, where the settings name them."""
    from datetime import UTC, datetime

    from connector.web.signin.sessions import Sessions
    from connector.web.signin.static_tokens import StaticTokens

    for name, held in (
        ("web tokens", StaticTokens(settings.web.tokens_file)),
        ("web password", Sessions(settings.web, lambda: datetime.now(UTC))),
    ):
        try:
            held.check()
        except ConnectorError as error:
            yield failed(name, error)


def storage_lines(settings: Settings) -> Iterator[CheckLine]:
    """Check that storage, log and mail folder can be written, as the daemon writes them."""
    from connector.storage.instance import is_locked

    path = settings.storage.path
    in_use = is_locked(path)
    try:
        _try_storage(settings, in_use=in_use)
    except ConnectorError as error:
        yield failed("storage", error)
    else:
        more = "; a connector is at work on it" if in_use else ""
        yield CheckLine("storage", ok=True, detail=f"{path}{more}")
    yield from _server(settings)
    yield from _log(settings)
    yield from _mail(settings)
    if not in_use:  # else its listener is the one that has the address
        yield from _web(settings)


def _server(settings: Settings) -> Iterator[CheckLine]:
    """Check the server of the tenant: that it answers, what it is, and that tables can be made there."""
    from connector.cli.check_server import server_mistakes, server_warnings
    from connector.tenant.opening import facts_of, name_of, place_of

    if settings.tenant.url is not None:
        yield _site(settings)
        return
    try:
        place = place_of(settings)
        if (found := facts_of(place)) is None:
            return
    except ConnectorError as error:
        yield failed("tenant", error)
        return
    name = name_of(place)
    mistakes = list(server_mistakes(name, found))
    for mistake in mistakes:
        yield failed("tenant", StorageUnusable(mistake))
    if not mistakes:
        detail = f"{name}, PostgreSQL {found.version}, UTF-8, collation {found.collation}"
        yield CheckLine("tenant", ok=True, detail=detail)
        for warning in server_warnings(found):
            yield CheckLine("tenant", ok=True, detail=f"warning: {warning}")


def _site(settings: Settings) -> CheckLine:
    """Check that the site which has the tenant would let this connector in, as it is."""
    from contextlib import closing

    from connector.entry import examine_entry
    from connector.tenant.remote.opening import open_remote

    try:
        with closing(open_remote(settings.tenant, read_only=True)) as tenant:
            examine_entry(tenant, settings)
            found = tenant.id()
    except ConnectorError as error:
        return failed("tenant", error)
    return CheckLine("tenant", ok=True, detail=f"{settings.tenant.url}, tenant {found}")


def _try_storage(settings: Settings, *, in_use: bool) -> None:
    from connector.storage.trial import cannot_be_written, try_database, try_folder

    path = settings.storage.path
    # A tenant on a server has no file.
    for file, name in zip(settings.databases.values(), ("staging", "tenant"), strict=False):
        try_database(file, name, in_use=in_use)
    try:
        try_folder(path)
    except OSError as error:
        raise cannot_be_written(path, error) from error


def _log(settings: Settings) -> Iterator[CheckLine]:
    from connector.storage.trial import try_append

    if (file := settings.log.file) is None:
        return
    try:
        try_append(file)
    except OSError as error:
        yield failed("log", InvalidSettings([f"log.file: {file}: {error.strerror}"]))
    else:
        yield CheckLine("log", ok=True, detail=str(file))


def _mail(settings: Settings) -> Iterator[CheckLine]:
    """Check the folder of mails where one is there; else it is made in the storage folder."""
    from connector.storage.trial import try_folder

    folder = settings.storage.path / "mail"
    if settings.mail.host is not None or not folder.exists():
        return
    try:
        try_folder(folder, room=4096)
    except OSError as error:
        text = (
            f"{folder}: {error.strerror}. Mails are written there as long as mail.host is not set."
        )
        yield failed("mail", StorageUnusable(text))


def _web(settings: Settings) -> Iterator[CheckLine]:
    """Check the listener; the daemon works without it, so that what is wrong is a warning."""
    import ssl

    host, _, port = settings.web.listen.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
        with socket.socket(found[0][0], socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(found[0][4])
            listener.listen(1)
        if settings.web.tls_cert is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            key = settings.web.tls_key
            context.load_cert_chain(str(settings.web.tls_cert), key and str(key))
    except OSError as error:
        yield CheckLine(
            "web",
            ok=True,
            detail=f"warning: {settings.web.listen}: {error.strerror or error}; "
            "the daemon works without /healthz, /readyz and /metrics then",
            advice="Free the address, or change listen, tls_cert and tls_key of [web].",
        )
