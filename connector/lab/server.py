"""Define what the lab needs of a directory server, on either engine.

Every method may raise LabUnusable with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class DirectoryAccess:
    """How a connector reaches a directory; ``ca_file`` is None without TLS."""

    url: str
    bind_dn: str
    password_file: Path
    ca_file: Path | None = None


class LabDirectory(Protocol):
    """A directory with the lab's schema that accepts changes."""

    def load(self, ldif: Iterable[str]) -> None:
        """Add entries; for many of them a stopped server is faster."""

    def apply(self, ldif: str) -> None:
        """Apply change records (without ``changetype:``, add) to the running server."""


class LabServer(LabDirectory, Protocol):
    """The directory of a lab, which runs on after the command that made it."""

    def is_running(self) -> bool: ...

    def create(self) -> None:
        """Start it anew with the empty organizational units of the lab."""

    def start(self) -> object:
        """Start it; return when it answers."""

    def stop(self) -> None:
        """Stop it; its entries stay."""

    def search(self, filter_: str, *attributes: str) -> str:
        """Return the matching entries of the running server as LDIF without line folding."""

    def access(self) -> DirectoryAccess: ...

    def description(self) -> str:
        """Return what it is and where it listens, in words."""

    def change_command(self) -> str:
        """Return a command line that applies a file of changes."""

    def mail_command(self) -> str | None:
        """Return a command line that shows caught mails; None without a mail catcher."""

    def remove(self) -> list[str]:
        """Stop it, remove its parts outside the lab's folder, and return what was removed."""
