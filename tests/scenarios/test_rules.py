"""Rules of the user's own beside the default rules, from the directory to the cloud."""

from __future__ import annotations

import pytest

from connector.operations.rehearsal import rehearse
from connector.run import RunResult
from connector.settings.rules import RuleSettings


def rule(*flows, name="Mine", precedence=50, kind="user", scope=()):
    given = {"name": name, "from": kind, "precedence": precedence, "scope": scope, "flows": flows}
    return RuleSettings.model_validate(given)


def says(to, value, **more):
    return {"to": to, "value": value, **more}


def follow(world, *rules, **sync):
    """Let these rules, and no others, hold from the next cycle on."""
    new = {"rules": rules, "sync": world.settings.sync.model_copy(update=sync)}
    world.settings = world.settings.model_copy(update=new)
    world.restart()


def seen(world, name, *properties):
    return [world.cloud[name][each] for each in properties]


# --- five cases of a document: change the configuration of a sync -------------------------------


def test_a_name_is_written_in_proper_case(world):
    world.user("ann", givenName="anne MARIE")
    follow(world, rule(says("givenName", "PCase([givenName])")))

    world.sync()

    assert seen(world, "Ann", "givenName") == ["Anne Marie"]


def test_latin_letters_come_from_other_attributes(world):
    world.user(
        "ann", sn="Λη", givenName="Άννα", extensionAttribute1="Li", extensionAttribute2="Anna"
    )
    follow(
        world,
        rule(
            {"to": "sn", "from": "extensionAttribute1"},
            {"to": "givenName", "from": "extensionAttribute2"},
        ),
    )

    world.sync()

    assert seen(world, "Ann", "surname", "givenName") == ["Li", "Anna"]


def test_an_attribute_does_not_flow(world):
    world.user("ann", extensionAttribute1="one", extensionAttribute2="two")
    follow(world, rule(says("extensionAttribute1", "AuthoritativeNull")))

    world.sync()

    found = world.cloud["Ann"]["onPremisesExtensionAttributes"]
    assert found == {"extensionAttribute2": "two"}


def test_addresses_of_a_kind_do_not_flow(world):
    addresses = ["SMTP:ann@contoso.com", "SIP:ann@contoso.com", "smtp:a@contoso.com"]
    world.user("ann", proxies=addresses)
    value = 'IIF(InStr([proxyAddresses],"SIP:")=1,NULL,[proxyAddresses])'
    follow(world, rule(says("proxyAddresses", value)))

    world.sync()

    assert seen(world, "Ann", "proxyAddresses") == [["SMTP:ann@contoso.com", "smtp:a@contoso.com"]]


def test_guests_are_told_from_members(world):
    world.user("ann", mail="ann@partners.contoso.com")
    world.user("bob", mail="bob@contoso.com")
    value = 'IIF(InStr([mail],"@partners.")>0,"Guest","Member")'
    follow(world, rule(says("userType", value)))

    world.sync()

    assert [*seen(world, "Ann", "userType"), *seen(world, "Bob", "userType")] == ["Guest", "Member"]


# --- rules that come and go ---------------------------------------------------------------------


def test_a_rule_that_is_added_and_removed_ends_where_it_began(world):
    world.user("ann", givenName="anne", extensionAttribute1="one", mail="ann@contoso.com")
    world.group("team", givenName="x")
    world.sync()
    before = world.cloud

    follow(
        world,
        rule(
            says("givenName", "AuthoritativeNull"),
            says("extension_badge", '"B7"'),
            says("extensionAttribute2", '"two"'),
            {"to": "proxyAddresses", "from": "mail", "merge": "Merge"},
        ),
        rule(says("displayName", '[cn] & "!"'), name="Groups", kind="group"),
        disabled_rules=("In from AD - User Exchange",),
    )
    world.sync()
    between = world.cloud
    follow(world, disabled_rules=())
    world.sync()

    assert between["Ann"]["extension_badge"] == "B7"
    assert without_times(world.cloud) == without_times(before)


def without_times(cloud):
    return {
        name: {key: value for key, value in item.items() if key != "onPremisesLastSyncDateTime"}
        for name, item in cloud.items()
    }


def test_a_changed_rule_is_one_full_synchronization(world):
    world.user("ann")
    world.user("bob")
    world.sync()
    follow(world, rule({"to": "companyName", "constant": "Contoso"}))

    runs = [world.sync() for _ in range(2)]

    assert [step.counts.updates for run in runs for step in run.steps if step.name == "export"] == [
        2,
        0,
    ]


def test_objects_of_a_delta_follow_the_rules_like_those_of_a_first_sync(world):
    follow(world, rule(says("companyName", 'IIF([title]="x",IgnoreThisFlow,[department])')))
    ann = world.user("ann", department="IT")
    world.sync()

    world.directory.modify(ann, department="HR")
    world.sync()
    changed = seen(world, "Ann", "companyName")
    world.directory.modify(ann, department="Sales", title="x")
    world.sync()

    assert [*changed, *seen(world, "Ann", "companyName", "jobTitle")] == ["HR", "HR", "x"]


# --- once ---------------------------------------------------------------------------------------


def once(value):
    return rule({"to": "usageLocation", "constant": value, "once": True})


