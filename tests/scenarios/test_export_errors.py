"""Errors that fail an object: each is retried and reported at every cycle, and stops nothing else."""

from __future__ import annotations

from typing import Any

import pytest

INVALID = (
    "Unable to update this object in Azure Active Directory, because the attribute [{}], is not valid. "
    "Update the value in your local directory services."
)
TOO_LARGE = (
    "The provisioned object is too large. Trim the number of attribute values on this object. The "
    "operation will be retried in the next synchronization cycle."
)
TOO_LONG = (
    "Unable to update this object, because the attribute [GivenName] is longer than 64 characters."
)
DUPLICATE = (
    "Unable to update this object because the following attributes associated with this object have "
    "values that may already be associated with another object in your local directory services: "
    "[SipProxyAddress SIP:ann@contoso.com;]. Correct or remove the duplicate values in your local "
    "directory."
)
TAKEN = "Another cloud created object with the same source anchor already exists in Azure Active Directory"
ANCHOR = "QkJCQkJCQkJCQkJCQkJCQg=="


# Each makes Joe fail, and returns what makes him pass.


def given(**wrong):
    def make(world):
        dn = world.user("joe")
        world.directory.modify(dn, **wrong)
        right: dict[str, Any] = {name: [] for name in wrong}
        if "userPrincipalName" in wrong:
            right["userPrincipalName"] = ["joe@contoso.com"]
        return lambda: world.directory.modify(dn, **right)

    return make


def moved_between_federated_domains(world):
    dn = world.user("joe")
    world.sync()
    for name in ("contoso.com", "fabrikam.com"):
        world.tenant.administrator.set_domain(name, verified=True, federated=True)
    world.directory.modify(dn, userPrincipalName=["joe@fabrikam.com"])
    return lambda: world.tenant.administrator.set_domain("fabrikam.com", verified=True)


def with_the_anchor_of_an_administrator(world):
    cloud = {"displayName": "Cloud", "userPrincipalName": "cloud@contoso.com"}
    given_ = cloud | {"onPremisesImmutableId": ANCHOR}
    identity = world.tenant.administrator.add("user", given_, admin_role=True)["id"]
    world.user("joe", **{"mS-DS-ConsistencyGuid": b"B" * 16})
    return lambda: world.tenant.administrator.change(identity, {}, admin_role=False)


def refused_the_cloud_user_with_its_anchor(world):
    cloud = {"displayName": "Cloud", "userPrincipalName": "cloud@contoso.com"}
    administrator = world.tenant.administrator
    administrator.add("user", cloud | {"onPremisesImmutableId": ANCHOR})
    block = "BlockCloudObjectTakeoverThroughHardMatch"
    administrator.set_feature(block, enabled=True)
    world.user("joe", **{"mS-DS-ConsistencyGuid": b"B" * 16})
    return lambda: administrator.set_feature(block, enabled=False)


@pytest.mark.parametrize(
    ("error", "text", "fail"),
    [
        pytest.param(error, text, fail, id=error)
        for error, text, fail in (
            (
                "IdentityDataValidationFailed",
                INVALID.format("UserPrincipalName"),
                given(userPrincipalName=["joe+x@contoso.com"]),
            ),
            (
                "LargeObject",
                TOO_LARGE,
                given(proxyAddresses=[f"smtp:joe{number}@contoso.com" for number in range(333)]),
            ),
            ("ExceededAllowedLength", TOO_LONG, given(givenName=["x" * 65])),
            (
                "AttributeValueMustBeUnique",
                DUPLICATE,
                given(proxyAddresses=["SIP:ann@contoso.com"]),
            ),
            (
                "FederatedDomainChangeError",
                INVALID.format("FederatedUser.UserPrincipalName"),
                moved_between_federated_domains,
            ),
            ("InvalidHardMatch", TAKEN, refused_the_cloud_user_with_its_anchor),
            (
                "InvalidHardMatch",
                "that user holds an administrator role",
                with_the_anchor_of_an_administrator,
            ),
        )
    ],
)
def test_it_is_retried_and_told_at_every_cycle_until_it_is_repaired(world, error, text, fail):
    """docs/sources.md 2.2: "Retried? yes"; no object waits for another one's error."""
    world.user("ann", proxies=["SIP:ann@contoso.com"])
    repair = fail(world)
    world.user("eve")

    failing = [world.sync().result for _ in range(3)]
    told = [(event["error"], event["attempt"]) for event in world.logged("export.failed")]
    messages = {event["message"] for event in world.logged("export.failed")}
    rows = [(row["kind"], row["error"]) for row in world.errors()]
    names = {"Ann", "Eve"} <= set(world.cloud)
    repair()
    repaired = world.sync()

    assert failing == ["completed-export-errors"] * 3
    assert told == [(error, attempt) for attempt in (1, 2, 3)]
    assert [message for message in messages if text not in message] == []
    assert rows == [("export", error)]
    assert names
    assert repaired.result == "success"
    assert "Joe" in world.cloud
    assert world.errors() == []


def test_while_an_object_is_too_large_no_other_change_of_it_is_exported(world):
    """docs/sources.md 2.2: "until fixed NO other change of that object is exported"."""
    dn = world.user("joe", title="Old")
    world.sync()

    proxies = [f"smtp:joe{number}@contoso.com" for number in range(333)]
    world.directory.modify(dn, proxyAddresses=proxies, title="New")
    world.sync()

    assert world.cloud["Joe"]["jobTitle"] == "Old"
    assert world.cloud["Joe"]["proxyAddresses"] == []


def test_a_quarantine_is_an_error_of_its_own_kind_and_is_not_retried(world):
    """docs/sources.md 2.2: "name Connect Health gives a DAR-quarantined UPN or proxy"; not retried."""
    world.user("ann", "joe@contoso.com")
    world.user("bob", "joe@contoso.com")

    results = [world.sync().result for _ in range(3)]

    assert results == ["completed-export-errors", "success", "success"]
    assert [(row["kind"], row["error"], row["attempts"]) for row in world.errors()] == [
        ("quarantine", "QuarantinedAttributeValueMustBeUnique", 1)
    ]


def test_errors_are_sorted_as_people_sort_names(world):
    """Quarantined values and failed exports in one list."""
    world.user("ann")
    world.sync()
    for number, name in enumerate(("Zoe", "abe", "Østberg", "bert b")):
        world.user(f"u{number}", upn="ann@contoso.com", displayName=name)
    world.user("u9", displayName="Omar", proxies=["SIP:x@contoso.com"])
    world.sync()
    world.user("u8", displayName="carl", proxies=["SIP:x@contoso.com"])
    world.sync()

    shown = [error["object"]["displayName"] for error in world.errors(sort="displayName")]

    assert shown == ["abe", "bert b", "carl", "Østberg", "Zoe"]
