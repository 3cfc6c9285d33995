"""What a cmdlet needs of the program it runs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from connector.assembly import Readers
    from connector.settings import Settings


class Host(Protocol):
    """Reads the databases, has changes made, and knows what the daemon does."""

    @property
    def settings(self) -> Settings: ...

    def reading(self) -> AbstractContextManager[Readers]:
        """Open the databases to read them."""

    def perform(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Do what is asked, or have the daemon do it; raises ConnectorError for a refusal."""

    def daemon(self) -> Mapping[str, Any] | None:
        """Return the state of the running daemon, None when none runs."""

    def stop_cycle(self) -> bool:
        """Ask the daemon to end the cycle that it runs; tell whether there is a daemon."""
