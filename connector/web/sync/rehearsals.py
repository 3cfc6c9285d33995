"""Keep the tenant of a rehearsal between the calls of its sync client: in a transaction that is undone.

One client rehearses at a time. What it does is seen by nobody else; nobody waits for it for long, because it
gives way to who writes, also while nothing is asked of it. A client that went away is not waited for either.
"""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import ConnectorError, TenantMoved
from connector.storage.rehearsed import open_rehearsed
from connector.tenant.opening import place_of, rehearsed_store_at
from connector.tenant.service import tenant_in, tenant_on
from connector.web.sync import refusals
from connector.web.sync.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.settings import Settings
    from connector.storage.rehearsed import Rehearsed
    from connector.tenant.opening import Place, Rehearsing
    from connector.tenant.service import TenantService

SECONDS_ALONE = 3600.0
"""After so long without a call a rehearsal is undone: its client reads a directory in between."""

_SECONDS_TO_MAKE_ROOM = 300.0
_SECONDS_TO_CLOSE = 5.0
_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_TO_WAIT = 30.0


class Rehearsals:
    """The rehearsal that is under way; any thread may ask for it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._current: _Rehearsal | None = None

    def begin(self, app: str) -> str:
        """Begin a rehearsal for an application, and return its id; it ends the one that the application has.

        Raises Refused, StorageUnusable.
        """
        with self._turn():
            if self._current is not None:
                if self._current.app != app and self._current.alone() < _SECONDS_TO_MAKE_ROOM:
                    raise refusals.REHEARSING
                self._end()
            current = self._current = _Rehearsal(app, place_of(self._settings), self._settings)
        threading.Thread(target=self._watch, args=(current,), name="rehearsal", daemon=True).start()
        return current.id

    @contextmanager
    def at_work(self, identity: str, app: str) -> Iterator[TenantService]:
        """Lend the tenant of a rehearsal; raises Refused where it is over."""
        with self._turn():
            current = self._current
            if current is None or (current.id, current.app) != (identity, app):
                raise refusals.REHEARSAL_OVER
            try:
                yield current.tenant
            except Refused:
                raise
            except Exception as error:
                gave_way = current.gave_way()
                self._end()
                if gave_way:
                    raise refusals.REHEARSAL_OVER from error
                raise
            current.asked_at = time.monotonic()

    def end(self, identity: str, app: str) -> None:
        """End a rehearsal, if it is still under way."""
        with self._turn():
            if self._current is not None and (self._current.id, self._current.app) == (
                identity,
                app,
            ):
                self._end()

    def close(self) -> None:
        """End what is under way; the process ends what a call is still at work on."""
        if self._lock.acquire(timeout=_SECONDS_TO_CLOSE):
            try:
                self._end()
            finally:
                self._lock.release()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=_SECONDS_TO_WAIT):
            raise refusals.BUSY
        try:
            yield
        finally:
            self._lock.release()

    def _end(self) -> None:
        if self._current is not None:
            current, self._current = self._current, None
            current.close()

    def _watch(self, current: _Rehearsal) -> None:
        """End a rehearsal that has to give way, or that its client left alone."""
        while not current.over.wait(_SECONDS_BETWEEN_LOOKS):
            if not self._lock.acquire(blocking=False):
                continue  # a call is at work on it, which looks for itself
            try:
                if self._current is current and current.has_to_end():
                    self._end()
            finally:
                self._lock.release()


class _Rehearsal:
    """A tenant of which nothing is kept, for one client; ``over`` is set when it is undone."""

    def __init__(self, app: str, place: Place, settings: Settings) -> None:
        self.id = secrets.token_hex(16)
        self.app = app
        self.asked_at = time.monotonic()
        self.over = threading.Event()
        with ExitStack() as stack:
            self.tenant, self._way = _opened(stack, place, settings)
            self._undo = stack.pop_all()

    def alone(self) -> float:
        """Return for how many seconds nothing was asked."""
        return time.monotonic() - self.asked_at

    def has_to_end(self) -> bool:
        try:
            return self.alone() > SECONDS_ALONE or self._way.gives_way()
        except ConnectorError:  # the server went away, and has undone it
            return True

    def gave_way(self) -> bool:
        return self._way.gave_way

    def close(self) -> None:
        self.over.set()
        self._undo.close()


def _opened(
    stack: ExitStack, place: Place, settings: Settings
) -> tuple[TenantService, Rehearsed | Rehearsing]:
    """Open the tenant to undo all that is done; raises Refused, StorageUnusable."""
    try:
        if isinstance(place, Path):
            database = open_rehearsed(place, "tenant")
            if database is None:
                raise refusals.NO_REHEARSAL
            stack.callback(database.close)
            return tenant_on(database, settings.tenant), database
        opened = rehearsed_store_at(place, lambda: False)
        if opened is None:
            raise refusals.NO_REHEARSAL
        store, session = opened
        stack.callback(store.close)
        return tenant_in(store, settings.tenant), session
    except TenantMoved:
        raise refusals.MOVED from None
