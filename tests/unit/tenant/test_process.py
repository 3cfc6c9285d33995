"""A process of its own applies batches as the tenant would: the same results, the same tenant."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import ProcessLost, StorageUnusable
from connector.settings import TenantSettings
from connector.tenant.process import WORTHWHILE, TenantAtWork, TenantProcess
from connector.tenant.service import TenantService, open_tenant
from tests.unit.tenant.verbs import contact, delete, group, members, sqlite_store, user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.model import SyncObject
    from connector.ports import Tenant
    from tests.unit.tenant.verbs import World

BATCHES: list[list[SyncObject]] = [
    [user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"), user("eve", "not a name")],
    [group("staff", "SMTP:staff@contoso.com"), contact("zoë", "SMTP:staff@contoso.com")],
    [members(group("staff"), add=("ann", "bob")), delete(user("ann"))],
    [members(group("nobody"), add=("bob",)), user("bob", "joe@contoso.com", givenName="Bøb")],
]


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[TenantService]:
    """A tenant that another process can open: a file, and the time of the machine."""
    settings: dict[str, Any] = {
        "initial_domain": "contoso.onmicrosoft.com",
        "verified_domains": ("contoso.com",),
        "random_seed": 1,
    }
    with_file = open_tenant(tmp_path / "tenant.db", TenantSettings(**settings))
    yield with_file
    with_file.close()


@pytest.fixture
def process(tenant: TenantService) -> Iterator[TenantProcess]:
    started = TenantProcess(tenant)
    started.expect(0)
    yield started
    started.close()


def test_its_results_are_those_of_the_tenant(process: TenantProcess, world: World) -> None:
    for number, batch in enumerate(BATCHES):
        name = f"batch {number}"

        assert process.export(name, batch) == world.tenant.export(name, batch)


def test_what_it_wrote_is_there_for_all(tenant: TenantService, process: TenantProcess) -> None:
    first = process.export("one", BATCHES[0])

    assert {shown["displayName"] for shown in tenant.objects()} == {"Ann", "Bob", "Eve"}
    assert process.results("one") == tenant.results("one") == first
    assert process.position() == tenant.position()


def test_batch_that_is_sent_again_changes_nothing_and_answers_the_same(
    tenant: TenantService, process: TenantProcess
) -> None:
    first = process.export("one", BATCHES[0])
    state = list(tenant.objects())

    assert process.export("one", BATCHES[0]) == first
    assert list(tenant.objects()) == state


def test_process_that_was_killed_is_named_and_its_batch_can_be_asked_for(
    tenant: TenantService, process: TenantProcess
) -> None:
    first = process.export("one", BATCHES[0])
    process._process.kill()

    with pytest.raises(ProcessLost, match="was ended by signal 9"):
        process.export("two", BATCHES[1])

    assert process.results("one") == first
    assert process.results("two") is None
    assert tenant.export("two", BATCHES[1])


def test_signals_that_all_processes_get_do_not_end_it(process: TenantProcess) -> None:
    process.export("one", BATCHES[0])

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(process._process.pid, number)

    assert process.export("two", BATCHES[1])


def test_it_ends_when_nobody_needs_it_any_more(process: TenantProcess) -> None:
    process.export("one", BATCHES[0])

    process.close()

    assert process._process.poll() == 0


def test_a_database_that_it_cannot_use_is_told_as_the_tenant_tells_it(
    tenant: TenantService,
) -> None:
    assert tenant.place is not None
    sqlite_store(tenant).connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with tenant.place.open("r+b") as file:
        file.write(b"not a database, but a text" * 4)
    process = TenantProcess(tenant)
    process.expect(0)
    try:
        with pytest.raises(StorageUnusable, match=r"tenant\.db.*not a database") as caught:
            process.export("one", BATCHES[0])
    finally:
        process.close()

    assert caught.value.reason == "damaged"


def test_a_fault_of_the_program_comes_with_its_place(process: TenantProcess) -> None:
    impossible = user("ann")._replace(properties={"mailNickname": "ann", "proxyAddresses": 1})

    for batch in ("one", "two"):
        with pytest.raises(RuntimeError, match=r"did not expect:\n(.*\n)*TypeError"):
            process.export(batch, [impossible])
        assert process.export(f"after {batch}", BATCHES[0])


def test_it_loads_no_model_of_the_settings(process: TenantProcess) -> None:
    """That takes 20 MB, and a tenth of a second before the first batch."""
    process.export("one", BATCHES[0])

    [mapped] = [Path(f"/proc/{child}/maps").read_text() for child in _served_soon()]
    assert "_sqlite3" in mapped
    assert "pydantic_core" not in mapped


def _kind(tenant: Tenant) -> str:
    return type(tenant).__name__


def test_thousands_of_objects_are_worth_a_process(tenant: TenantService) -> None:
    kinds = []
    for waiting in (1, WORTHWHILE - 1, WORTHWHILE):
        with TenantAtWork(tenant).taking(waiting) as at_work:
            kinds.append(_kind(at_work))

    assert kinds == ["TenantService", "TenantService", "TenantProcess"]


def test_a_tenant_by_another_clock_stays_in_this_process(make_world: Callable[..., World]) -> None:
    """The other process would have the time of the machine."""
    with TenantAtWork(make_world().tenant).taking(WORTHWHILE) as at_work:
        assert _kind(at_work) == "TenantService"


def _served() -> list[str]:
    """The processes of a tenant that this one has."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [
        child
        for child in children
        if "connector.tenant.served" in Path(f"/proc/{child}/cmdline").read_text()
    ]


def _served_soon() -> list[str]:
    """Wait for the one that was started: the list of children may lack one for a moment."""
    deadline = time.monotonic() + 60.0
    while not (found := _served()):
        assert time.monotonic() < deadline, "no process came"
        time.sleep(0.01)
    return found


def test_it_is_started_ahead_and_used_once(tenant: TenantService) -> None:
    with TenantAtWork(tenant) as at_work:
        at_work.start(WORTHWHILE - 1)
        few = _served()
        at_work.start(WORTHWHILE)
        at_work.start(WORTHWHILE)
        ahead = _served_soon()
        with at_work.taking(WORTHWHILE) as taking:
            used = _served_soon()
            kind = _kind(taking)
            results = taking.export("one", BATCHES[0])
        after = _served()

    assert (few, len(ahead), used, after) == ([], 1, ahead, [])
    assert (kind, len(results)) == ("TenantProcess", len(BATCHES[0]))


def test_started_for_nothing_it_ends_and_has_changed_nothing(tenant: TenantService) -> None:
    before = list(sqlite_store(tenant).connection.iterdump())

    with TenantAtWork(tenant) as at_work:
        at_work.start(WORTHWHILE)
    with TenantAtWork(tenant) as at_work:
        at_work.start(WORTHWHILE)
        with at_work.taking(1) as taking:
            kind = _kind(taking)

    assert (kind, _served()) == ("TenantService", [])
    assert list(sqlite_store(tenant).connection.iterdump()) == before


def test_a_tenant_takes_many_objects_itself_where_the_system_gives_no_process(
    tenant: TenantService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    with TenantAtWork(tenant).taking(WORTHWHILE) as taker:
        assert taker is tenant
