"""Put the parts together: settings in, what a run needs out."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING
from uuid import uuid4

from connector.entry import begin_work, enter_tenant
from connector.errors import InstanceLocked, InvalidSettings, StorageUnusable
from connector.ports import SILENT
from connector.settings import directory_password
from connector.settings.models import SPACE_FILE, TENANT_FILE
from connector.settings.overrides import safety_in_force, schedule_in_force
from connector.staging.space import ConnectorSpace
from connector.storage.database import is_current, is_there
from connector.storage.instance import is_locked, lock_storage, share_tenant
from connector.storage.snapshots import finish_rewind, is_rewinding
from connector.tenant.machine import utc_now
from connector.tenant.opening import any_store_at, has_tenant, is_up_to_date, place_of
from connector.tenant.remote.opening import open_remote
from connector.tenant.service import empty_tenant, open_tenant
from connector.values import moments
from connector.values.addresses import fold
from connector.values.reads import AUTO, NOTHING_MORE, reads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from connector.logs.log import Log
    from connector.ports import Directory, Progress
    from connector.rules.chain import Chain
    from connector.rules.rule import Rule
    from connector.rules.ruleset import Rules
    from connector.settings import (
        SafetySettings,
        ScheduleSettings,
        Settings,
    )
    from connector.storage.instance import TenantLock
    from connector.tenant.opening import Place
    from connector.tenant.process import TenantAtWork
    from connector.tenant.service import TenantService
    from connector.values.reads import Reads

_SCHEMAS = {SPACE_FILE: "staging", TENANT_FILE: "tenant"}
DATABASES = tuple(_SCHEMAS)
"""The names of the two databases; the settings say where their files are."""
_ANCHOR = "source_anchor"
_SECONDS_TO_UPGRADE = 3.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run works with.

    ``shared`` is the share in the tenant, which other connectors may use too; None in a rehearsal, and on a server. ``open_directory`` returns the connected directory, opened at the first call; it raises
    InvalidSettings while the password cannot be read. ``stop`` is asked between pieces of work; True
    ends the run early. ``at_work`` is the tenant of the run that takes many objects.
    """

    settings: Settings
    space: ConnectorSpace
    tenant: TenantService
    open_directory: Callable[[], Directory]
    log: Log
    progress: Progress
    clock: Callable[[], datetime]
    stop: Callable[[], bool]
    shared: TenantLock | None = None
    at_work: TenantAtWork | None = None

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

    def alone(self, what: str) -> AbstractContextManager[None]:
        """Keep other connectors from the tenant for a block; raises InstanceLocked, which names ``what``."""
        if self.shared is not None:
            return self.shared.alone(what)
        return nullcontext() if self.tenant.is_elsewhere else self.tenant.others.alone(what)

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
    from connector.rules.ruleset import Rules  # noqa: PLC0415 - status needs no rules

    return Rules(
        settings.directory,
        pilots,
        domains=list(domains),
        chain=chain_in_force(settings),
        recalled=tenant.remembered,
        reads=reads_in_force(settings),
    )


def reads_in_force(settings: Settings) -> Reads:
    """Return what has to be read for rules, scope and source anchor beyond what the default rules read."""
    names = list(chain_in_force(settings).reads) if settings.rules else []
    anchor = settings.sync.source_anchor
    if not names and not settings.directory.scope and anchor == AUTO:
        return NOTHING_MORE
    from connector.values import filters  # noqa: PLC0415 - most settings have none

    for text in settings.directory.scope:
        names += (clause.attribute for clause in filters.parse(text))
    return reads((name for name in names if name not in filters.DNS), anchor)


def chain_in_force(settings: Settings) -> Chain:
    """Compile the rules of the settings; those of settings that were loaded have no mistakes."""
    from connector.rules.chain import NO_RULES  # noqa: PLC0415 - status needs no rules

    disabled = settings.sync.disabled_rules
    if not settings.rules and not disabled:
        return NO_RULES
    return _compiled(
        tuple(one.rule() for one in settings.rules), disabled, settings.directory.base_dn
    )


def refuse_other_anchor(settings: Settings, space: ConnectorSpace) -> None:
    """Refuse to read with another source anchor than objects were exported with. Raises InvalidSettings.

    The attribute is noted as long as nothing was exported.
    """
    wanted = settings.sync.source_anchor
    used = space.state.get(_ANCHOR) or AUTO
    if wanted.lower() == used.lower():
        return
    if space.lookup.has_exported():
        problem = (
            f"sync.source_anchor: is {wanted}, but objects were exported with {used}, and the source "
            f"anchor of an object never changes: set it to {used} again"
        )
        raise InvalidSettings([problem])
    space.note(_ANCHOR, wanted)


