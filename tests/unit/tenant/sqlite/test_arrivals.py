"""A first export is taken in another way, and comes to the same tenant; nobody sees a difference."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import StorageUnusable
from connector.tenant.process import TenantProcess
from connector.tenant.service import open_tenant
from connector.tenant.sqlite.arrivals import Arrivals
from connector.tenant.writes import Writes
from tests.unit.tenant.verbs import contact, delete, group, members, sqlite_store, user

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connector.model import SyncObject
    from connector.tenant.service import TenantService
    from tests.unit.tenant.verbs import World

MANY = 1_000_000
BATCHES: list[list[SyncObject]] = [
    [
        user("ann", "joe@contoso.com"),
        user("bob", "joe@contoso.com"),
        group("all", "SMTP:all@x.org"),
    ],
    [user("eve", None, "SMTP:eve@contoso.com", "smtp:ann@contoso.com"), contact("zoë")],
    [
        user("eve", None, "SMTP:eve@contoso.com"),
        user("ann", "ann@contoso.com"),
        delete(group("all")),
    ],
    [group("staff", "SMTP:all@x.org"), delete(user("bob")), user("cat", "joe@contoso.com")],
    [members(group("staff"), add=("ann", "bob", "cat"))],
]


def state(tenant: TenantService) -> list[Any]:
    connection = sqlite_store(tenant).connection
    tables = ("object", "claim", "link", "provisioning_error", "removed")
    return [
        sorted(map(repr, connection.execute(f"SELECT * FROM {table}")))  # noqa: S608
        for table in tables
    ]


def indexes(tenant: TenantService) -> list[Any]:
    sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name"
    return list(sqlite_store(tenant).connection.execute(sql))


def waiting(tenant: TenantService) -> int:
    [[count]] = sqlite_store(tenant).connection.execute("SELECT count(*) FROM arrived_claim")
    return int(count)


@pytest.mark.parametrize("limit", [1, 4, 1000])
def test_it_comes_to_the_same_tenant(make_world: Callable[..., World], limit: int) -> None:
    usual, arriving = make_world(), make_world()
    arriving.tenant.expect(MANY)
    sqlite_store(arriving.tenant).arrivals.limit = limit
    results = [(usual.export(*batch), arriving.export(*batch)) for batch in BATCHES]
    arriving.tenant.settle()

    assert [after == before for before, after in results] == [True] * len(BATCHES)
    assert state(arriving.tenant) == state(usual.tenant)
    assert indexes(arriving.tenant) == indexes(usual.tenant)
    assert waiting(arriving.tenant) == 0


def test_others_see_everything_before_it_is_settled(world: World) -> None:
    world.tenant.expect(MANY)
    world.export(*BATCHES[0])
    reader = open_tenant(world.place, world.settings, read_only=True)

    assert waiting(reader) == 3
    assert reader.find("joe@contoso.com").display_name == "Ann"
    assert reader.find("bob").display_name == "Bob"
    [error] = reader.provisioning_errors()
    assert error.holder is not None
    assert error.holder.display_name == "Ann"
    assert [shown["displayName"] for shown in reader.objects()] == ["All", "Ann", "Bob"]
    reader.close()


def test_another_writer_settles_it_and_both_go_on(world: World) -> None:
    world.tenant.expect(MANY)
    world.export(*BATCHES[0])
    other = world.open()
    refused = "Another object with the same value"
    with pytest.raises(Exception, match=refused):
        other.administrator.add("user", {"userPrincipalName": "joe@contoso.com"})
    other.administrator.add("contact", {"displayName": "New", "proxyAddresses": ["SMTP:new@x.org"]})
    world.export(user("dan", None, "smtp:new@x.org"))

    assert waiting(other) == 0
    assert [name for name, _, _ in world.errors()] == ["Bob", "Dan"]
    other.close()


def test_a_writer_settles_what_another_one_takes_in_after_it(world: World) -> None:
    world.tenant.expect(MANY)
    world.export(*BATCHES[0])
    other = world.open()
    other.expect(MANY)
    other.export("of the other", [user("dan", None, "smtp:dan@x.org")])
    world.export(user("eve", "joe@contoso.com", "smtp:dan@x.org"))

    assert waiting(other) == 0
    assert [name for name, _, _ in world.errors()] == ["Bob", "Eve", "Eve"]
    other.close()


def test_a_writer_waits_longer_for_one_that_may_settle_a_first_export(world: World) -> None:
    other = world.open()
    for each in (world.tenant, other):
        sqlite_store(each).database.patience = 0.05
    with other._store.transaction(), pytest.raises(StorageUnusable, match="locked"):
        world.export(user("ann"))
    world.tenant.expect(MANY)
    world.export(user("ann"))
    with ThreadPoolExecutor(1) as thread:
        with other._store.transaction():
            waiting_for_it = thread.submit(world.export, user("bob"))
            time.sleep(0.5)
        [result] = waiting_for_it.result()

    assert result.action == "added"
    assert waiting(world.tenant) == 0
    other.close()


def test_the_next_writer_settles_what_a_crash_left(world: World) -> None:
    expected = indexes(world.tenant)
    world.tenant.expect(MANY)
    world.export(*BATCHES[0])
    world.switch()
    missing = indexes(world.tenant)
    world.export(user("dan", "joe@contoso.com"))

    assert len(missing) == len(expected) - 2
    assert indexes(world.tenant) == expected
    assert [name for name, _, _ in world.errors()] == ["Bob", "Dan"]


def test_the_next_writer_makes_an_index_that_an_older_version_left_out(world: World) -> None:
    expected = indexes(world.tenant)
    world.tenant.expect(MANY)
    world.export(*BATCHES[0])
    sqlite_store(world.tenant).connection.execute("DROP INDEX object_listing")
    world.switch()
    world.export(user("dan"))

    assert indexes(world.tenant) == expected


def test_names_are_listed_by_an_index_while_a_first_export_lasts(world: World) -> None:
    world.tenant.expect(MANY)
    world.export(*BATCHES[0])
    sql = (
        "EXPLAIN QUERY PLAN SELECT number FROM object WHERE type = 'user' AND deleted IS NULL "
        "AND display_name >= '' ORDER BY display_name, number LIMIT 100"
    )
    plan = [row[3] for row in sqlite_store(world.tenant).connection.execute(sql)]

    assert [step for step in plan if "object_listing" in step] == plan


def test_a_tenant_that_goes_back_into_its_first_export_goes_on_from_there(
    world: World, tmp_path: Path
) -> None:
    tenant = world.tenant
    made = indexes(tenant)
    tenant.expect(MANY)
    world.export(*BATCHES[0])
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        sqlite_store(tenant).connection.backup(copy)
    before = state(tenant)
    world.export(*BATCHES[1])

    tenant.rewind(tmp_path / "copy")

    assert (state(tenant), indexes(tenant), waiting(tenant)) == (before, made, 0)
    world.export(*BATCHES[1])
    assert waiting(tenant) == 0


def test_a_batch_that_is_taken_back_leaves_nothing(world: World) -> None:
    world.tenant.expect(MANY)
    impossible = user("bob")._replace(properties={"proxyAddresses": 1})
    with pytest.raises(TypeError):
        world.tenant.export("one", [user("ann"), members(group("x")), user("ann"), impossible])
    [result] = world.export(user("eve", "ann@contoso.com"))

    assert result.quarantined == ()
    assert waiting(world.tenant) == 1


def test_a_value_that_has_a_holder_is_given_to_nobody_else(world: World) -> None:
    world.tenant.expect(MANY)
    world.export(*BATCHES[0])
    store = world.tenant._store
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"), store.transaction():
        store.write(Writes(granted=[("upn", "joe@contoso.com", 7)]), 9)

    assert store.holders([("upn", "joe@contoso.com")]) == {("upn", "joe@contoso.com"): 1}


def test_a_few_new_objects_are_taken_in_as_ever(world: World) -> None:
    world.export(*BATCHES[0])
    world.tenant.expect(11)
    world.export(*BATCHES[1])

    assert waiting(world.tenant) == 0
    assert not sqlite_store(world.tenant).arrivals.at_work


def test_source_anchors_with_one_hash_are_told_apart(world: World) -> None:
    world.export(user("ann"), user("bob"))
    arrivals = Arrivals(sqlite_store(world.tenant).connection)
    arrivals.prepare()
    with world.tenant._store.transaction():
        arrivals.begin()
        arrivals._connection.execute("UPDATE temp.arrived_anchor SET hash = 7")
        arrivals._connection.execute(
            "INSERT INTO temp.arrived_anchor VALUES (?, 2)", (hash("ann"),)
        )
    sqlite_store(world.tenant).arrivals = arrivals

    assert arrivals.numbers(["ann"]) == [2]
    assert world.tenant._store.by_anchor(["ann"]) == {}


def test_a_process_of_its_own_settles_before_the_export_ends(
    make_world: Any, tmp_path: Any
) -> None:
    world = make_world()
    tenant = open_tenant(tmp_path / "other.db", world.settings)
    process = TenantProcess(tenant)
    process.expect(MANY)
    try:
        results = [
            process.export(f"batch {number}", batch) for number, batch in enumerate(BATCHES[:4])
        ]
        before = waiting(tenant)
        process.finalize_export(exported=3, failed=0)
    finally:
        process.close()

    assert results == [world.export(*batch) for batch in BATCHES[:4]]
    assert before > 0
    assert waiting(tenant) == 0
    assert indexes(tenant) == indexes(world.tenant)
    tenant.close()


def test_what_is_there_is_found_after_it_was_sorted_in_and_after_an_undone_batch(
    world: World,
) -> None:
    world.export(user("ann", "ann@contoso.com"))
    world.tenant.expect(MANY)
    arrivals = sqlite_store(world.tenant).arrivals
    world.export(user("bob", "bob@contoso.com"))

    assert arrivals.maybe_there([("upn", "ann@contoso.com"), ("upn", "bob@contoso.com")]) == [
        ("upn", "ann@contoso.com"),
        ("upn", "bob@contoso.com"),
    ]
    assert arrivals.maybe_there(["ann", "bob"]) == ["ann", "bob"]
    some = [("upn", f"user{number}@contoso.com") for number in range(1000)]
    assert len(arrivals.maybe_there(some)) < len(some) // 10
