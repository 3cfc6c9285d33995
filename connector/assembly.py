"""Put the parts together: settings in, what a run needs out."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from connector.errors import InstanceLocked, StorageUnusable
from connector.ports import SILENT
from connector.rules.ruleset import Rules
from connector.settings import directory_password
from connector.settings.overrides import safety_in_force, schedule_in_force
from connector.staging.space import ConnectorSpace
from connector.storage.database import is_current
from connector.storage.instance import lock_storage
from connector.storage.snapshots import finish_rewind
from connector.tenant.service import open_tenant
from connector.values import moments
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from connector.logs.log import Log
    from connector.ports import Directory, Progress
    from connector.settings import (
        SafetySettings,
        ScheduleSettings,
        Settings,
    )
    from connector.tenant.service import TenantService

TENANT_FILE = "tenant.db"


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run works with.

    ``open_directory`` returns the connected directory, opened at the first call. ``stop`` is asked
    between pieces of work; True ends the run early.
    """

    settings: Settings
    space: ConnectorSpace
    tenant: TenantService
    open_directory: Callable[[], Directory]
    log: Log
    progress: Progress
    clock: Callable[[], datetime]
    stop: Callable[[], bool]

    def now(self) -> str:
        """Return the time as ISO 8601 in UTC, to the microsecond: it sorts as text."""
        return moments.timestamp(self.clock())

    def read_rules(self) -> Rules:
        """Return the rules as they are now: a pilot group of the settings has its present members."""
        return rules_in_force(self.settings, self.space, self.tenant)

    def read_schedule(self) -> ScheduleSettings:
        """Return the schedule in force: that of the file, and what cmdlets set."""
        return schedule_in_force(self.settings.schedule, self.space.state)

    def read_safety(self) -> SafetySettings:
        """Return the guards in force: those of the file, and what cmdlets set."""
        return safety_in_force(self.settings.safety, self.space.state)

    def history_since(self) -> str:
        return moments.timestamp(self.clock() - self.read_schedule().history)

    def bound(self, **fields: object) -> Parts:
        """Return the same parts with a log that adds these keys to every event."""
        return replace(self, log=self.log.bind(**fields))


def rules_in_force(settings: Settings, space: ConnectorSpace, tenant: TenantService) -> Rules:
    """Make the rules of the settings, with the pilot group's members as they are staged.

    The verified domains come in the order of the settings; then those that an administrator added, by
    name; then the initial one.
    """
    pilot = settings.directory.pilot_group
    pilots = None if pilot is None else space.lookup.members_of(pilot)
    order = [fold(name) for name in settings.tenant.verified_domains]
    verified = {domain.name: domain.initial for domain in tenant.administrator.domains()}
    named = [name for name in order if name in verified]
    domains = dict.fromkeys([*named, *sorted(verified, key=lambda name: verified[name])])
    return Rules(settings.directory, pilots, domains=list(domains))


@contextmanager
def open_parts(  # noqa: PLR0913 - one keyword a part that a caller may replace
    settings: Settings,
    *,
    log: Log,
    directory: Directory | None = None,
    progress: Progress = SILENT,
    clock: Callable[[], datetime] = utc_now,
    stop: Callable[[], bool] = lambda: False,
    lock: bool = True,
) -> Iterator[Parts]:
    """Open the databases of the settings; the storage path is locked meanwhile.

    The directory is not opened before it is read. Raises InstanceLocked when another instance works
    on the storage path, StorageUnusable when a database cannot be used.
    """
    path = settings.storage.path
    with ExitStack() as stack:
        if lock:
            stack.enter_context(lock_storage(path))
        space = ConnectorSpace.open(path)
        stack.callback(space.close)
        tenant = open_tenant(path / TENANT_FILE, settings.tenant, clock=clock)
        stack.callback(tenant.close)
        finish_rewind(path, space=space, tenant=tenant)

        # Most of what an administrator asks for needs no directory, nor the password for one.
        @cache
        def opened() -> Directory:
            found = _directory(settings, stop) if directory is None else directory
            stack.callback(found.close)
            return found

        yield Parts(settings, space, tenant, opened, log, progress, clock, stop)


def _directory(settings: Settings, stop: Callable[[], bool]) -> Directory:
    from connector.directory import open_directory  # noqa: PLC0415 - ldap3 is slow to import

    password = directory_password(settings)
    return open_directory(settings.directory, password=password, stop=stop)


@dataclass(frozen=True, slots=True)
class Readers:
    """The two databases, for commands that only look."""

    space: ConnectorSpace
    tenant: TenantService


@contextmanager
def open_readers(settings: Settings) -> Iterator[Readers]:
    """Open the databases for reading; they may be in use.

    Where there are none yet they are made, and those of an older version are brought up to date. Raises
    StorageUnusable when that version is still at work on them.
    """
    path = settings.storage.path
    _make(path, settings)
    with ExitStack() as stack:
        space = ConnectorSpace.open(path, read_only=True)
        stack.callback(space.close)
        tenant = open_tenant(path / TENANT_FILE, settings.tenant, read_only=True)
        stack.callback(tenant.close)
        yield Readers(space, tenant)


def _make(path: Path, settings: Settings) -> None:
    from connector.staging.space import FILE  # noqa: PLC0415

    if is_current(path / FILE, "staging") and is_current(path / TENANT_FILE, "tenant"):
        return
    are_old = (path / FILE).exists() and (path / TENANT_FILE).exists()
    try:
        with lock_storage(path) if are_old else nullcontext():
            ConnectorSpace.open(path).close()
            open_tenant(path / TENANT_FILE, settings.tenant).close()
    except InstanceLocked as error:
        raise StorageUnusable(
            f"{path} has the databases of an older version, which is still at work on them. "
            "Restart the daemon: it brings them up to date."
        ) from error
