"""A crash after any single write, then a rerun, reaches the same tenant.

Where ``test_cycle_machine`` dies at some moments of any story, this dies at every moment of one story
in which everything happens.
"""

from __future__ import annotations

import shutil

import pytest

from connector.export import exporter, references
from connector.storage import database
from connector.tenant.postgresql import session
from tests import disk
from tests.fakes import SUFFIX, MemoryDirectory
from tests.postgresql import fill, rows_of
from tests.properties import views
from tests.properties.crashes import Breaker, CrashingWorld
from tests.world import tenants_on_a_server


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request):
    return request.param


@pytest.fixture
def url(engine, request):
    """Lend a database to all tenants, and return its URL; None for tenants in files."""
    if engine == "sqlite":
        yield None
        return
    postgresql = request.getfixturevalue("postgresql")
    with postgresql.database() as server:
        url = postgresql.url(server.parameters["dbname"])
        with tenants_on_a_server(lambda _: url):
            yield url


@pytest.fixture
def story(monkeypatch, url):
    """Return the maker of a world in which a lot is to be exported, and has been before."""
    with disk.folder() as folder:
        yield from _story(folder, url, monkeypatch)


def _story(folder, url, monkeypatch):
    breaker = Breaker()
    monkeypatch.setattr(database, "_connect", breaker.connect)
    monkeypatch.setattr(session, "open_connection", breaker.connect_to_server)
    monkeypatch.setattr(exporter, "BATCH", 2)
    monkeypatch.setattr(references, "LINKS", 2)
    directory = MemoryDirectory()
    north = directory.ou("north", below=f"ou=users,{SUFFIX}")
    ann = directory.user("ann", "joe@contoso.com", ["SMTP:info@contoso.com"], below=north)
    bob = directory.user("bob", "bob@contoso.com", ["SMTP:bob@contoso.com"], below=north)
    eve = directory.user("eve", "eve@contoso.com", ["smtp:info@contoso.com"])
    directory.group("desk", [ann, bob], ["SMTP:desk@contoso.com"])
    directory.contact("carla", "carla@fabrikam.com")
    with CrashingWorld(folder / "before", directory, breaker) as world:
        world.sync()
    directory.rename(north, "ou=south")
    south = f"ou=south,ou=users,{SUFFIX}"
    directory.modify(f"uid=ann,{south}", userPrincipalName="bob@contoso.com", proxyAddresses=[])
    directory.modify(f"uid=bob,{south}", userPrincipalName="joe@contoso.com")
    directory.user("zoe", "bob@contoso.com", ["smtp:desk@contoso.com"])
    directory.user("desk", "desk@contoso.com", ["smtp:desk@contoso.com"])
    directory.group(
        "red", [eve, f"uid=bob,{south}", "uid=zoe,ou=users," + SUFFIX], ["SMTP:t@contoso.com"]
    )
    directory.group("blue", [], ["SMTP:t@contoso.com"])
    directory.remove(f"cn=carla,ou=contacts,{SUFFIX}")

    # A copy is taken for the connector itself where that is not there any more.
    (folder / "before").rename(folder / "kept")
    rows = rows_of(url) if url else {}

    def continued(name):
        for world in worlds:
            world.stop()
        shutil.copytree(folder / "kept", folder / name)
        if url:
            fill(url, rows)
        world = CrashingWorld(folder / name, directory, breaker)
        worlds.append(world)
        return world

    worlds: list[CrashingWorld] = []
    yield continued
    for world in worlds:
        world.stop()


@pytest.mark.parametrize("policy", ["delta", "initial"])
def test_crash_at_any_moment_of_a_cycle_is_made_good_by_the_next_ones(story, policy):
    undisturbed = story("undisturbed")
    moments = undisturbed.count("sync", policy)
    undisturbed.sync()
    reported = views.reports(undisturbed, 0)
    expected = views.everything(undisturbed)
    assert set(reported.values()) == {1}

    for moment in range(moments):
        world = story(f"{moment}")
        world.crash(moment, "sync", policy)
        world.sync()
        world.sync()

        assert views.everything(world) == expected, moment
        assert views.reports(world, 0) == reported, moment


def test_crash_at_any_moment_of_a_sweep_is_made_good_by_the_next_one(story):
    def before_the_sweep(name):
        world = story(name)
        world.sync()
        world.sync()
        return world

    undisturbed = before_the_sweep("undisturbed")
    moments = undisturbed.count("sweep")
    expected = views.everything(undisturbed)
    assert "info@contoso.com" not in {value for _, _, value in expected["quarantine"]}

    for moment in range(moments):
        world = before_the_sweep(f"{moment}")
        world.crash(moment, "sweep").sweep()

        assert views.everything(world) == expected, moment
