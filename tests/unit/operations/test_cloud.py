"""An administrator's requests are carried out on a tenant and a connector space."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connector.operations.requests import perform
from connector.report.delivery import SETTLED
from tests.world import World

JOE = {"displayName": "Joe", "userPrincipalName": "joe@contoso.com"}


@pytest.fixture
def world(tmp_path):
    with World(tmp_path / "var") as world:
        yield world


@pytest.fixture
def ask(world):
    return lambda command, **request: perform(world.parts, {"command": command, **request})


def test_an_object_is_added_changed_licensed_and_deleted(ask):
    properties = {"displayName": "Joe", "userPrincipalName": "joe@contoso.com"}
    added = ask("add", type="user", properties=properties)["object"]

    changed = ask("set", identity=added["id"], properties={"jobTitle": "Boss"})["object"]
    licensed = ask("license", identity="joe@contoso.com", assign=True)["object"]
    plain = ask("license", identity="joe@contoso.com", assign=False)["object"]
    gone = ask("delete", identity="joe@contoso.com")["object"]
    back = ask("restore", identity=added["id"])["object"]

    assert [item["id"] for item in (changed, licensed, plain, gone, back)] == [added["id"]] * 5
    assert (added["jobTitle"], changed["jobTitle"]) == (None, "Boss")
    assert len(licensed["assignedPlans"]) == 1
    assert plain["assignedPlans"] == []


def test_a_restore_says_what_is_quarantined_and_who_holds_it(ask, world):
    ann = world.user("ann", "joe@contoso.com", proxies=["SMTP:a@contoso.com"])
    world.user("keep")
    world.sync()
    world.directory.remove(ann)
    world.sync()
    world.user("bob", "joe@contoso.com")
    world.user("eve", proxies=["SMTP:a@contoso.com"])
    world.sync()
    told = len(world.log.events)

    answer = ask("restore", identity="joe@contoso.com")

    taken = [
        ("UserPrincipalName", "joe@contoso.com", "Bob"),
        ("ProxyAddresses", "SMTP:a@contoso.com", "Eve"),
    ]
    assert [tuple(item.values()) for item in answer["quarantined"]] == taken
    assert [
        (error["propertyCausingError"], error["value"], error["conflictsWith"]["displayName"])
        for error in answer["object"]["onPremisesProvisioningErrors"]
    ] == taken
    events = world.log.events[told:]
    assert [name for name, _ in events] == ["object.restored", *["export.quarantined"] * 2]
    assert {fields["dn"] for _, fields in events} == {ann}
    assert [
        (fields["attribute"], fields["value"], fields["held_by"]) for _, fields in events[1:]
    ] == taken


def test_a_restore_without_a_conflict_quarantines_nothing(ask, world):
    identity = ask("add", type="user", properties=JOE)["object"]["id"]
    ask("delete", identity=identity)

    answer = ask("restore", identity=identity)

    assert answer["quarantined"] == []
    assert [name for name, _ in world.log.events[-1:]] == ["object.restored"]


def test_a_match_of_a_deleted_user_says_to_restore_it(ask):
    ask("add", type="user", properties=JOE)
    ask("delete", identity="joe@contoso.com")

    assert (
        "is deleted. Bring the user back first"
        in ask("match", identity="joe@contoso.com", anchor="joe")["error"]
    )


def test_a_match_is_repaired(ask):
    properties = {"displayName": "Joe", "userPrincipalName": "joe@contoso.com"}
    added = ask("add", type="user", properties=properties)["object"]

    moved = ask("match", identity="joe@contoso.com", anchor="joe")["object"]
    cleared = ask("match", identity="joe", anchor=None)["object"]

    assert (moved["id"], moved["onPremisesImmutableId"]) == (added["id"], "joe")
    assert cleared == added


def test_a_feature_is_switched(ask):
    answer = ask("feature", name="BlockSoftMatch", enabled=True)

    assert answer["features"]["BlockSoftMatch"] is True


def test_domains_are_written_as_graph_does(ask):
    managed = {"isInitial": False, "isVerified": True, "authenticationType": "Managed"}
    before = ask("domain", name="wingtip.example", verified=True)["domains"]

    after = ask("domain", name="wingtip.example", verified=False)["domains"]

    assert {"id": "wingtip.example", **managed} in before
    assert [one for one in before if one["id"] != "wingtip.example"] == after


@pytest.mark.parametrize(
    "request_",
    [
        {"command": "add", "type": "user", "properties": {"upn": "x"}},
        {"command": "set", "identity": "nobody", "properties": {}},
        {"command": "delete", "identity": "nobody"},
        {"command": "license", "identity": "nobody", "assign": True},
        {"command": "domain", "name": "no domain", "verified": True},
        {"command": "clock", "advance": 1e12},
        {"command": "clock", "advance": 1e300},
        {"command": "clock", "advance": -1e300},
        {"command": "clock", "advance": float("nan")},
        {"command": "add", "type": "printer", "properties": {}},
        {"command": "set", "identity": "nobody", "properties": {"mail": 7}},
        {"command": "rewind", "name": "nothing"},
        {"command": "snapshot", "name": "../x"},
    ],
)
def test_what_is_refused_is_an_answer(world, request_):
    answer = perform(world.parts, request_)

    assert set(answer) - {"kind"} == {"error", "exit_code"}
    assert answer["exit_code"] == 2


def test_the_clock_says_how_far_it_is_ahead(world, ask):
    for _ in range(2):
        answer = ask("clock", advance=3600)

    assert answer["clock"]["aheadSeconds"] == 7200
    assert answer["clock"]["now"] == world.tenant.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_clock_that_is_reset_leaves_the_next_monday_its_report(world, ask):
    start = world.tenant.clock.now()
    world.parts.space.note(SETTLED, (start + timedelta(days=20)).isoformat())

    answer = ask("clock")

    assert answer["clock"]["aheadSeconds"] == 0
    assert datetime.fromisoformat(world.parts.space.state.get(SETTLED)) == start


def test_a_clock_that_is_reset_makes_no_report_due_again(world, ask):
    earlier = (world.tenant.clock.now() - timedelta(days=2)).isoformat()
    world.parts.space.note(SETTLED, earlier)

    ask("clock")

    assert world.parts.space.state.get(SETTLED) == earlier


def test_a_rewind_takes_directory_and_tenant_back_to_the_same_moment(world, ask):
    """The connector goes on from there as if nothing had happened since."""
    world.user("ann", "joe@contoso.com")
    world.sync()
    taken = ask("snapshot", name="ann-alone")["snapshot"]
    world.user("bob", "joe@contoso.com")
    first = world.sync()
    conflict = world.cloud["Bob"]["onPremisesProvisioningErrors"]
    ask("clock", advance=3600)

    found = ask("rewind", name="ann-alone")["snapshot"]
    back = list(world.cloud)
    again = world.sync()

    assert found == taken
    assert back == ["Ann"]
    assert (again.number, again.result) == (first.number, "completed-export-errors")
    assert [e["value"] for e in conflict] == world.quarantined("Bob") == ["joe@contoso.com"]
    assert [fields["name"] for fields in world.logged("snapshot.rewound")] == ["ann-alone"]
