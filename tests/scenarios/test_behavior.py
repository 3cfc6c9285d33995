"""The seed's section "Behavior with Duplicate Attribute Resiliency", sentence by sentence.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from connector.model import ObjectType, SyncObject, SyncOperation
from connector.run import Counts
from tests import folding

PLACEHOLDER = re.compile(r"joe\d{4}@contoso\.onmicrosoft\.com")


def ann_then_bob(world, **bob):
    """Ann has the UPN that Bob, who comes later, wants too."""
    world.user("ann", upn="joe@contoso.com")
    world.sync()
    world.user("bob", **{"upn": "joe@contoso.com", **bob})
    return world.sync()


def test_upn_and_proxy_addresses_are_unique_across_users_groups_and_contacts(world):
    """These two attributes are required to be unique across all User, Group, or Contact objects."""
    ann = world.user("ann", proxies=["SMTP:info@contoso.com"])
    world.sync()
    world.group("desk", [ann], ["SMTP:desk@contoso.com", "smtp:info@contoso.com"])
    world.contact("carla", "info@contoso.com")
    world.user("bob", upn="ann@contoso.com")

    world.sync()

    addresses = [
        folding.address(address)
        for item in world.cloud.values()
        for address in item["proxyAddresses"]
    ]
    upns = [
        folding.text(item["userPrincipalName"])
        for n, item in world.cloud.items()
        if n in ("Ann", "Bob")
    ]
    assert addresses.count("info@contoso.com") == 1
    assert len(set(upns)) == len(upns) == 2


def test_only_users_can_have_upns(world):
    """Only Users can have UPNs."""
    ann = world.user("ann")
    world.group("staff", [ann], userPrincipalName="staff@contoso.com")
    world.contact("carla", "carla@fabrikam.com", userPrincipalName="carla@contoso.com")

    world.sync()

    assert {n for n, item in world.cloud.items() if item.get("userPrincipalName")} == {"Ann"}


def test_a_duplicate_does_not_fail_the_object_but_is_quarantined(world):
    """Instead of completely failing to provision or update an object with a duplicate attribute,
    Azure Active Directory "quarantines" the duplicate attribute which would violate the uniqueness
    constraint."""
    ann_then_bob(world, title="Engineer")

    assert world.cloud["Bob"]["jobTitle"] == "Engineer"
    assert world.quarantined("Bob") == ["joe@contoso.com"]


def test_an_update_with_a_duplicate_goes_through_without_it(world):
    """Instead of completely failing to provision or update an object with a duplicate attribute ..."""
    world.user("ann", proxies=["SMTP:info@contoso.com"])
    bob = world.user("bob", proxies=["SMTP:bob@contoso.com"])
    world.sync()
    world.directory.modify(
        bob, title="Engineer", proxyAddresses=["SMTP:bob@contoso.com", "smtp:info@contoso.com"]
    )

    world.sync()

    assert world.cloud["Bob"]["jobTitle"] == "Engineer"
    assert world.cloud["Bob"]["proxyAddresses"] == ["SMTP:bob@contoso.com"]
    assert world.quarantined("Bob") == ["smtp:info@contoso.com"]


def test_only_upn_and_smtp_addresses_are_handled(world):
    """The attribute resiliency process handles only UPN and SMTP ProxyAddresses values."""
    world.user("ann", proxies=["SIP:joe@contoso.com"], mailNickname="joe", employeeID="7")
    world.sync()
    world.user("bob", proxies=["sip:joe@contoso.com"])
    world.user("eve", mailNickname="joe", employeeID="7")

    world.sync()

    [error] = world.errors()
    assert (error["kind"], error["error"]) == ("export", "AttributeValueMustBeUnique")
    assert set(world.cloud) == {"Ann", "Eve"}
    assert world.quarantined("Eve") == []


def test_a_required_attribute_gets_a_placeholder(world):
    """If this attribute is required for provisioning, like UserPrincipalName, the service assigns a
    placeholder value. The format of these temporary values is
    <OriginalPrefix>+<4DigitNumber>@<InitialTenantDomain>.onmicrosoft.com."""
    ann_then_bob(world)

    assert PLACEHOLDER.fullmatch(world.cloud["Bob"]["userPrincipalName"])


def test_the_plus_of_the_format_can_be_read_literally(world_with):
    """<OriginalPrefix>+<4DigitNumber>@<InitialTenantDomain>.onmicrosoft.com"""
    world = world_with(tenant={"placeholder_separator": "+"})

    ann_then_bob(world)

    assert re.fullmatch(
        r"joe\+\d{4}@contoso\.onmicrosoft\.com", world.cloud["Bob"]["userPrincipalName"]
    )


def test_an_attribute_that_is_not_required_is_simply_left_out(world):
    """If the attribute is not required, like ProxyAddresses, Azure Active Directory simply quarantines
    the conflict attribute and proceeds with the object creation or update."""
    world.contact("carla", "info@contoso.com")
    world.sync()
    world.user("bob", proxies=["smtp:info@contoso.com"])

    world.sync()

    assert world.cloud["Bob"]["userPrincipalName"] == "bob@contoso.com"
    assert world.cloud["Bob"]["proxyAddresses"] == []
    assert world.quarantined("Bob") == ["smtp:info@contoso.com"]


def test_the_error_is_reported_on_the_first_attempt_only(world):
    """Upon quarantining the attribute, since the export for this object has succeeded, the sync client
    only reports an error on the first attempt ..."""
    first = ann_then_bob(world)

    second, third = world.sync(), world.sync()

    assert [run.result for run in (first, second, third)] == [
        "completed-export-errors",
        "success",
        "success",
    ]
    [event] = world.logged("export.quarantined")
    assert (event["name"], event["attribute"], event["value"], event["held_by"]) == (
        "Bob",
        "UserPrincipalName",
        "joe@contoso.com",
        "Ann",
    )


def test_the_object_is_not_exported_again_in_later_cycles(world):
    """... and does not retry the create / update operation upon subsequent sync cycles."""
    ann_then_bob(world)

    export = world.sync().steps[-1]

    assert export.counts == Counts()


def test_a_full_synchronization_does_not_report_the_error_again(world):
    """... only reports an error on the first attempt ..."""
    ann_then_bob(world)

    run = world.sync("initial")

    assert run.result == "success"
    assert len(world.logged("export.quarantined")) == 1


@pytest.mark.parametrize("kind", ["user", "group", "contact"])
def test_the_new_attribute_is_on_users_groups_and_contacts(world, kind):
    """To support this behavior a new attribute has been introduced to the User, Group, and Contact
    object classes: DirSyncProvisioningErrors"""
    ann = world.user("ann", proxies=["SMTP:info@contoso.com"])
    world.sync()
    match kind:
        case "user":
            world.user("late", proxies=["smtp:info@contoso.com"])
        case "group":
            world.group("late", [ann], ["SMTP:late@contoso.com", "smtp:info@contoso.com"])
        case "contact":
            world.contact("late", "info@contoso.com")

    world.sync()

    [error] = world.cloud["Late"]["onPremisesProvisioningErrors"]
    assert (error["category"], error["propertyCausingError"]) == (
        "PropertyConflict",
        "ProxyAddresses",
    )
    assert error["value"].lower() == "smtp:info@contoso.com"


def test_the_attribute_holds_several_conflicting_values(world):
    """This is a multi-valued attribute that is used to store the conflicting attributes that would
    violate the uniqueness constraint should they be added normally."""
    addresses = ["smtp:one@contoso.com", "smtp:two@contoso.com"]
    world.user("ann", upn="joe@contoso.com", proxies=addresses)
    world.sync()
    world.user("bob", upn="joe@contoso.com", proxies=addresses)

    world.sync()

    assert sorted(world.quarantined("Bob")) == sorted(["joe@contoso.com", *addresses])


def test_the_hourly_task_gives_a_resolved_value_back(world):
    """A background timer task has been enabled in Azure Active Directory that runs every hour to look
    for duplicate attribute conflicts that have been resolved, and automatically removes the attributes
    in question from quarantine."""
    ann_then_bob(world)
    world.directory.remove("uid=ann,ou=users,dc=contoso,dc=com")
    world.sync()
    waiting = world.cloud["Bob"]["userPrincipalName"]

    world.sweep()

    assert PLACEHOLDER.fullmatch(waiting)
    assert world.cloud["Bob"]["userPrincipalName"] == "joe@contoso.com"
    assert world.quarantined("Bob") == []


def test_the_task_leaves_a_conflict_that_stands(world):
    """... to look for duplicate attribute conflicts that have been resolved ..."""
    ann_then_bob(world)

    world.sweep()

    assert world.quarantined("Bob") == ["joe@contoso.com"]


def test_a_value_given_back_needs_no_export_and_makes_none(world):
    """... the timer task sweeps through the tenant on the service-side to automatically add the
    attribute in question to the proper object ..."""
    ann_then_bob(world)
    world.directory.modify(
        "uid=ann,ou=users,dc=contoso,dc=com", userPrincipalName="ann@contoso.com"
    )
    world.sync()
    world.sweep()

    run = world.sync()

    assert run.result == "success"
    assert run.steps[-1].counts.updates == 0
    assert world.cloud["Bob"]["userPrincipalName"] == "joe@contoso.com"


def test_who_waited_longest_gets_the_value(world):
    """... to automatically add the attribute in question to the proper object ..."""
    ann = world.user("ann", proxies=["SMTP:info@contoso.com"])
    world.sync()
    world.user("zoe", proxies=["smtp:info@contoso.com"])
    world.sync()
    world.user("bob", proxies=["smtp:info@contoso.com"])
    world.sync()
    world.directory.modify(ann, proxyAddresses=["SMTP:ann@contoso.com"])
    world.sync()

    world.sweep()

    assert world.cloud["Zoe"]["proxyAddresses"] == ["smtp:info@contoso.com"]
    assert world.quarantined("Bob") == ["smtp:info@contoso.com"]


def test_who_waits_keeps_the_turn_whatever_else_changes(world):
    """... to automatically add the attribute in question to the proper object ..."""
    ann = world.user("ann", proxies=["SMTP:info@contoso.com"])
    world.sync()
    zoe = world.user("zoe", proxies=["smtp:info@contoso.com"])
    world.sync()
    world.user("bob", proxies=["smtp:info@contoso.com"])
    world.sync()
    [before] = world.cloud["Zoe"]["onPremisesProvisioningErrors"]
    world.directory.modify(zoe, title="Engineer")
    world.sync()
    [after] = world.cloud["Zoe"]["onPremisesProvisioningErrors"]
    world.directory.modify(ann, proxyAddresses=[])
    world.sync()

    world.sweep()

    assert after == before
    assert world.quarantined("Zoe") == []
    assert world.quarantined("Bob") == ["smtp:info@contoso.com"]


def test_any_client_gets_the_behavior(world):
    """The new behavior that this feature enables is in the cloud portion of the sync pipeline, therefore
    it is client agnostic and relevant for any Microsoft synchronization product."""
    names = {"first": "Ann", "second": "Bob"}
    results = [
        world.tenant.export(
            f"another client's batch {anchor}",
            [
                SyncObject(
                    ObjectType.USER,
                    SyncOperation.SET,
                    anchor,
                    {"displayName": name, "userPrincipalName": "joe@contoso.com"},
                )
            ],
        )
        for anchor, name in names.items()
    ]

    assert [result.code for [result] in results] == ["Success", "Success"]
    assert world.quarantined("Bob") == ["joe@contoso.com"]
    assert PLACEHOLDER.fullmatch(world.cloud["Bob"]["userPrincipalName"])


# --- Old behavior ---------------------------------------------------------------------------------


def test_old_a_conflicting_object_was_blocked_from_being_created(world_with):
    """Previsously, if there was an attempt to provision a new object with a UPN or ProxyAddress value
    that violated this uniqueness constraint, Azure Active Directory blocked that object from being
    created."""
    world = world_with(tenant={"resiliency": False})

    ann_then_bob(world)

    assert set(world.cloud) == {"Ann"}


def test_old_a_conflicting_update_failed_as_a_whole(world_with):
    """Similarly, if an object was updated with a non-unique UPN or ProxyAddress, the update would
    fail."""
    world = world_with(tenant={"resiliency": False})
    world.user("ann")
    bob = world.user("bob")
    world.sync()
    world.directory.modify(bob, userPrincipalName="ann@contoso.com", title="Engineer")

    world.sync()

    assert world.cloud["Bob"]["userPrincipalName"] == "bob@contoso.com"
    assert world.cloud["Bob"].get("jobTitle") is None


def test_old_the_attempt_was_repeated_and_logged_at_each_export_until_resolved(world_with):
    """The provisioning attempt or update was retried by the sync client upon each export cycle, and
    continued to fail until the conflict was resolved. An error report email was generated upon each
    attempt and an error was logged by the sync client."""
    world = world_with(tenant={"resiliency": False})
    ann_then_bob(world)
    world.sync()
    world.directory.remove("uid=ann,ou=users,dc=contoso,dc=com")

    last = world.sync()

    assert [event["attempt"] for event in world.logged("export.failed")] == [1, 2]
    assert last.result == "success"
    assert world.cloud["Bob"]["userPrincipalName"] == "joe@contoso.com"


# --- Known issues ---------------------------------------------------------------------------------


def joes(world):
    """A group has the address that the new user Joe wants as UPN and proxy address."""
    ann = world.user("ann")
    world.group("joes", [ann], ["SMTP:Joe@contoso.com"])
    world.sync()
    world.user("joe", upn="Joe@contoso.com", proxies=["smtp:Joe@contoso.com"])
    return [world.sync() for _ in range(3)]


def test_known_issue_a_user_whose_upn_and_proxy_a_group_holds_gets_a_hard_error(world):
    """Upon export, a ProxyAddress conflict error is thrown instead of having the conflict attributes
    quarantined. The operation is retried upon each subsequent sync cycle, as it would have been before
    the resiliency feature was enabled."""
    runs = joes(world)

    [error] = world.errors()
    assert {run.result for run in runs} == {"completed-export-errors"}
    assert (error["error"], error["propertyCausingError"], error["attempts"]) == (
        "AttributeValueMustBeUnique",
        "ProxyAddresses",
        3,
    )
    assert "Joe" not in world.cloud


def test_known_issue_one_switched_off_quarantines_the_address(world_with):
    """... instead of having the conflict attributes quarantined."""
    world = world_with(tenant={"known_issues": []})

    runs = joes(world)

    assert [run.result for run in runs] == ["completed-export-errors", "success", "success"]
    assert world.quarantined("Joe") == ["smtp:Joe@contoso.com"]


def red_and_blue(world):
    """Two groups are created with the same address."""
    ann = world.user("ann")
    world.sync()
    world.group("red", [ann], ["SMTP:team@contoso.com"])
    world.group("blue", [ann], ["SMTP:team@contoso.com"])
    return world.sync()


def test_known_issue_the_second_of_two_groups_fails_on_its_first_attempt(world):
    """If two Groups are created on-premises with the same SMTP address, one fails to provision on the
    first attempt with a standard duplicate ProxyAddress error."""
    red_and_blue(world)

    [error] = world.errors()
    assert (error["kind"], error["error"]) == ("export", "AttributeValueMustBeUnique")
    assert {"Red"} == {"Red", "Blue"} & set(world.cloud)


def test_known_issue_the_second_group_is_quarantined_in_the_next_cycle(world):
    """However, the provisioning of the Group with duplicate value is properly quarantined upon the
    next sync cycle."""
    red_and_blue(world)

    world.sync()

    assert {"Red", "Blue"} <= set(world.cloud)
    assert world.quarantined("Blue") == ["SMTP:team@contoso.com"]
    assert len(world.logged("export.failed")) == len(world.logged("export.quarantined")) == 1


def test_known_issue_two_switched_off_quarantines_at_once(world_with):
    """... one fails to provision on the first attempt ..."""
    world = world_with(tenant={"known_issues": []})

    red_and_blue(world)

    assert world.quarantined("Blue") == ["SMTP:team@contoso.com"]
    assert world.logged("export.failed") == []


def test_none_of_the_known_issues_loses_data(world):
    """None of these known issues causes data loss or service degradation."""
    joes(world)
    world.directory.modify(
        "cn=joes,ou=groups,dc=contoso,dc=com", proxyAddresses=["SMTP:joes@contoso.com"]
    )

    world.time += timedelta(hours=1)
    world.sync()

    assert world.cloud["Joe"]["userPrincipalName"] == "Joe@contoso.com"
    assert world.cloud["Joe"]["proxyAddresses"] == ["smtp:Joe@contoso.com"]
    assert world.errors() == []