@lru_cache(maxsize=2)
def _compiled(rules: tuple[Rule, ...], disabled: tuple[str, ...], base_dn: str) -> Chain:
    from connector.rules.compilation import compile_rules  # noqa: PLC0415 - slow to import
    from connector.rules.language.evaluation import Surroundings  # noqa: PLC0415

    known = Surroundings(
        clock=lambda: datetime.now(UTC), draw=SystemRandom().randint, guid=lambda: str(uuid4())
    )
    return compile_rules(rules, disabled=disabled, base_dn=base_dn, surroundings=known).chain


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
    resume: bool = True,
    patient: bool = True,
    moved: bool = False,
    told: bool = False,
) -> Iterator[Parts]:
    """Open the databases of the settings and lock the storage path for that time.

    The directory is not opened before it is read. With ``resume`` a rewind that was interrupted is
    finished first; unless ``patient``, a server of another site that is away is not waited for. ``moved`` and ``told`` are the word of an operator: the storage was moved here from
    another host; the settings of the file are those of the tenant, whatever others say. Raises
    InstanceLocked when another instance works on the storage path, StorageUnusable when a database cannot be
    used or the storage is a copy, InvalidSettings where other connectors of the tenant say otherwise.
    """
    path = settings.storage.path
    with ExitStack() as stack:
        if lock:
            stack.enter_context(lock_storage(path))
        shared, place = None, None if settings.tenant.url else place_of(settings)
        if isinstance(place, Path):
            shared = stack.enter_context(share_tenant(place))
        space = ConnectorSpace.open(path, stop=stop)
        stack.callback(space.close)
        enter = partial(enter_tenant, settings=settings, space=space, moved=moved, told=told)
        if place is None:
            tenant = open_remote(
                settings.tenant, clock=clock, stop=stop, enter=enter, patient=patient
            )
        else:
            with _upgrading(shared, place):
                begin = partial(begin_work, enter=enter, log=log)
                tenant = open_tenant(place, settings.tenant, clock=clock, stop=stop, enter=begin)
        stack.callback(tenant.close)
        if resume and is_rewinding(path):
            with nullcontext() if shared is None else shared.alone("a rewind that was interrupted"):
                finish_rewind(path, space=space, tenant=tenant)
            enter(tenant)
        yield put_together(
            stack,
            settings,
            space,
            tenant,
            log=log,
            directory=directory,
            progress=progress,
            clock=clock,
            stop=stop,
            shared=shared,
        )


def put_together(  # noqa: PLR0913 - one a part
    stack: ExitStack,
    settings: Settings,
    space: ConnectorSpace,
    tenant: TenantService,
    *,
    log: Log,
    directory: Directory | None = None,
    progress: Progress = SILENT,
    clock: Callable[[], datetime] = utc_now,
    stop: Callable[[], bool] = lambda: False,
    shared: TenantLock | None = None,
) -> Parts:
    """Return the parts of these two stores; the directory is closed with the stack."""

    # Most of what an administrator asks for needs no directory, nor the password for one.
    @cache
    def opened() -> Directory:
        found = _directory(settings, stop) if directory is None else directory
        stack.callback(found.close)
        return found

    def open_directory() -> Directory:
        refuse_other_anchor(settings, space)
        if directory is None:
            directory_password(settings)  # that it cannot be read is known before a run begins
        return opened()

    return Parts(settings, space, tenant, open_directory, log, progress, clock, stop, shared)


def _upgrade_tenant(place: Place) -> None:
    with ExitStack() as stack:
        shared = stack.enter_context(share_tenant(place)) if isinstance(place, Path) else None
        with _upgrading(shared, place):
            any_store_at(place).close()


@contextmanager
def _upgrading(shared: TenantLock | None, place: Place) -> Iterator[None]:
    """Keep other connectors away while the tenant is brought up to date, if it must be.

    A server sees to that itself.
    """
    with ExitStack() as stack:
        if shared is not None and has_tenant(place) and not is_up_to_date(place):
            stack.enter_context(shared.alone("an upgrade"))
        yield


def _directory(settings: Settings, stop: Callable[[], bool]) -> Directory:
    from connector.directory import open_directory  # noqa: PLC0415 - ldap3 is slow to import

    read_password = partial(directory_password, settings)
    return open_directory(
        settings.directory, password=read_password, stop=stop, reads=reads_in_force(settings)
    )


@dataclass(frozen=True, slots=True)
class Readers:
    """The two databases, for commands that only look.

    ``missing`` names the files that are not there; what they would hold is empty then.
    """

    space: ConnectorSpace
    tenant: TenantService
    missing: tuple[str, ...] = ()


@contextmanager
def open_readers(settings: Settings) -> Iterator[Readers]:
    """Open the databases for reading; they may be in use.

    Nothing is made: a database that is not there reads as an empty one, and ``missing`` names it. Those of
    an older version are brought up to date. Raises StorageUnusable when that version is still at work on
    them, or when they cannot be read.
    """
    path = settings.storage.path
    place = None if settings.tenant.url else place_of(settings)
    there = [SPACE_FILE] if is_there(path / SPACE_FILE) else []
    there += [TENANT_FILE] if place is not None and has_tenant(place) else []
    _bring_up_to_date(path, place, there)
    with ExitStack() as stack:
        if SPACE_FILE in there:
            space = ConnectorSpace.read(path, is_at_work=partial(is_locked, path))
        else:
            space = ConnectorSpace.empty()
        stack.callback(space.close)
        if place is None:
            there.append(TENANT_FILE)
            tenant = open_remote(settings.tenant, read_only=True)
        elif TENANT_FILE in there:
            tenant = open_tenant(place, settings.tenant, read_only=True)
            tenant.client = tenant.clients.number(space.client())
        else:
            tenant = empty_tenant(settings.tenant)
        stack.callback(tenant.close)
        yield Readers(space, tenant, tuple(name for name in _SCHEMAS if name not in there))


def _bring_up_to_date(path: Path, place: Place | None, names: list[str]) -> None:
    """Migrate databases that an older version left; one that starts on them now is waited for."""
    deadline = time.monotonic() + _SECONDS_TO_UPGRADE
    while not (
        (SPACE_FILE not in names or is_current(path / SPACE_FILE, _SCHEMAS[SPACE_FILE]))
        and (place is None or TENANT_FILE not in names or is_up_to_date(place))
    ):
        try:
            with lock_storage(path):
                if SPACE_FILE in names:
                    ConnectorSpace.open(path).close()
                if place is not None and TENANT_FILE in names:
                    _upgrade_tenant(place)
        except InstanceLocked as error:
            if time.monotonic() > deadline:
                raise StorageUnusable(
                    f"{path} has the databases of an older version, which is still at work on "
                    "them. Restart the daemon: it brings them up to date."
                ) from error
            time.sleep(0.1)
