"""Distrust a cookie of OpenLDAP whose change mark lies in the future.

slapd tells of a change when its mark, the CSN, is newer than that of the cookie, and it makes the mark
of a change from its clock. So while the newest mark lies ahead of the clock every delta is an empty
success: what changed before that time is never told. Such a mark is loaded from an LDIF file, or was
made while a clock was wrong. A cookie that was taken so carries a note, because it stays wrong when
its time has come: what changed until then has older marks.

Pure: the clock comes in as an argument. Marks are compared as text, as slapd does.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connector.values.moments import to_second

if TYPE_CHECKING:
    from collections.abc import Callable

TOLERANCE = timedelta(minutes=5)
"""How far two clocks may differ: what Kerberos allows, too."""

_MARK = re.compile(rb"(\d{14})[.0-9]*Z?#[0-9a-fA-F]+#([0-9a-fA-F]+)#[0-9a-fA-F]+")
_NOTE = b",ahead"
_FORMAT = "%Y%m%d%H%M%S"


class Marks:
    """Judges the cookies of one server, taken and sent; ``clock`` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._doubted = b""

    def doubt(self, cookie: bytes | None) -> str | None:
        """Say why a delta from this cookie would keep changes back, None when it would not."""
        mark = _newest(cookie or b"")
        if mark is None:
            return None
        reason = ahead([mark], self.clock())
        if reason is None and self.is_noted(cookie):
            shown = mark.decode()
            reason = f"the change mark {shown} of the last import lay in the future at that time"
        if reason is not None:
            self._doubted = mark
        return reason

    def is_noted(self, cookie: bytes | None) -> bool:
        """Tell whether the mark was ahead of its time when this cookie was taken."""
        return cookie is not None and cookie.endswith(_NOTE)

    def noted(self, cookie: bytes | None, began: float) -> bytes | None:
        """Return a cookie as it is to be kept, with the note where its mark is ahead of its time.

        ``began`` is when the read began that ended with it. A mark that was doubted is trusted again
        when a read began safely after it: the server makes no older one from then on.
        """
        mark = _newest(cookie or b"")
        if cookie is None or mark is None:
            return cookie
        margin = 2 * TOLERANCE.total_seconds() if mark == self._doubted else 0
        return cookie + _NOTE if ahead([mark], began - margin) else cookie


def ahead(marks: list[bytes], now: float) -> str | None:
    """Say which of these marks lies furthest in the future, by how much and until when."""
    mark = max(marks, default=b"")
    if mark[:14] <= _text(now + TOLERANCE.total_seconds()):
        return None
    found = _MARK.match(mark)
    server = f" of server {found[2].decode()}" if found else ""
    return (
        f"the change mark {mark.decode('ascii', 'backslashreplace')}{server} lies "
        f"{_distance(mark, now)} the clock of this machine"
    )


def first_ahead(now: float) -> str:
    """Return the least mark that lies in the future, for a filter."""
    return f"{_text(now + TOLERANCE.total_seconds()).decode()}.000000Z#000000#000#000000"


def _distance(mark: bytes, now: float) -> str:
    try:
        until = datetime.strptime(mark[:14].decode(), _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return "for ever ahead of"
    seconds = int(until.timestamp() - now)
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} (until {to_second(until)}) ahead of"
    return f"{seconds} seconds (until {to_second(until)}) ahead of"


def _newest(cookie: bytes) -> bytes | None:
    """Return the newest mark of a cookie: one for each server that writes."""
    return max((found[0] for found in _MARK.finditer(cookie)), default=None)


def _text(now: float) -> bytes:
    return datetime.fromtimestamp(now, UTC).strftime(_FORMAT).encode()
