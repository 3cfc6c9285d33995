"""How far the last import got: a cookie of the directory, bound to the search that gave it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from connector.staging.state import State
from connector.storage.database import immediate

if TYPE_CHECKING:
    from connector.storage.database import Database

_NAME = "watermark"


def cookie_for(database: Database, fingerprint: str) -> bytes | None:
    """Return the cookie of the last import if it belongs to this search and is unharmed.

    slapd answers a damaged cookie with everything, in a form that reads as a delta (RFC 4533 leaves it
    that room), so the stored one carries a checksum.
    """
    stored = State(database).get(_NAME)
    if stored is None:
        return None
    watermark = json.loads(stored)
    cookie = bytes.fromhex(watermark["cookie"])
    if watermark["fingerprint"] != fingerprint or watermark["checksum"] != _checksum(cookie):
        return None
    return cookie


def keep(database: Database, fingerprint: str, cookie: bytes) -> None:
    """Store the cookie of an import, within the caller's transaction."""
    watermark = {
        "fingerprint": fingerprint,
        "cookie": cookie.hex(),
        "checksum": _checksum(cookie),
    }
    State(database).set(_NAME, json.dumps(watermark))


def forget(database: Database) -> None:
    """Make the next import read everything."""
    with immediate(database):
        State(database).set(_NAME, None)


def shown(database: Database) -> str | None:
    """Return the cookie as text, for people."""
    stored = State(database).get(_NAME)
    if stored is None:
        return None
    return bytes.fromhex(json.loads(stored)["cookie"]).decode("ascii", "backslashreplace")


def _checksum(cookie: bytes) -> str:
    return hashlib.sha256(cookie).hexdigest()[:16]
