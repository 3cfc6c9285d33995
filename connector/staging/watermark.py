"""Remember how far the last import got: a cookie of the directory, bound to the search that gave it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from connector.staging.state import State
from connector.storage.database import immediate

if TYPE_CHECKING:
    from connector.storage.database import Database

_NAME = "watermark"
_REFUSALS = "cookie-refusals"


class Watermark:
    """The cookie where the next import starts, and how often in a row the directory refused it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._state = State(database)

    def cookie_for(self, fingerprint: str) -> bytes | None:
        """Return the cookie of the last import if it belongs to this search and is unharmed.

        slapd answers a damaged cookie with everything, in a form that reads as a delta (RFC 4533
        leaves it that room), so the stored one carries a checksum.
        """
        stored = self._state.get(_NAME)
        if stored is None:
            return None
        watermark = json.loads(stored)
        cookie = bytes.fromhex(watermark["cookie"])
        if watermark["fingerprint"] != fingerprint or watermark["checksum"] != _checksum(cookie):
            return None
        return cookie

    def keep(self, fingerprint: str, cookie: bytes) -> None:
        """Store the cookie of an import, within the caller's transaction."""
        watermark = {
            "fingerprint": fingerprint,
            "cookie": cookie.hex(),
            "checksum": _checksum(cookie),
        }
        self._state.set(_NAME, json.dumps(watermark))

    def shown(self) -> str | None:
        """Return the cookie as text, for people."""
        stored = self._state.get(_NAME)
        if stored is None:
            return None
        return bytes.fromhex(json.loads(stored)["cookie"]).decode("ascii", "backslashreplace")

    def refusals(self) -> int:
        """Count the imports in a row whose cookie the directory refused."""
        return int(self._state.get(_REFUSALS) or 0)

    def note_refusals(self, number: int) -> None:
        if number != self.refusals():
            with immediate(self._database):
                self._state.set(_REFUSALS, str(number) if number else None)


def _checksum(cookie: bytes) -> str:
    return hashlib.sha256(cookie).hexdigest()[:16]
