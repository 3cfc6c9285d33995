"""Values that the service refuses, whatever other objects hold."""

from __future__ import annotations

from random import Random
from string import printable
from typing import TYPE_CHECKING

import pytest

from connector.errors import TenantRefused
from connector.tenant.objects import ExportError
from connector.tenant.validation import check_federation
from tests.unit.tenant.verbs import delete, group, user

if TYPE_CHECKING:
    from tests.unit.tenant.verbs import World


@pytest.mark.parametrize(
    "upn", ["joe", "joe+x@contoso.com", "a@b@contoso.com", "@contoso.com", "joe.@contoso.com"]
)
def test_malformed_upn_is_a_validation_error(world: World, upn: str) -> None:
    """docs/sources.md 2.2 and 12.3."""
    [result] = world.export(user("joe", upn))

    assert (result.code, result.attribute, result.value) == (
        "IdentityDataValidationFailed",
        "UserPrincipalName",
        upn,
    )
    assert result.description == (
        "Unable to update this object in Azure Active Directory, because the attribute "
        "[UserPrincipalName], is not valid. Update the value in your local directory services."
    )


def test_one_bad_object_does_not_stop_the_batch(world: World) -> None:
    results = world.export(user("ann"), user("joe", "joe"), group("desk"))

    assert [result.action for result in results] == ["added", "failed", "added"]


def test_too_many_addresses_are_a_large_object(world: World) -> None:
    """docs/sources.md 2.4: 332 addresses were measured to fit; docs/sources.md 2.2: no other change is exported."""
    world.export(user("ann"))
    proxies = [f"smtp:a{number}@contoso.com" for number in range(333)]

    [fits, large] = [
        world.export(user("ann", None, *some, jobTitle=str(len(some))))[0]
        for some in (proxies[:332], proxies)
    ]

    assert (fits.code, large.code) == ("Success", "LargeObject")
    assert world.tenant.show("ann")["jobTitle"] == "332"


def test_long_value_is_named(world: World) -> None:
    [result] = world.export(user("ann", givenName="x" * 65))

    assert (result.code, result.attribute) == ("ExceededAllowedLength", "GivenName")


def test_upn_may_not_move_between_federated_domains() -> None:
    """docs/sources.md 2.2, ``FederatedDomainChangeError``."""
    federated = frozenset({"a.com", "b.com"})

    with pytest.raises(ExportError) as raised:
        check_federation("joe@a.com", "joe@B.com", federated)

    assert raised.value.code == "FederatedDomainChangeError"
    assert "[FederatedUser.UserPrincipalName]" in raised.value.description


@pytest.mark.parametrize(
    ("old", "new"), [("joe@a.com", "jo@a.com"), ("joe@a.com", "joe@c.com"), (None, "joe@a.com")]
)
def test_other_moves_are_fine(old: str | None, new: str) -> None:
    check_federation(old, new, frozenset({"a.com", "b.com"}))


def test_federated_domains_are_known_to_the_tenant(world: World) -> None:
    for name in ("contoso.com", "fabrikam.com"):
        world.tenant.administrator.set_domain(name, verified=True, federated=True)
    world.export(user("joe", "joe@contoso.com"))

    [result] = world.export(user("joe", "joe@fabrikam.com"))

    assert result.code == "FederatedDomainChangeError"


def test_a_source_anchor_or_an_identifier_that_no_index_takes_is_an_error_of_its_object(
    world: World,
) -> None:
    """A random text: an index of PostgreSQL packs one that repeats itself."""
    long = "".join(Random(1).choices(printable, k=10_000))
    sids = [user(name, onPremisesSecurityIdentifier=long[:size])
            for name, size in (("ann", 256), ("bob", 257))]  # fmt: skip

    results = world.export(*sids, user(long[:256], "cid@contoso.com"), group(long), user("eve"))
    gone = world.export(delete(group(long)))

    assert [(result.code, result.attribute) for result in (*results, *gone)] == [
        ("Success", None),
        ("ExceededAllowedLength", "OnPremisesSecurityIdentifier"),
        ("Success", None),
        ("ExceededAllowedLength", "SourceAnchor"),
        ("Success", None),
        ("Success", None),
    ]
    with pytest.raises(TenantRefused, match="at most 256 characters"):
        world.tenant.administrator.match("eve", "a" * 257)
    with pytest.raises(TenantRefused, match="at most 256 characters"):
        world.tenant.administrator.add(
            "user",
            {
                "displayName": "Fay",
                "userPrincipalName": "fay@contoso.com",
                "onPremisesImmutableId": long,
            },
        )
