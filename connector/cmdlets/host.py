"""What a cmdlet needs from the program that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from connector.assembly import Parts, Readers
    from connector.operations.binding import Answer
    from connector.settings import Settings

P = ParamSpec("P")


class Host(Protocol):
    """Reads the databases, carries out changes, and asks the daemon for its state."""

    @property
    def settings(self) -> Settings: ...

    def reading(self) -> AbstractContextManager[Readers]:
        """Open the databases to read them."""

    def perform(
        self,
        operation: Callable[Concatenate[Parts, P], Answer],
        *args: P.args,
        **arguments: P.kwargs,
    ) -> Answer:
        """Do an operation, or have the daemon do it; raises ConnectorError for a refusal."""

    def daemon(self) -> Answer | None:
        """Return the state of the running daemon, None when none runs."""

    def stop_cycle(self) -> bool:
        """Ask the daemon to end the cycle that it runs; tell whether there is a daemon."""
