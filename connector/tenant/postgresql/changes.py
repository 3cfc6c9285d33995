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
        self._number: int | None = None

    def begin(self) -> None:
        """Let the transaction that begins be a change of its own."""
        self._number = None

    def number(self) -> int:
        """Return the number of the change that this transaction is."""
        if self._number is None:
            sql = (
                "INSERT INTO change (number, at, mark) SELECT max(number) + 1, %s, %s FROM change "
                "RETURNING number"
            )
            values = (moments.timestamp(self.now()), secrets.token_hex(8))
            [(number,)] = self._session.rows(sql, values)
            self._number = int(number)
        return self._number

    def begin_timeline(self) -> None:
        sql = "UPDATE state SET value = %s WHERE name = 'timeline'"
        self._session.run(sql, (secrets.token_hex(8),))

    def forget(self, until: str) -> None:
        [(last,)] = self._session.rows("SELECT max(number) FROM change WHERE at <= %s", (until,))
        self._session.run("DELETE FROM change WHERE number < %s", (last,))
        self._session.run("DELETE FROM gone WHERE changed <= %s", (last,))
        self._session.run("DELETE FROM unlinked WHERE changed <= %s", (last,))
