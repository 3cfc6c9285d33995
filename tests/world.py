"""A directory, a connector and a tenant in one world, with the verbs of the scenarios."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from connector.assembly import open_parts
from connector.cycle import run_cycle
from connector.logs.log import Log
from connector.report.error_report import error_rows
from connector.settings import Settings
from connector.tenant.provisioning_errors import ErrorQuery
from tests.fakes import SUFFIX, MemoryDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.assembly import Parts
    from connector.run import Run

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class EventLog(Log):
    """A log that keeps its events: ``(event, fields)``."""

    def __init__(
        self, events: list[tuple[str, dict[str, Any]]] | None = None, **bound: Any
    ) -> None:
        self.events = [] if events is None else events
        self._bound = bound

    def info(self, event: str, /, **fields: Any) -> None:
        self.events.append((event, {**self._bound, **fields}))

    debug = warning = error = info

    def tell(self, level: str, event: str, /, **fields: Any) -> bool:
        self.info(event, **fields)
        return bool(level)

    def bind(self, **fields: Any) -> EventLog:
        return EventLog(self.events, **{**self._bound, **fields})

    def flush(self) -> None:
        """Keep nothing back."""

    def close(self) -> None:
        """Close nothing: the events stay for the test."""

    def place(self) -> str:
        return str(len(self.events))

    def sequence_numbers(self, first: int, *, since: str | None) -> set[int]:
        numbers = {fields.get("seq", 0) for _, fields in self.events[int(since or 0) :]}
        return {number for number in numbers if number >= first}


_servers: list[Callable[[Path], str]] = []


@contextmanager
def tenants_on_a_server(url_for: Callable[[Path], str]) -> Iterator[None]:
    """Put the tenants of all worlds of the block on a server: each file's in the database of a URL."""
    _servers.append(url_for)
    try:
        yield
    finally:
        _servers.pop()


def _lies(database: Any, path: Path) -> dict[str, Any]:
    """Return the setting of where a tenant lies that has this setting, or this path without it."""
    if _servers and isinstance(database, Path | None):
        return {"database": _servers[-1](database or path / "tenant.db")}
    return {} if database is None else {"database": database}


class World:
    """The world of a scenario; ``restart`` stops its connector and starts it again."""

    def __init__(self, path: Path, held: MemoryDirectory | None = None, /, **sections: Any) -> None:
        tenant = {**sections.get("tenant", {})}
        if "url" not in tenant:
            tenant |= _lies(tenant.pop("database", None), path)
        self.directory = held or MemoryDirectory()
        self.log = EventLog()
        self.time = MONDAY
        self.settings = Settings.model_validate(
            {
                "storage": {"path": path},
                **sections,
                "directory": {
                    "url": ["ldap://memory"],
                    "base_dn": SUFFIX,
                    **sections.get("directory", {}),
                },
                "tenant": {
                    "initial_domain": "contoso.onmicrosoft.com",
                    "verified_domains": ["contoso.com", "fabrikam.com"],
                    "random_seed": 1,
                    **tenant,
                },
            }
        )
        self._open = ExitStack()
        self.parts = self._parts()
        self.user, self.group, self.contact = (
            self.directory.user,
            self.directory.group,
            self.directory.contact,
        )

    def _parts(self) -> Parts:
        return self._open.enter_context(
            open_parts(
                self.settings, log=self.log, directory=self.directory, clock=lambda: self.time
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def stop(self) -> None:
        """End the connector; ``restart`` starts it again."""
        self._open.close()

    def restart(self) -> Self:
        """End the connector and start it on the same databases."""
        self.stop()
        self.parts = self._parts()
        return self

    def sync(self, policy: str = "delta") -> Run:
        """Run a cycle, half an hour after the one before."""
        self.time += timedelta(minutes=30)
        return run_cycle(self.parts, policy)

    def sweep(self) -> Any:
        return self.parts.tenant.sweep()

    @property
    def tenant(self) -> Any:
        return self.parts.tenant

    @property
    def cloud(self) -> dict[str, dict[str, Any]]:
        """The objects of the tenant by display name, as the Graph shows them."""
        return {item["displayName"]: item for item in self.tenant.objects()}

    def errors(self, **filters: Any) -> list[dict[str, Any]]:
        narrowing = {
            name: filters.pop(name) for name in ("kind", "sort", "limit") if name in filters
        }
        return error_rows(self.parts.space, self.tenant, ErrorQuery(**filters), **narrowing)

    def logged(self, name: str) -> list[dict[str, Any]]:
        """The events of one name, oldest first."""
        return [fields for event, fields in self.log.events if event == name]

    def quarantined(self, name: str) -> list[str]:
        """The quarantined values of one object."""
        return [error["value"] for error in self.cloud[name]["onPremisesProvisioningErrors"]]
