"""Count the changes of what Graph shows; see ``tenant/sqlite/changes``, whose tables these are."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from connector.tenant.machine import utc_now
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from connector.tenant.postgresql.session import Session


class Changes:
    """The changes of one tenant; a transaction is one change. ``now`` gives the tenant's time."""

    def __init__(self, session: Session) -> None:
        self.now: Callable[[], datetime] = utc_now
        self._session = session
        self._last = 0
        self._number: int | None = None

    def begin(self, last: int) -> None:
        """Let the transaction that begins be a change of its own, after the ``last`` one."""
        self._last, self._number = last, None

    def number(self) -> int:
        """Return the number of the change that this transaction is."""
        if self._number is None:
            self._number = self._last + 1
            sql = "INSERT INTO change (number, at, mark) VALUES (%s, %s, %s)"
            at = moments.timestamp(self.now())
            self._session.run(sql, (self._number, at, secrets.token_hex(8)))
        return self._number

    def begin_timeline(self) -> None:
        sql = "UPDATE state SET value = %s WHERE name = 'timeline'"
        self._session.run(sql, (secrets.token_hex(8),))

    def forget(self, until: str) -> None:
        [(last,)] = self._session.rows("SELECT max(number) FROM change WHERE at <= %s", (until,))
        self._session.run("DELETE FROM change WHERE number < %s", (last,))
        self._session.run("DELETE FROM gone WHERE changed <= %s", (last,))
        self._session.run("DELETE FROM unlinked WHERE changed <= %s", (last,))
