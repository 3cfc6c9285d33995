"""Several connectors on one tenant: each is the owner of what it exported."""

from __future__ import annotations

import copy
import shutil
import threading
from contextlib import ExitStack

import pytest

from connector.assembly import open_readers
from connector.errors import InstanceLocked, InvalidSettings, StorageCopied
from connector.operations import clients, cloud, plan_file
from connector.operations.planned import Planned, run_as_planned
from connector.operations.rehearsal import rehearse
from connector.report.delivery import weekly_report
from tests.scenarios.engines import ON_A_FILE
from tests.scenarios.results import counts, differences
from tests.waiting import ended
from tests.world import World


@pytest.fixture
def world_of(tmp_path):
    """Make a world of its own on the tenant that all of them share."""
    with ExitStack() as stack:

        def make(name, held=None, **tenant):
            database = {"database": tmp_path / "shared" / "tenant.db"}
            made = World(tmp_path / name, held, tenant=database | tenant)
            return stack.enter_context(made)

        yield make


@pytest.fixture
def one(world_of):
    return world_of("one")


def test_a_connector_leaves_the_objects_of_another_alone(one, world_of):
    two = world_of("two")
    one.user("ann")
    two.user("bob")

    runs = [world.sync(policy) for policy in ("delta", "delta", "initial") for world in (one, two)]

    assert [counts(run).deletes for run in runs] == [0] * 6
    assert sorted(one.cloud) == sorted(two.cloud) == ["Ann", "Bob"]
    assert differences(one) == differences(two) == []


def test_a_quarantine_is_told_by_the_connector_whose_object_was_hit(one, world_of):
    two = world_of("two")
    ann, _ = one.user("ann", upn="joe@contoso.com"), one.user("eve")
    two.user("bob", upn="joe@contoso.com")
    for world in (one, two, one, two):
        world.sync()
    one.directory.remove(ann)
    one.sync()

    one.sweep()
    after = two.sync()

    assert [len(world.logged("export.quarantined")) for world in (one, two)] == [0, 1]
    assert two.cloud["Bob"]["userPrincipalName"] == "joe@contoso.com"
    assert counts(after).updates == 0


def test_a_plan_is_carried_out_where_one_with_a_manager_is_of_another_connector(one, world_of):
    ann = one.user("ann")
    one.user("bob", manager=ann)
    one.sync()
    two = world_of("two", one.directory)
    two.user("eve")
    found = rehearse(two.settings, directory=two.directory, past_guards=True)
    plan = plan_file.made(two.settings, "delta", found)

    run = run_as_planned(two.parts, plan.policy, Planned.of(plan))

    assert [error["error"] for error in plan.errors] == ["AnchorOwnedByAnotherClient"] * 2
    assert (run.result, sorted(two.cloud)) == ("completed-export-errors", ["Ann", "Bob", "Eve"])


def test_the_weekly_mail_counts_the_errors_of_ones_own_objects(one, world_of):
    two = world_of("two")
    one.user("ann", upn="joe@contoso.com")
    two.user("bob", upn="joe@contoso.com")
    for world in (one, two):
        world.sync()

    found = [weekly_report(world.parts, world.settings).errors for world in (one, two)]

    assert found == [0, 1]


def test_an_object_of_another_connector_is_refused_in_one_line(one, world_of):
    one.user("ann")
    one.user("bob")
    one.sync()
    before = one.cloud

    run = world_of("two", one.directory).sync()

    assert [error["error"] for error in run.errors] == ["AnchorOwnedByAnotherClient"] * 2
    assert one.cloud == before


def test_the_log_has_one_line_for_all_that_is_refused(one, world_of):
    one.user("ann")
    one.user("bob")
    one.sync()
    two = world_of("two", one.directory)

    two.sync()
    two.sync()

    assert [fields["count"] for fields in two.logged("export.foreign")] == [2, 2]
    assert two.logged("export.failed") == []


def test_what_was_taken_over_is_neither_changed_nor_deleted_nor_an_error(one, world_of):
    ann = one.user("ann")
    one.user("bob")
    one.sync()
    taker = world_of("two", one.directory, take_over=True)
    taken = taker.sync()
    one.directory.remove(ann)

    late = [one.sync(policy) for policy in ("delta", "delta", "initial")]

    assert (taken.result, [run.result for run in late]) == ("success", ["success"] * 3)
    assert [counts(run).deletes for run in late] == [0] * 3
    assert counts(taker.sync()).deletes == 1


def test_the_setting_does_not_take_back_what_was_taken(one, world_of):
    one.user("ann")
    one.sync()
    world_of("two", one.directory, take_over=True).sync()
    one.stop()
    again = world_of("one", one.directory, take_over=True)

    runs = [again.sync(), again.sync("initial")]

    assert [counts(run).updates + counts(run).adds for run in runs] == [0, 0]


def test_the_command_takes_back_what_was_taken(one, world_of):
    one.user("ann")
    one.sync()
    two = world_of("two", one.directory, take_over=True)
    two.sync()
    one.sync()

    taken = clients.take_over(one.parts)["taken"]
    one.sync()
    lost = two.sync()

    assert len(taken) == 1
    assert counts(lost).deletes == 0
    assert [owned["objects"] for owned in clients.described(one.parts)] == [1, 0]


