"""Connectors on one server see each other, and say whom they wait for."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import InstanceLocked, WorkStopped
from connector.tenant.clients import Comer
from connector.tenant.postgresql import session as sessions
from connector.tenant.postgresql.server import open_connection, server_at
from connector.tenant.service import open_tenant
from tests.unit.tenant.verbs import World, user
from tests.waiting import beside, ended, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.tenant.postgresql.server import Server
    from connector.tenant.service import TenantService
    from tests.postgresql import Postgres

END_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def server(postgresql: Postgres) -> Iterator[Server]:
    with postgresql.database() as found:
        yield found


@pytest.fixture
def come(server: Server) -> Iterator[Callable[..., TenantService]]:
    """Let a connector come to work: ``come(NAME)``."""
    world = World(server)
    world.close()
    with ExitStack() as stack:

        def make(name: str, place: Server = server, **named: Any) -> TenantService:
            tenant = open_tenant(place, world.settings, **named)
            stack.callback(tenant.close)
            client = tenant.clients.enter(
                Comer(None, "host", f"/{name}"), lambda _: False, has_exported=False
            )
            tenant.client = client.number
            tenant.others.announce(client.number)
            return tenant

        yield make


def test_who_is_at_work_is_named(come: Callable[..., TenantService]) -> None:
    one, two = come("one"), come("two")

    with pytest.raises(InstanceLocked, match=r"another connector \(host /two\): the clock needs"):
        one.others.alone("the clock").__enter__()
    two.close()
    with one.others.alone("the clock"):
        pass


def test_two_that_need_it_for_themselves_do_not_both_get_it(
    come: Callable[..., TenantService],
) -> None:
    one, two = come("one"), come("two")
    two_alone = ExitStack()
    with pytest.raises(InstanceLocked):
        two_alone.enter_context(two.others.alone("a rewind"))
    one.close()

    with two.others.alone("a rewind"), pytest.raises(InstanceLocked, match="needs it for itself"):
        come("one", stop=lambda: True)


def test_names_that_a_url_gives_to_connections_hide_nobody(
    come: Callable[..., TenantService], postgresql: Postgres, server: Server
) -> None:
    url = postgresql.url(server.parameters["dbname"])
    one = come("one")
    come("two", server_at(f"{url}&application_name=mine/alone"))

    with pytest.raises(InstanceLocked, match="host /two"):
        one.others.alone("the clock").__enter__()


def test_one_whose_connection_was_lost_is_seen_again_when_it_works_again(
    come: Callable[..., TenantService], server: Server
) -> None:
    one, two = come("one"), come("two")
    with open_connection(server) as connection:
        connection.execute(END_ALL)
    two.counts()

    with pytest.raises(InstanceLocked, match="host /two"):
        one.others.alone("the clock").__enter__()


def test_who_waits_says_once_who_holds_the_tenant(
    come: Callable[..., TenantService], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "PATIENCE", 0.1)
    one, two = come("one"), come("two")
    told: list[tuple[str, float]] = []
    two.others.told = lambda *heard: told.append(heard)
    exports = [threading.Thread(target=two.export, args=(name, [user(name)])) for name in "ab"]

    for export in exports:
        with one._store.transaction():
            export.start()
            until("the row is waited for", lambda: two._store.others._waited_for)  # type: ignore[attr-defined]
            export.join(0.5)
        ended(export)

    assert [held_by for held_by, _ in told] == ["host /one"]
    assert sorted(item["displayName"] for item in one.objects()) == ["A", "B"]


def test_who_stands_behind_others_names_the_one_that_writes(
    come: Callable[..., TenantService], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "PATIENCE", 0.1)
    writer, *waiting = (come(name) for name in ("one", "two", "three"))
    told: list[str] = []
    for tenant in waiting:
        tenant.others.told = lambda held_by, _: told.append(held_by)

    with ExitStack() as stack:
        stack.enter_context(writer._store.transaction())
        with beside(*(partial(tenant.export, "a", [user("ann")]) for tenant in waiting)):
            until("both wait", lambda: len(told) == len(waiting))
            stack.close()

    assert told == ["host /one", "host /one"]


def test_one_that_is_told_to_stop_waits_no_longer_and_writes_nothing(
    come: Callable[..., TenantService],
) -> None:
    stopped = threading.Event()
    one, two = come("one"), come("two", stop=stopped.is_set)
    met: list[BaseException] = []

    def export() -> None:
        try:
            two.export("a", [user("ann")])
        except WorkStopped as error:
            met.append(error)

    with one._store.transaction(), beside(export):
        stopped.set()

    assert ["was stopped while another connector wrote" in str(error) for error in met] == [True]
    assert list(one.objects()) == []
    stopped.clear()
    two.export("a", [user("ann")])

    assert [item["displayName"] for item in one.objects()] == ["Ann"]
