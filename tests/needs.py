"""Say what the chosen tests need of the machine: ``pytest --collect-only -p tests.needs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

MARKERS = ("browser", "clients", "containers", "samba", "ds389", "prometheus")


def pytest_collection_finish(session: pytest.Session) -> None:
    print("needs:", *sorted(needs(session.items)))  # noqa: T201 - tests/run reads it


def needs(items: Iterable[pytest.Item]) -> set[str]:
    """Return the markers of the tests; "processes" where one runs with neither a browser nor containers."""
    found: set[str] = set()
    for item in items:
        marked = {marker for marker in MARKERS if item.get_closest_marker(marker)}
        found |= marked or {"processes"}
        if not marked & {"browser", "containers"}:
            found |= {"processes"}
        names = getattr(item, "fixturenames", ())
        if any(name.startswith("postgresql") for name in names) or _engine(item) == "postgresql":
            found |= {"postgresql"}
        if {"system", "browser"} & set(item.path.parts):
            found |= {"slapd"}
    return found


def _engine(item: pytest.Item) -> object:
    """Return the engine of the tenant that a test is for, where it has a parameter for that."""
    called = getattr(item, "callspec", None)
    return None if called is None else called.params.get("engine")
