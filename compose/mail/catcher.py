"""Print every incoming mail as its reader would see it; pass on and keep nothing."""  # noqa: INP001 -- copied into an image alone

from __future__ import annotations

import sys
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import SMTP, Envelope, Session

_HEADERS = ("From", "To", "Subject", "Date")


class Catcher:
    """The handler to which aiosmtpd passes mails."""

    async def handle_DATA(  # noqa: N802 -- aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        message = message_from_bytes(envelope.original_content or b"", policy=default)
        sys.stdout.write("".join(f"{_printable(line)}\n" for line in _lines(message)))
        sys.stdout.flush()
        return "250 printed"


def _lines(message: EmailMessage) -> Iterator[str]:
    yield "-" * 72
    for name in _HEADERS:
        yield f"{name}: {message[name]}"
    yield ""
    body = message.get_body(("plain", "html"))
    yield from str(body.get_content()).splitlines() if body else ()
    yield "-" * 72


def _printable(line: str) -> str:
    """Escape a line, so that the sender of a mail cannot control the reader's terminal."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)
