"""What the handlers of the web work with: the settings, the databases to read, and a way to change things."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from connector.assembly import open_readers
from connector.operations.binding import request_for
from connector.storage.serving import limited, prepare_to_serve
from connector.web.signin.desk import Desk
from connector.web.sync.rehearsals import Rehearsals
from connector.web.sync.tenant import ServedTenant
from connector.web.throttle import Throttle
from connector.web.told import Allowance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.assembly import Readers
    from connector.errors import InvalidSettings
    from connector.logs.log import Log
    from connector.operations.binding import Answer, Request
    from connector.settings import Settings
    from connector.tenant.clients import Client
    from connector.web.exchange import Call

P = ParamSpec("P")

SECONDS_FOR_A_QUERY = 10.0


class Context:
    """The parts of the web that outlive a request; every thread may use them at the same time.

    ``carry_out`` has a request of ``connector.operations`` done, by the daemon or here, and raises the
    connector's own errors. ``clock`` is the machine's time in UTC; that of the tenant is in its readers.
    """

    def __init__(
        self,
        settings: Settings,
        log: Log,
        carry_out: Callable[[Request], Answer],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings = settings
        self.log = log
        self.clock = clock
        self._carry_out = carry_out
        self._of_this_thread = threading.local()
        self._broken = ""
        self._refusals = Allowance()
        self.signin = Desk(settings, self.tenant_id, clock)
        self.throttle = Throttle(settings.storage.path)
        self.sync = ServedTenant(settings, self.note_broken)
        self.rehearsals = Rehearsals(settings)

    @contextmanager
    def reading(self, *, seconds: float = SECONDS_FOR_A_QUERY) -> Iterator[Readers]:
        """Lend the databases to read, as ``open_readers`` opens them; each thread has its own.

        They stay open from one request to the next. Databases that were replaced are opened anew. Raises
        StorageUnusable when they cannot be read, QueryTooLong when the queries take longer than ``seconds``.
        """
        readers = self._readers()
        with limited(readers.space.database, seconds), readers.tenant.limited(seconds):
            yield readers

    def perform(
        self,
        operation: Callable[Concatenate[Any, P], Answer],
        *args: P.args,
        **arguments: P.kwargs,
    ) -> Answer:
        """Have an operation done by the daemon, or do it here when none runs; return the answer.

        Raises the connector's own errors: TenantRefused, UnknownObject, InstanceLocked while another
        command is at work, DaemonUnavailable.
        """
        return self._carry_out(request_for(operation, *args, **arguments))

    def check(self) -> None:
        """Raise InvalidSettings when a file of tokens or of the password cannot be used."""
        self.signin.static_tokens.check()
        self.signin.sessions.check()

    def tenant_id(self) -> str:
        """Return the tenant's id, a UUID that never changes."""
        with self.reading() as readers:
            return readers.tenant.id()

    # --- what is told in the log ---------------------------------------------------------------

    def note_request(self, call: Call, status: int, seconds: float) -> None:
        """Log a request, for those who look for a fault: without its query, which may hold values."""
        self.log.tell(
            "debug",
            "web.request",
            method=call.method,
            path=call.path,
            status=status,
            seconds=round(seconds, 4),
            client=call.client,
            request_id=call.request_id,
        )

    def note_sign_in(self, call: Call, who: str, *, app: str | None = None) -> None:
        """Log that an application got a token, or a person a session."""
        self.log.tell("info", "web.signed_in", who=who, client=call.client, **_named(app))

    def note_refusal(self, call: Call, reason: str, *, app: str | None = None) -> None:
        """Log that a request was refused; ``app`` is the client id of a known application.

        Of a flood a hundred are told in a minute, the next one with how many were not.
        """
        untold = self._refusals.take()
        if untold is not None:
            more: dict[str, Any] = {"untold": untold} if untold else {}
            self.log.tell(
                "info", "web.refused", reason=reason, client=call.client, **_named(app), **more
            )

    def note_change(self, call: Call, what: str, target: str) -> None:
        """Log that somebody changed something; ``target`` is an id or a name."""
        caller = call.caller
        self.log.tell(
            "info",
            "web.changed",
            who="unknown" if caller is None else caller.name,
            what=what,
            object=target,
            client=call.client,
            **_named(None if caller is None else caller.app),
        )

    def note_client(self, call: Call, client: Client) -> None:
        """Log that a sync client came by an application."""
        self.log.tell(
            "info",
            "web.client_entered",
            sync_client=client.id,
            host=client.host,
            path=client.place,
            client=call.client,
            **_named(client.app),
        )

    def note_broken(self, error: InvalidSettings) -> None:
        """Log, once for each mistake, that a file of the settings cannot be used."""
        text = str(error)
        if text != self._broken:
            self._broken = text
            self.log.tell("error", "web.unusable", message=text)

    # --- the databases of this thread ----------------------------------------------------------

    def close(self) -> None:
        """Close the databases of this thread."""
        opened: ExitStack | None = getattr(self._of_this_thread, "opened", None)
        if opened is not None:
            self._of_this_thread.opened = None
            opened.close()

    def _readers(self) -> Readers:
        """Return the databases that this thread has open; open them first, or where others lie there now."""
        mine = self._of_this_thread
        there = self._there()
        if getattr(mine, "opened", None) is None or mine.there != there:
            self.close()
            opened = ExitStack()
            mine.readers = opened.enter_context(open_readers(self.settings))
            mine.there, mine.opened = there, opened
            prepare_to_serve(mine.readers.space.database)
            mine.readers.tenant.prepare_to_serve()
        readers: Readers = mine.readers
        return readers

    def _there(self) -> tuple[tuple[int, int] | None, ...]:
        """Identify the files of the databases; None for one that is not there."""
        found: list[tuple[int, int] | None] = []
        for file in self.settings.databases.values():
            try:
                status = file.stat()
            except OSError:
                found.append(None)
            else:
                found.append((status.st_dev, status.st_ino) if status.st_size else None)
        return tuple(found)


def _named(app: str | None) -> dict[str, str]:
    return {} if app is None else {"app": app}
