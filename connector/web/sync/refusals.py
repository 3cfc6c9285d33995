"""Refuse what a sync client asks, in words that its operator reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.web.envelope import refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from connector.web.exchange import Call, Reply


class Refused(Exception):
    """A request is refused; ``problems`` are items of the details, each a sentence of its own."""

    def __init__(
        self, status: int, code: str, message: str, *, problems: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.problems = tuple(problems)

    def reply(self, call: Call, now: datetime) -> Reply:
        details = [{"code": self.code, "target": "", "message": one} for one in self.problems]
        headers = {"Retry-After": "1"} if self.status == 503 else {}  # noqa: PLR2004 - HTTP's own number
        return refusal(
            call, now, self.status, self.code, self.message, details=details, headers=headers
        )


def malformed(message: str) -> Refused:
    """Refuse a request that is not of the form that it must have."""
    return Refused(400, "BadRequest", message)


BUSY = Refused(503, "ServiceUnavailable", "Too many sync clients ask at once.")
NOT_A_SYNC_CLIENT = Refused(
    403,
    "Authorization_RequestDenied",
    "The application may not synchronize. Register one that may: connector web app add NAME --role "
    "synchronization",
)
NOT_ENTERED = Refused(
    409,
    "NotEntered",
    "No sync client has come by this application yet, or its tenant was exchanged: the next connector sync makes "
    "it known.",
)
NOT_A_REHEARSAL = Refused(400, "BadRequest", "The call belongs to a rehearsal, and names none.")
NO_REHEARSAL = Refused(
    409,
    "NoRehearsal",
    "The tenant of the server cannot be rehearsed on: on its machine, connector check says whether it can be written.",
)
REHEARSING = Refused(
    503, "ServiceUnavailable", "Another connector rehearses at the server just now."
)
REHEARSAL_OVER = Refused(
    409,
    "RehearsalOver",
    "The rehearsal is over: it gave way to others that write to the tenant, was left alone for long, or is at another "
    "server of the tenant.",
)
OTHER_SETTINGS = Refused(
    503,
    "SettingsDiffer",
    "The settings of the server are others than those that its tenant was told. On its machine: "
    "connector tenant clients --tell-settings",
)
MOVED = Refused(
    503,
    "TenantMoved",
    "The tenant was moved to another database: the server's settings must name it.",
)