def test_once_is_for_those_who_are_new_and_a_restored_user_is_not(world):
    world.user("eve")
    world.sync()
    follow(world, once("DE"))
    ann = world.user("ann")
    world.sync()

    follow(world, once("FR"))
    world.user("bob")
    world.directory.modify(ann, description="User_x", adminDescription="User_1")
    world.sync()
    assert set(world.cloud) == {"Bob", "Eve"}
    world.directory.modify(ann, adminDescription=None)
    world.sync()

    found = {name: item["usageLocation"] for name, item in world.cloud.items()}
    assert found == {"Ann": "DE", "Bob": "FR", "Eve": None}


# --- errors and filtering -----------------------------------------------------------------------


def test_an_object_that_a_rule_fails_for_keeps_what_the_cloud_has(world):
    ann = world.user("ann", department="IT")
    world.user("bob", department="IT")
    follow(world, rule(says("department", 'IIF([title]="x",Error("no x"),[department])')))
    world.sync()
    world.directory.modify(ann, department="HR", title="x")

    world.sync()
    failed = world.errors(kind="synchronization")
    kept = seen(world, "Ann", "department", "jobTitle")
    world.directory.modify(ann, title="y")
    world.sync()

    assert [(row["error"], row["message"]) for row in failed] == [
        (
            "sync-rule-error-function-triggered",
            "no x (rule 'Mine', department); correct the object, or the rule",
        )
    ]
    assert kept == ["IT", None]
    assert seen(world, "Ann", "department", "jobTitle") == ["HR", "y"]


def test_cloud_filtered_leaves_an_object_out_by_the_name_of_its_rule(world):
    world.user("ann", title="Secret")
    world.user("bob")
    follow(world, rule(says("cloudFiltered", 'IIF([title]="Secret",True,NULL)'), name="No secrets"))

    world.sync()

    assert set(world.cloud) == {"Bob"}
    assert [(one.reason, one.count) for one in world.parts.space.excluded.counts()] == [
        ("No secrets", 1)
    ]


def test_a_rule_that_would_take_more_than_half_of_the_users_out_is_stopped(world):
    for number in range(20):
        world.user(f"u{number}", title="Temp" if number < 11 else "")
    world.sync()
    follow(world, rule(says("cloudFiltered", 'IIF([title]="Temp",True,NULL)'), name="No temps"))

    rehearsed = rehearse(world.settings, directory=world.directory).run.result
    stopped = world.sync().result

    assert rehearsed is stopped is RunResult.STOPPED_DELETION_THRESHOLD_EXCEEDED
    assert (stopped.exit_code, len(world.cloud)) == (3, 20)


def test_a_failing_cloud_filtered_names_the_attribute_that_it_asked_for(world):
    world.user("ann", title="Secret")
    follow(world, rule(says("cloudFiltered", 'IIF([title]="Secret",Error("which?"),NULL)')))

    world.sync()

    assert [
        (row["error"], row["propertyCausingError"], row["message"]) for row in world.errors()
    ] == [
        (
            "sync-rule-error-function-triggered",
            "title",
            "which? (rule 'Mine', cloudFiltered); correct the object, or the rule",
        )
    ]


@pytest.mark.parametrize("kind", ["group", "contact"])
def test_groups_and_contacts_have_rules_too(world, kind):
    world.group("team")
    world.contact("partner", "SMTP:p@fabrikam.com", mail="p@fabrikam.com")
    name = {"group": "Team", "contact": "Partner"}[kind]
    follow(world, rule(says("extension_code", "UCase([cn])"), kind=kind))

    world.sync()

    assert world.cloud[name]["extension_code"] == name.upper()


def test_an_attribute_that_no_rule_reads_any_more_is_lost_to_nobody(world):
    for number in range(20):
        world.user(f"u{number:02}", carLicense="B 1")
    follow(world, rule({"to": "companyName", "from": "carLicense"}))
    world.sync()
    follow(world)

    run = world.sync("initial")

    assert (run.result, seen(world, "U07", "companyName")) == ("success", [None])


def test_a_value_that_is_not_utf_8_is_octets_to_a_rule(world):
    world.user("ann", roomNumber=b"\xff\xfe")
    world.user("bob", roomNumber="12")
    world.user("eve", roomNumber=b"\xff")
    follow(
        world,
        rule(
            says("extension_room", "ConvertToBase64([roomNumber])"),
            says("cloudFiltered", 'IIF(ConvertToBase64([roomNumber])="/w==",True,NULL)'),
            scope=("roomNumber ISNOTNULL",),
        ),
    )

    world.sync()

    assert {name: item["extension_room"] for name, item in world.cloud.items()} == {
        "Ann": "//4=",
        "Bob": "MQAyAA==",
    }


def test_octets_do_not_flow_to_a_text(world):
    world.user("ann", roomNumber=b"\xff\xfe")
    follow(world, rule({"to": "city", "from": "roomNumber"}))

    world.sync()

    assert [(row["error"], row["message"]) for row in world.errors()] == [
        (
            "sync-rule-flow-failed",
            "a value of 2 octets is not a text (rule 'Mine', city); correct the object, or the rule",
        )
    ]
