"""A plan is a dry run in a file: applied exactly as it stands, or refused with the difference."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import PlanRefused, PlanUnusable
from connector.operations import plan_file
from connector.operations.planned import Planned, run_as_planned
from connector.operations.rehearsal import rehearse
from tests.scenarios.engines import ON_A_FILE
from tests.world import World

JOE = "joe@contoso.com"


def plan_of(world, policy="delta"):
    found = rehearse(world.settings, policy, directory=world.directory, past_guards=True)
    return plan_file.made(world.settings, policy, found)


def apply(world, plan):
    world.time += timedelta(minutes=30)
    return run_as_planned(world.parts, plan.policy, Planned.of(plan))


def differences(world, plan):
    return [
        (one.what, one.of, one.planned, one.now)
        for one in plan_file.differences(plan, plan_of(world, plan.policy))
    ]


def staged(world):
    """Twenty users who are synced; fifteen of them leave the directory."""
    users = [world.user(f"user{number:02}") for number in range(20)]
    world.sync()
    for user in users[:15]:
        world.directory.remove(user)


def test_a_plan_is_carried_out_as_it_stands(world):
    ann = world.user("ann", upn=JOE)
    world.sync()
    world.user("bob", upn=JOE)
    world.group("staff", [ann])
    plan = plan_of(world)

    run = apply(world, plan)

    assert [(c["operation"], c["name"]) for c in plan.changes] == [("add", "Bob"), ("add", "Staff")]
    assert [(error["kind"], error["value"]) for error in plan.errors] == [("quarantine", JOE)]
    assert (run.result, set(world.cloud)) == ("completed-export-errors", {"Ann", "Bob", "Staff"})
    assert plan_of(world).changes == []


@ON_A_FILE
def test_a_first_plan_needs_no_databases(tmp_path):
    with World(tmp_path) as world:
        world.stop()
        for name in ("connector-space.db", "tenant.db"):
            (tmp_path / name).unlink()
        world.user("ann")
        plan = plan_of(world)
        world.restart()

        apply(world, plan)

        assert plan.tenant is None
        assert set(world.cloud) == {"Ann"}


def test_a_directory_that_changed_is_refused_with_each_difference(world):
    ann, eve = world.user("ann"), world.user("eve")
    staff = world.group("staff", [ann])
    world.sync()
    world.directory.modify(ann, title="Engineer")
    world.directory.modify(staff, displayName="All Staff")
    world.directory.modify(eve, title="Boss")
    plan = plan_of(world)
    world.directory.modify(ann, title="Clerk", department="Sales")
    world.directory.modify(staff, member=[ann, eve])
    world.directory.modify(eve, title=[])
    world.user("bob")

    with pytest.raises(PlanRefused, match="something else than the plan shows"):
        apply(world, plan)

    anchor = world.cloud["Eve"]["onPremisesImmutableId"]
    assert differences(world, plan) == [
        (
            "attribute",
            f"user Ann ({ann}): jobTitle",
            [None, "Engineer"],
            [None, "Clerk"],
        ),
        ("attribute", f"user Ann ({ann}): department", None, [None, "Sales"]),
        ("change", f"user Eve ({eve})", "update", None),
        (
            "members",
            f"group All Staff ({staff}): members",
            {"add": [], "remove": []},
            {"add": [anchor], "remove": []},
        ),
        ("change", "user Bob (uid=bob,ou=users,dc=contoso,dc=com)", None, "add"),
    ]
    assert world.cloud["Ann"]["jobTitle"] is None


def test_a_refused_plan_leaves_no_trace(world):
    world.user("ann")
    plan = plan_of(world)
    world.user("bob")
    before = list(world.parts.space._database.conn.iterdump())

    with pytest.raises(PlanRefused):
        apply(world, plan)

    assert list(world.parts.space._database.conn.iterdump()) == before


def test_a_tenant_that_changed_is_refused_where_it_matters(world):
    world.user("ann", upn=JOE)
    plan = plan_of(world)
    world.tenant.administrator.add(
        "user", {"displayName": "Cloud", "userPrincipalName": "cloud@contoso.com"}
    )

    assert differences(world, plan) == []

    world.tenant.administrator.add(
        "group",
        {"displayName": "Taken", "mailNickname": "taken", "proxyAddresses": [f"SMTP:{JOE}"]},
    )
    world.directory.modify("uid=ann,ou=users,dc=contoso,dc=com", proxyAddresses=[f"SMTP:{JOE}"])
    with pytest.raises(PlanRefused):
        apply(world, plan)

    assert differences(world, plan)[-1][0] == "error"


def test_a_membership_is_part_of_the_plan(world):
    ann, bob = world.user("ann"), world.user("bob")
    staff = world.group("staff", [ann])
    world.sync()
    world.directory.modify(staff, member=[bob])
    plan = plan_of(world)
    eve = world.user("eve")
    world.directory.remove(eve)
    world.directory.modify(staff, member=[ann, bob])

    with pytest.raises(PlanRefused):
        apply(world, plan)


def test_a_plan_is_applied_once(world):
    ann = world.user("ann")
    plan = plan_of(world)
    apply(world, plan)
    world.directory.remove(ann)
    world.user("eve")
    world.sync("initial")

    with pytest.raises(PlanRefused, match="applied already"):
        apply(world, plan)


def test_what_a_cycle_did_before_is_not_done_again(world):
    world.user("ann")
    plan = plan_of(world)
    world.sync()

    with pytest.raises(PlanRefused, match="something else"):
        apply(world, plan)

    assert differences(world, plan) == [
        ("change", "user Ann (uid=ann,ou=users,dc=contoso,dc=com)", "add", None)
    ]


def test_a_guard_lets_through_what_the_plan_shows(world):
    staged(world)
    plan = plan_of(world)

    run = apply(world, plan)

    assert [stop["result"] for stop in plan.guards] == ["stopped-import-shrunk"]
    assert plan.result == "stopped-import-shrunk"
    assert (run.result, len(world.cloud)) == ("success", 5)


def test_a_guard_stops_what_the_plan_does_not_show(world):
    world.user("zoe")
    plan = plan_of(world)
    staged(world)

    with pytest.raises(PlanRefused):
        apply(world, plan)

    assert [one[0] for one in differences(world, plan)][-1] == "guard"
    assert len(world.cloud) == 21


def test_nothing_is_exported_where_the_directory_changes_after_the_comparison(world, monkeypatch):
    world.user("ann")
    plan = plan_of(world)
    taking = world.parts.space.import_from

    def change_first(*args, **kwargs):
        world.user("late")
        return taking(*args, **kwargs)

    monkeypatch.setattr(world.parts.space, "import_from", change_first)

    run = apply(world, plan)

    assert (run.result, run.result.exit_code) == ("stopped-plan-differs", 3)
    assert run.next == ("nothing was exported; make the plan anew: connector sync --plan FILE",)
    assert world.cloud == {}


def test_a_plan_waits_for_the_end_of_staging_mode(world_with):
    world = world_with(schedule={"staging_mode": True})
    world.user("ann")
    plan = plan_of(world)
    with pytest.raises(PlanRefused, match="staging_mode"):
        apply(world, plan)
    world.settings = world.settings.model_copy(
        update={"schedule": world.settings.schedule.model_copy(update={"staging_mode": False})}
    )
    world.restart()

    apply(world, plan)

    assert set(world.cloud) == {"Ann"}


def test_other_settings_are_named_where_they_make_a_difference(world_with):
    world = world_with(directory={"exclude": []})
    world.user("ann")
    plan = plan_of(world)
    directory = world.settings.directory
    world.settings = world.settings.model_copy(
        update={"directory": directory.model_copy(update={"timeout": directory.timeout * 2})}
    )

    assert differences(world, plan) == []

    world.settings = world.settings.model_copy(
        update={
            "directory": directory.model_copy(update={"exclude": ("ou=users,dc=contoso,dc=com",)})
        }
    )

    assert [one[:2] for one in differences(world, plan)] == [
        ("change", "user Ann (uid=ann,ou=users,dc=contoso,dc=com)"),
        ("setting", "directory.exclude"),
    ]


# --- the file -------------------------------------------------------------------------------------


def test_a_file_is_for_its_user_alone_and_reads_as_it_was_written(world, tmp_path):
    world.user("ann", displayName="Jürgen \u202e")
    plan = plan_of(world)
    file = tmp_path / "plan.json"

    plan_file.write(file, plan)

    assert plan_file.load(file) == plan
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("*plan*")] == ["plan.json"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[:-20], "is not whole"),
        (lambda text: text.replace('"Ann"', '"Bob"'), "changed or damaged"),
        (lambda text: text.replace('"format": 1', '"format": 2'), "another version"),
        (lambda _: "", "is not whole"),
        (lambda _: "[]", "not a plan"),
        (lambda _: "{}", "not a plan"),
        (lambda _: "[" * 100_000, "is not whole"),
    ],
)
def test_a_damaged_file_is_refused(world, tmp_path, damage, message):
    world.user("ann")
    file = tmp_path / "plan.json"
    plan_file.write(file, plan_of(world))
    file.write_text(damage(file.read_text()))

    with pytest.raises(PlanUnusable, match=message):
        plan_file.load(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(PlanUnusable, match="No such file"):
        plan_file.load(tmp_path / "plan.json")


def test_only_a_plan_is_replaced_by_a_plan(world, tmp_path):
    plan, other = tmp_path / "plan.json", tmp_path / "connector.toml"
    other.write_text("[directory]\n")
    plan_file.write(plan, plan_of(world))

    plan_file.refuse_other_file(plan)
    plan_file.refuse_other_file(tmp_path / "new.json")

    for there in (other, tmp_path):
        with pytest.raises(PlanUnusable, match="not a plan"):
            plan_file.refuse_other_file(there)


def test_a_plan_that_cannot_be_written_leaves_the_old_one(world, tmp_path):
    file = tmp_path / "plan.json"
    plan_file.write(file, plan_of(world))
    before = file.read_text()

    with pytest.raises(PlanUnusable, match="No plan was written"):
        plan_file.write(tmp_path / "nowhere" / "plan.json", plan_of(world))

    assert file.read_text() == before


def test_a_plan_of_another_tenant_or_place_is_refused(world, tmp_path):
    world.user("ann")
    plan = plan_of(world)
    ours = world.tenant.position()
    moved = replace(plan, storage="/elsewhere")

    plan_file.refuse_other_place(tmp_path, plan, world.settings, ours)
    plan_file.refuse_other_place(tmp_path, moved, world.settings, ours)

    with pytest.raises(PlanUnusable, match="another tenant"):
        plan_file.refuse_other_place(tmp_path, plan, world.settings, f"other{ours}")
    with pytest.raises(PlanUnusable, match="/elsewhere"):
        plan_file.refuse_other_place(tmp_path, moved, world.settings, None)


def test_a_plan_holds_no_password(world_with):
    world = world_with(directory={"bind_dn": "cn=reader", "password": "s3cret"})
    plan = plan_of(world)

    assert [key for key in plan.settings if "password" in key] == [
        "directory.password_file",
        "tenant.database_password_file",
    ]
    assert "s3cret" not in json.dumps(plan.settings)
