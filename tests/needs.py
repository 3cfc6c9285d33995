"""Say what the chosen tests need of the machine: ``pytest --collect-only -p tests.needs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

MARKERS = ("clients", "containers", "samba", "ds389", "prometheus")


def pytest_collection_finish(session: pytest.Session) -> None:
    print("needs:", *sorted(needs(session.items)))  # noqa: T201 - tests/run reads it


def needs(items: Iterable[pytest.Item]) -> set[str]:
    """Return the markers of the tests; "processes" where one needs no container, "slapd" likewise."""
    found: set[str] = set()
    for item in items:
        marked = {marker for marker in MARKERS if item.get_closest_marker(marker)}
        found |= marked or {"processes"}
        if "containers" not in marked:
            found |= {"processes"}
        if "system" in item.path.parts:
            found |= {"slapd"}
    return found
