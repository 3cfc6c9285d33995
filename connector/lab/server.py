"""What the lab asks of a directory server, in whatever way it runs.

Every method raises LabUnusable, with the reason, where it cannot do its work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class DirectoryAccess:
    """How a connector reaches a directory; without ``ca_file`` it has no TLS."""

    url: str
    bind_dn: str
    password_file: Path
    ca_file: Path | None = None


class LabDirectory(Protocol):
    """A directory of the lab's schema that can be written to."""

    def load(self, ldif: Iterable[str]) -> None:
        """Add entries; many are faster in a server that is stopped."""

    def apply(self, ldif: str) -> None:
        """Apply change records (``changetype:``; none means add) to the running server."""


class LabServer(LabDirectory, Protocol):
    """The directory of a lab: it outlives the command that made it, until it is removed."""

    def is_running(self) -> bool: ...

    def create(self) -> None:
        """Forget every entry but the organizational units of the lab, made anew, and start it."""

    def start(self) -> object:
        """Start it, and return when it answers."""

    def stop(self) -> None:
        """Stop it; its entries stay."""

    def search(self, filter_: str, *attributes: str) -> str:
        """Return the matching entries of the running server as LDIF without line folding."""

    def access(self) -> DirectoryAccess: ...

    def description(self) -> str:
        """Say what it is and where it listens."""

    def change_command(self) -> str:
        """Return the command line by which a person applies a file of changes."""

    def mail_command(self) -> str | None:
        """Return the command line that shows caught mails, None where there is no catcher."""

    def remove(self) -> list[str]:
        """Stop it, remove what it has outside of the lab's folder, and say what was there."""
