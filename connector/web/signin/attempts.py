"""Count failed attempts by address, and let an address wait that had too many."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 10
"""Failures within a minute, after which an address waits."""

_SECONDS = 60.0
_ADDRESSES = 10_000
_PREFIX = 64


class Attempts:
    """The failures of the last minute; any thread may tell and ask.

    ``monotonic`` returns seconds. What fails for one address is forgotten when ten thousand others failed
    since.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, client: str) -> int | None:
        """Return the seconds that an address has to wait, None where it need not."""
        with self._lock:
            failures = self._recent(_key(client))
            if failures is None or len(failures) < MOST:
                return None
            return max(1, math.ceil(failures[0] + _SECONDS - self._monotonic()))

    def fail(self, client: str) -> None:
        """Note that an attempt of an address failed."""
        key = _key(client)
        with self._lock:
            failures = self._recent(key)
            if failures is None:
                failures = self._failures[key] = deque(maxlen=MOST)
            failures.append(self._monotonic())
            self._failures.move_to_end(key)
            while len(self._failures) > _ADDRESSES:
                self._failures.popitem(last=False)

    def _recent(self, key: str) -> deque[float] | None:
        failures = self._failures.get(key)
        if failures is None:
            return None
        oldest = self._monotonic() - _SECONDS
        while failures and failures[0] <= oldest:
            failures.popleft()
        if not failures:
            del self._failures[key]
            return None
        return failures


def _key(client: str) -> str:
    """Return what counts as one address: of IPv6 the network, which one client has whole."""
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, _PREFIX), strict=False))
    return str(address)
