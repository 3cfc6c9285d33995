"""The tenant may be in PostgreSQL: a cycle, a rehearsal and several connectors do the same there."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, closing

import psycopg
import pytest

from connector.errors import StorageUnusable
from connector.operations import cloud, requests
from connector.operations.rehearsal import rehearse
from connector.staging.comparison import with_tenant
from connector.tenant.opening import any_store_at, place_of
from connector.tenant.postgresql.rehearsed import SECONDS
from connector.values.database_url import database_url
from tests.scenarios.engines import ON_A_SERVER
from tests.scenarios.results import counts
from tests.waiting import beside, ended, until
from tests.world import World

pytestmark = ON_A_SERVER
# Of the waiters of a sweep.
MORE_THAN_A_PAGE = 220


@pytest.fixture
def url(postgresql):
    with postgresql.database() as server:
        yield postgresql.url(server.parameters["dbname"])


@pytest.fixture
def world_of(tmp_path, url):
    """Make a world of its own on the tenant that all of them share."""
    with ExitStack() as stack:

        def make(name, held=None, **tenant):
            made = World(tmp_path / name, held, tenant={"database": url} | tenant)
            return stack.enter_context(made)

        yield make


@pytest.fixture
def world(world_of):
    made = world_of("one")
    made.user("ann", upn="ann@contoso.com")
    made.sync()
    return made


def tables(settings):
    with closing(any_store_at(place_of(settings), read_only=True)) as store:
        return {table.name: list(store.tables.rows(table)) for table in store.tables.all()}


def test_a_sync_makes_no_tenant_in_the_storage_folder(world, tmp_path):
    found = sorted(path.name for path in tmp_path.rglob("*.db*") if path.suffix == ".db")

    assert found == ["connector-space.db"]
    assert list(world.cloud) == ["Ann"]


def test_a_second_cycle_has_nothing_to_do(world):
    before = world.tenant.position()

    run = world.restart().sync()

    assert counts(run) == type(counts(run))()
    assert world.tenant.position() == before


def test_a_rehearsal_leaves_every_table_as_it_was(world):
    world.user("bob", upn="ann@contoso.com")
    before = tables(world.settings)

    rehearsal = rehearse(world.settings, directory=world.directory, sweep=True)

    assert [change["name"] for change in rehearsal.changes] == ["Bob"]
    assert [error["value"] for error in rehearsal.run.errors] == ["ann@contoso.com"]
    assert tables(world.settings) == before


def test_a_rehearsal_of_a_tenant_that_is_not_there_makes_none(tmp_path, postgresql):
    url = postgresql.url(postgresql.make(migrated=False).parameters["dbname"])
    with World(tmp_path / "var") as made:
        made.user("ann")
        tenant = made.settings.tenant.model_copy(update={"database": database_url(url)})
        settings = made.settings.model_copy(update={"tenant": tenant})

        rehearsal = rehearse(settings, directory=made.directory)

    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT to_regclass('migration')").fetchone()

    assert [change["name"] for change in rehearsal.changes] == ["Ann"]
    assert found == (None,)


def test_a_rehearsal_begins_anew_for_a_writer_and_is_refused_in_the_end(world, world_of):
    two = world_of("two")
    two.user("bob")
    database = str(world.settings.tenant.database)

    class Slow:
        """A directory that answers when somebody waits for the rehearsal."""

        def __getattr__(self, name):
            return getattr(world.directory, name)

        def changes(self, cookie):
            attempts.append(threading.Thread(target=two.tenant.sweep, daemon=True))
            attempts[-1].start()
            time.sleep(SECONDS + 1)
            return world.directory.changes(cookie)

    attempts: list[threading.Thread] = []
    world.user("eve")
    with pytest.raises(StorageUnusable) as refused:
        rehearse(world.settings, directory=Slow())
    ended(*attempts)

    assert (refused.value.reason, len(attempts)) == ("locked", 3)
    assert "gave way 3 times" in str(refused.value)
    assert database.partition("?")[0].rpartition("/")[2] in str(refused.value)
    assert list(world.cloud) == ["Ann"]


def test_a_server_that_is_killed_in_the_middle_of_an_export_loses_nothing(
    world_of, postgresql, url
):
    world = world_of("one")
    names = [f"user{number:04}" for number in range(2500)]
    for name in names:
        world.user(name)

    def restart():
        with psycopg.connect(url, autocommit=True) as connection:
            count = "SELECT count(*) FROM object"
            until("objects arrive", lambda: connection.execute(count).fetchone() != (0,))
        postgresql.restart()

    with beside(restart):
        runs = [world.sync() for _ in range(2)]

    shadows, _ = world.tenant.read_back(None)
    assert [(run.result.value, counts(run).adds) for run in runs] == [
        ("success", len(names)),
        ("success", 0),
    ]
    assert sorted(world.cloud) == [name.title() for name in names]
    assert list(with_tenant(world.parts.space.database, shadows)) == []


@pytest.mark.parametrize("policy", ["delta", "initial"])
def test_connectors_leave_the_objects_of_each_other_alone(world_of, policy):
    one, two = world_of("one"), world_of("two")
    one.user("ann", upn="joe@contoso.com")
    two.user("bob", upn="joe@contoso.com")

    runs = [world.sync(policy) for _ in range(3) for world in (one, two)]

    assert [counts(run).deletes for run in runs] == [0] * 6
    assert sorted(one.cloud) == sorted(two.cloud) == ["Ann", "Bob"]
    assert [e["value"] for e in two.errors()] == ["joe@contoso.com"]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        (requests.backup, {"path": "somewhere"}),
        (cloud.snapshot, {"name": "before"}),
        (cloud.rewind, {"name": "before"}),
    ],
)
def test_what_copies_files_is_refused_with_the_way_to_do_it(world, operation, arguments):
    with pytest.raises(StorageUnusable) as refused:
        operation(world.parts, **arguments)

    assert "pg_dump" in str(refused.value)


def _proxies(who, name):
    return [f"SMTP:{who}-{name}@contoso.com", f"smtp:{name}@contoso.com"]


def test_a_sweep_whose_server_is_killed_gives_each_value_back_once(world_of, postgresql):
    world = world_of("one")
    names = [f"user{number:03}" for number in range(MORE_THAN_A_PAGE)]
    holders = [world.user(f"first-{name}", proxies=_proxies("first", name)) for name in names]
    world.sync()
    for name in names:
        world.user(f"later-{name}", proxies=_proxies("later", name))
    world.sync()
    for holder in holders:
        world.directory.remove(holder)
    world.sync()
    told = []

    def killed(page):
        told.extend(page)
        postgresql.restart()

    with pytest.raises(StorageUnusable) as lost:
        world.tenant.sweep(tell=killed)
    rest = world.tenant.sweep()

    assert lost.value.reason == "server"
    assert 0 < len(told) < len(names)
    released = sorted(one.value for one in (*told, *rest.released))
    assert released == [f"smtp:{name}@contoso.com" for name in names]
    assert world.tenant.counts().quarantined == 0
