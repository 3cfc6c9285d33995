"""Give the lab's entries a source anchor of their own, so that chance decides nothing.

Of two entries made in the same second, the one with the lower source anchor comes first. A server draws
its identities at random, and then the winner of a conflict and the digits of a placeholder differ from one
lesson to the next.
"""

from __future__ import annotations

import base64
import hashlib

from connector.values.ldif import dn_of, value_line

_ATTRIBUTE = "mS-DS-ConsistencyGuid"
_HIGHEST = 9999


def anchored(record: str, number: int) -> str:
    """Return the record with a source anchor, which sorts as ``number`` (0 to 9999) does.

    Change records, entries that cannot have one and entries that have one already stay as they are.
    """
    takes_one = "\nobjectClass: onPremRecipient\n" in record and "\nchangetype:" not in record
    if not takes_one or f"\n{_ATTRIBUTE}:" in record or number > _HIGHEST:
        return record
    return (
        record.rstrip("\n") + "\n" + value_line(_ATTRIBUTE, _anchor(dn_of(record), number)) + "\n"
    )


def _anchor(dn: str, number: int) -> bytes:
    """Return 16 bytes; their base64, by which anchors are sorted, begins with the number."""
    rest = base64.b64encode(hashlib.sha256(dn.encode()).digest()).decode()
    return base64.b64decode(f"{number:04}{rest[:17]}A==")
