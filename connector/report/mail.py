"""Send mail over SMTP, or write it to files if no mail server is set."""

from __future__ import annotations

import os
import smtplib
import ssl
import time
from datetime import UTC
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from connector.errors import InvalidSettings, MailUndelivered
from connector.settings.secrets import mail_password
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from connector.report.error_mails import Mail
    from connector.settings import MailSettings

FOLDER = "mail"
# The daemon does nothing else during this time.
_SECONDS = 10.0
_SECONDS_BETWEEN_LOOKS = 0.1
_SECONDS_ONCE_STOPPED = 0.5
_NOBODY = "administrator@localhost"


def send(
    mail: Mail,
    settings: MailSettings,
    storage: Path,
    now: datetime,
    *,
    stop: Callable[[], bool] = lambda: False,
) -> str:
    """Send a mail, or write it below the storage folder; return its destination.

    Raises MailUndelivered, also when the server has not taken the mail a moment after ``stop`` is true.
    """
    message = _message(mail, settings, now)
    try:
        if settings.host is None:
            return str(_write(message, storage / FOLDER, now))
        _unless_stopped(partial(_deliver, message, settings, settings.host), stop)
    except (OSError, smtplib.SMTPException, InvalidSettings, ValueError) as error:
        where = f"{settings.host}:{settings.port}" if settings.host else str(storage / FOLDER)
        raise MailUndelivered(f"The mail could not be sent to {where}: {_reason(error)}") from error
    return f"{settings.host}:{settings.port}"


def _message(mail: Mail, settings: MailSettings, now: datetime) -> EmailMessage:
    """Build a message; the email package refuses a header with a line break."""
    try:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = mail.subject
        message["From"] = settings.sender
        message["To"] = ", ".join(settings.to) or _NOBODY
        message["Date"] = format_datetime(now.astimezone(UTC))
        message["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2].rstrip("> "))
        message["Auto-Submitted"] = "auto-generated"
        # Quoted-printable passes through servers that take neither 8 bits nor long lines.
        message.set_content(mail.body, charset="utf-8", cte="quoted-printable")
    except ValueError as error:
        raise MailUndelivered(f"The mail could not be written: {error}") from error
    return message


def _unless_stopped(work: Callable[[], None], stop: Callable[[], bool]) -> None:
    """Do work that waits for others in a thread that can be left behind; raise what it raises.

    Raises TimeoutError once it was told to stop and the work does not end soon.
    """
    raised: list[Exception] = []

    def do() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 -- raised again, by the thread that waits
            raised.append(error)

    thread = Thread(target=do, name="mail", daemon=True)
    thread.start()
    deadline: float | None = None
    while thread.is_alive():
        thread.join(_SECONDS_BETWEEN_LOOKS)
        if deadline is None and stop():
            deadline = time.monotonic() + _SECONDS_ONCE_STOPPED
        if deadline is not None and time.monotonic() > deadline:
            raise TimeoutError("the connector was told to stop, and the server did not answer")
    if raised:
        raise raised[0]


def _deliver(message: EmailMessage, settings: MailSettings, host: str) -> None:
    if settings.tls == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, settings.port, timeout=_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, settings.port, timeout=_SECONDS)
    with server:
        if settings.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.user is not None:
            server.login(settings.user, mail_password(settings))
        refused = server.send_message(message)
    if refused:
        raise smtplib.SMTPRecipientsRefused(refused)


def _write(message: EmailMessage, folder: Path, now: datetime) -> Path:
    """Write a mail that only the connector's user may read, completely or not at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = folder / f".{os.getpid()}.part"
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    for path in _names(folder, now):
        try:
            os.link(partial, path)
        except FileExistsError:
            continue
        partial.unlink()
        return path
    raise AssertionError("there is always another name")


def _names(folder: Path, now: datetime) -> Iterator[Path]:
    stem = moments.for_a_file_name(now)
    yield folder / f"{stem}.eml"
    number = 2
    while True:
        yield folder / f"{stem}-{number}.eml"
        number += 1


def _reason(error: Exception) -> str:
    match error:
        case smtplib.SMTPResponseException():
            said = error.smtp_error
            text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
            return f"{error.smtp_code} {text}"
        case smtplib.SMTPRecipientsRefused():
            return "; ".join(
                f"{address}: {code} {said.decode('utf-8', 'replace')}"
                for address, (code, said) in error.recipients.items()
            )
        case _:
            return str(error) or type(error).__name__