def test_a_cloud_only_object_belongs_to_the_connector_that_it_matches(one):
    one.tenant.administrator.add("user", {"userPrincipalName": "ann@contoso.com"})
    before = [owned["objects"] for owned in clients.described(one.parts)]
    one.user("ann", upn="ann@contoso.com")
    one.sync()

    assert (before, [owned["objects"] for owned in clients.described(one.parts)]) == ([0], [1])


def test_a_copied_storage_is_refused(one, world_of, tmp_path):
    one.user("ann")
    one.sync()
    one.stop()
    shutil.copytree(tmp_path / "one", tmp_path / "copy")

    with pytest.raises(StorageCopied):
        world_of("copy")


def test_a_moved_storage_is_the_same_connector(one, world_of, tmp_path):
    one.user("ann")
    one.sync()
    one.stop()
    (tmp_path / "one").rename(tmp_path / "moved")

    run = world_of("moved", one.directory).sync("initial")

    assert (run.result, counts(run).updates) == ("success", 0)


def test_other_settings_of_the_tenant_are_refused_while_another_connector_has_it(one, world_of):
    one.user("ann")
    one.sync()

    with pytest.raises(
        InvalidSettings, match=r"verified_domains: is .* here, and .* in the tenant"
    ):
        world_of("two", verified_domains=["contoso.com"])


def test_a_connector_that_is_alone_changes_the_settings(one, world_of):
    one.user("ann")
    one.sync()
    one.stop()

    run = world_of("one", one.directory, verified_domains=["contoso.com"]).sync()

    assert run.result == "success"


@ON_A_FILE
@pytest.mark.parametrize(
    ("operation", "arguments"),
    [(cloud.snapshot, {"name": "b"}), (cloud.rewind, {"name": "a"})],
)
def test_what_copies_the_file_of_a_tenant_waits_for_the_others(one, world_of, operation, arguments):
    cloud.snapshot(one.parts, name="a")
    world_of("two")

    with pytest.raises(InstanceLocked, match="in use by another connector"):
        operation(one.parts, **arguments)


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [(cloud.clock, {"advance": 60.0}), (clients.inherit, {"client": ""})],
)
def test_what_needs_the_tenant_for_itself_is_refused_beside_another_connector(
    one, world_of, operation, arguments
):
    two = world_of("two")

    with pytest.raises(InstanceLocked, match="in use by another connector"):
        operation(one.parts, **arguments)
    before = one.tenant.clock.ahead().total_seconds()
    two.stop()
    cloud.clock(one.parts, advance=60.0)

    assert (before, one.tenant.clock.ahead().total_seconds()) == (0, 60)


def test_who_only_reads_is_not_at_work(one):
    with open_readers(one.settings) as readers:
        readers.tenant.counts()
        cloud.clock(one.parts, advance=60.0)

    assert one.tenant.clock.ahead().total_seconds() == 60


def test_a_connector_that_comes_waits_for_one_that_needs_the_tenant_for_itself(one, world_of):
    came = []
    coming = threading.Thread(target=lambda: came.append(world_of("two")), daemon=True)
    with one.parts.alone("the clock"):
        coming.start()
        coming.join(0.5)  # long enough for one that does not wait
        early = list(came)
    ended(coming)

    assert (early, len(came)) == ([], 1)


@ON_A_FILE
def test_after_a_rewind_the_others_export_again_what_is_missing(one, world_of):
    cloud.snapshot(one.parts, name="start")
    two = world_of("two")
    two.user("bob")
    two.sync()
    two.stop()

    cloud.rewind(one.parts, name="start")
    again = world_of("two", two.directory)
    again.sync()

    assert list(one.cloud) == ["Bob"]


def test_the_command_takes_back_what_the_other_connector_deleted(one, world_of):
    ann = one.user("ann")
    one.user("bob")
    staff = one.group("staff", [ann])
    one.sync()
    held = copy.deepcopy(one.directory)
    two = world_of("two", held, take_over=True)
    two.sync()
    one.sync()
    held.remove(staff)
    two.sync()
    held.remove(ann)
    deleted = counts(two.sync()).deletes, set(one.cloud)

    clients.take_over(one.parts)
    one.sync()

    assert (deleted, set(one.cloud)) == ((1, {"Bob"}), {"Ann", "Bob", "Staff"})
    assert differences(one) == []
    assert counts(two.sync()).deletes == 0


def test_the_command_takes_over_what_its_owner_deleted(one, world_of):
    ann = one.user("ann")
    one.user("bob")
    one.sync()
    two = world_of("two", copy.deepcopy(one.directory))
    one.directory.remove(ann)
    one.sync()
    refused = [error["error"] for error in two.sync().errors]

    clients.take_over(two.parts)
    after = two.sync()

    assert (refused, after.errors) == (["AnchorOwnedByAnotherClient"] * 2, [])
    assert set(two.cloud) == {"Ann", "Bob"}
