"""Read why a server refuses what a sync client asks, and say it as the errors of this side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import InvalidSettings, StorageCopied, TenantUnavailable
from connector.values.canonical import decode
from connector.values.printable import cut, printable

if TYPE_CHECKING:
    from connector.errors import ConnectorError

_ADVICE = (
    "tenant: let this connector say the same as the server, or change it there: the settings of the server "
    "are those of the tenant"
)


class PlaceWanted(TenantUnavailable):
    """The server wants to know whether the storage folder of a client is still where it was."""

    def __init__(self, message: str, place: str) -> None:
        super().__init__(message)
        self.place = place


class RehearsalOver(TenantUnavailable):
    """The server has undone a rehearsal before it was at its end; it can be begun anew."""


class Refusal(Exception):
    """The server refused a call: ``code`` names why, ``problems`` are sentences of their own."""

    def __init__(self, code: str, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.problems = problems

    def as_error(self, url: str) -> ConnectorError:
        """Return the error that the operator of this side reads."""
        if self.code == "OtherSettings":
            return InvalidSettings([*self.problems, _ADVICE])
        if self.code == "StorageCopied":
            return StorageCopied(self.message)
        if self.code == "PlaceAsked" and len(self.problems) == 1:
            return PlaceWanted(f"{url}: {self.message}", self.problems[0])
        if self.code == "RehearsalOver":
            return RehearsalOver(f"{url}: {self.message}")
        if self.code == "UnknownCall":
            call = "".join(f" ({one})" for one in self.problems)
            return TenantUnavailable(
                f"{url}: the server is of an older version, which cannot answer this{call}. Install the "
                "version of this connector there, too."
            )
        error = TenantUnavailable(f"{url}: {self.message}")
        if self.code in ("ClientRefused", "Authorization_RequestDenied"):
            error.reason = "refused"
        return error


def refusal_in(status: int, body: bytes) -> Refusal | None:
    """Return the refusal that a body has in the form of Graph's errors; None where it has none."""
    try:
        said = decode(body.decode())["error"]
        details = said.get("details", [])
        problems = tuple(_shown(item["message"]) for item in details)
        return Refusal(_shown(said["code"]), _shown(said["message"]) or str(status), problems)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _shown(text: str) -> str:
    return printable(cut(text))
