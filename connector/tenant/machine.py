"""The clock of the machine, and its name."""

from __future__ import annotations

import socket
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

_MACHINE = Path("/etc/machine-id")


def utc_now() -> datetime:
    """Return the time of the machine."""
    return datetime.now(UTC)


def host_name() -> str:
    """Return the name of the machine and, where it has an id, a hash of that: ``dc1 1f0c...``.

    Containers mostly have no id, and another name each time.
    """
    found = ""
    with suppress(OSError):
        found = _MACHINE.read_text(encoding="ascii", errors="replace").strip()
    name = socket.gethostname()
    return f"{name} {blake2b(found.encode(), digest_size=6).hexdigest()}" if found else name
