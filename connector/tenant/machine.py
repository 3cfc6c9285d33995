"""The clock of the machine."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time of the machine."""
    return datetime.now(UTC)
