"""The plain way comes to what the general way comes to, or leaves the object to that."""

from __future__ import annotations

import operator
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector.tenant.intake import known_claimant, new_claimant
from connector.tenant.objects import ExportError, Policy, Stamp, TenantObject, claims_of
from connector.tenant.plain import is_plain, keep, own_claims, want_plainly
from connector.tenant.provision import provision
from connector.tenant.quarantine import Claims
from connector.tenant.wanted import Wanted, want
from connector.values.canonical import decode

POLICY = Policy(
    initial_domain="contoso.onmicrosoft.com",
    verified=frozenset({"contoso.com", "contoso.onmicrosoft.com"}),
    seed="1",
)
FEDERATED = Policy(
    initial_domain="contoso.onmicrosoft.com",
    verified=frozenset({"contoso.com", "other.org", "contoso.onmicrosoft.com"}),
    seed="1",
    federated=frozenset({"contoso.com", "other.org"}),
)
STAMP = Stamp("2026-11-01T00:00:00Z", 1)
# Usual texts more often than others, so that most objects are plain but for one thing.
LOCALS = st.sampled_from(["ann", "Ann", "a.b", "bob", "bob"])
ODD = st.sampled_from(
    ["a+b", "ann.", ".ann", "a b", "a'b", "ä", "\u212a", "", "a" * 250, "x" * 110, "y" * 245]
)
DOMAINS = st.sampled_from(["contoso.com", "contoso.com", "Contoso.com", "other.org"])
RESERVED = st.sampled_from(["contoso.onmicrosoft.com", "nowhere", "x.microsoftonline.com", ""])
MAILBOXES = st.builds(
    "{}@{}".format, st.one_of(LOCALS, LOCALS, ODD), st.one_of(DOMAINS, DOMAINS, RESERVED)
)
SCHEMES = st.sampled_from(["SMTP:", "smtp:", "smtp:", "smtp:"])
OTHERS = st.sampled_from(["Smtp:", "sip:", "x500:", "", " smtp:", "smtp: "])
ADDRESSES = st.one_of(
    *[st.builds("{}{}@{}".format, SCHEMES, LOCALS, DOMAINS)] * 4,
    st.builds("{}{}".format, SCHEMES | OTHERS, MAILBOXES),
)
TEXTS = st.sampled_from([*["Ann"] * 5, "", "a" * 64, "a" * 65, "a" * 257])
UNIQUE_PROPERTIES = st.lists(ADDRESSES, max_size=4).flatmap(
    lambda some: st.fixed_dictionaries(
        {"proxyAddresses": st.just(some)},
        optional={
            "userPrincipalName": st.one_of(
                *[st.sampled_from([text.partition(":")[2] for text in some] or [""])] * 3,
                st.sampled_from([text.partition(":")[2].swapcase() for text in some] or [""]),
                MAILBOXES,
            )
        },
    )
)
OTHER_PROPERTIES = st.fixed_dictionaries(
    {"mailNickname": st.sampled_from(["ann", "ann", "Bob", "", "a" * 65])},
    optional={
        "displayName": TEXTS,
        "givenName": TEXTS,
        "mail": MAILBOXES,
        "onPremisesSecurityIdentifier": st.sampled_from(["S-1-5-A", ""]),
        "targetAddress": TEXTS,
    },
)
PROPERTIES = st.builds(operator.or_, UNIQUE_PROPERTIES, OTHER_PROPERTIES)
KINDS = st.sampled_from(["user", "user", "user", "group", "contact"])


def wanted_or_refused(
    properties: dict[str, Any], kind: str, policy: Policy, previous: TenantObject | None = None
) -> Wanted | str:
    try:
        return want(properties, kind, previous, {}, policy)
    except ExportError as error:
        return error.code


def _nobody(number: int) -> TenantObject:
    raise KeyError(number)


def made(properties: dict[str, Any], kind: str) -> TenantObject | None:
    """Return the object that these properties make in an empty tenant, None where they make none."""
    wanted = wanted_or_refused(properties, kind, POLICY)
    if not isinstance(wanted, Wanted):
        return None
    claimant = new_claimant(1, "id", kind, "anchor", wanted)
    return provision(claimant, Claims({}), _nobody, POLICY, STAMP).object


def test_a_usual_object_goes_the_plain_way() -> None:
    properties = {
        "mailNickname": "ann",
        "proxyAddresses": ["SMTP:Ann@contoso.com", "smtp:a.b@contoso.com"],
        "userPrincipalName": "Ann@contoso.com",
    }

    assert want_plainly(properties, "user", POLICY) == want(properties, "user", None, {}, POLICY)


def _named(upn: str, *proxies: str) -> dict[str, Any]:
    return {
        "mailNickname": "ann",
        "proxyAddresses": [f"SMTP:{upn}", *proxies],
        "userPrincipalName": upn,
    }


@settings(max_examples=400)
@given(properties=PROPERTIES, kind=KINDS)
@example(properties=_named("ann@other.org"), kind="user")
@example(properties=_named("ann@contoso.com", f"smtp:{'y' * 245}@contoso.com"), kind="user")
@example(properties=_named(f"{'y' * 110}@contoso.com"), kind="user")
@example(
    properties=_named("k@contoso.com") | {"userPrincipalName": "\u212a@contoso.com"}, kind="user"
)
def test_a_new_object_asks_for_the_same_either_way(properties: dict[str, Any], kind: str) -> None:
    plainly = want_plainly(properties, kind, POLICY)

    assert plainly in (None, wanted_or_refused(properties, kind, POLICY))


@settings(max_examples=400)
@given(
    data=st.data(),
    first=PROPERTIES,
    kind=KINDS,
    policy=st.sampled_from([POLICY, FEDERATED]),
    changed=st.fixed_dictionaries(
        {},
        optional={
            "nickname": st.sampled_from([None, "", "kept"]),
            "proxies": st.just('["smtp:kept@contoso.com"]'),
        },
    ),
)
def test_a_known_object_asks_for_the_same_either_way(
    data: st.DataObject, first: dict[str, Any], kind: str, policy: Policy, changed: dict[str, Any]
) -> None:
    previous = made(first, kind)
    if previous is None:
        return
    if kind == "user" and data.draw(st.booleans()):
        changed["upn"] = "ann1234@contoso.onmicrosoft.com"
    previous = previous._replace(**changed)
    changes = data.draw(st.just({}) | UNIQUE_PROPERTIES | OTHER_PROPERTIES)
    properties = first | changes
    before = decode(previous.shadow)
    plainly = want_plainly(properties, kind, policy, previous, before)

    assert is_plain(previous, {})
    if keeping := keep(previous, before, properties):
        wanted = want(properties, kind, previous, {}, policy)
        claimant = known_claimant(previous, "anchor", wanted, claims_of(previous), {})
        held = dict.fromkeys(claims_of(previous), previous.number)
        assert provision(claimant, Claims(held), _nobody, policy, STAMP)[:2] == (
            keeping.written(STAMP),
            claims_of(previous),
        )
    if plainly is not None:
        assert plainly == wanted_or_refused(properties, kind, policy, previous)
        assert set(own_claims(previous, before, plainly)) == claims_of(previous)


def test_an_object_of_which_another_property_changes_keeps_its_values() -> None:
    first = _named("ann@contoso.com", "smtp:a.b@contoso.com") | {"displayName": "Ann"}
    previous = made(first, "user")
    assert previous is not None
    changes: tuple[dict[str, Any], ...] = (
        {"jobTitle": "Boss"},
        {"givenName": "Ann"},
        {"givenName": "a" * 65},
        {"jobTitle": "a\0b"},
        {"displayName": "Anna"},
        {"mail": "ann@contoso.com"},
        {"mailNickname": "anna"},
        {"proxyAddresses": ["smtp:a.b@contoso.com"]},
        {"userPrincipalName": "a.b@contoso.com"},
        {"usageLocation": "DE"},
        {"onPremisesSecurityIdentifier": "S-1"},
    )

    kept = [keep(previous, first, first | change) is not None for change in changes]
    assert kept == [True, True, *[False] * (len(changes) - 2)]
    assert keep(previous._replace(upn_proxy=1), first, first) is None
    assert keep(previous._replace(proxies="[]"), first, first) is None


def test_a_change_between_federated_domains_is_refused_in_the_general_way() -> None:
    previous = made(_named("ann@contoso.com"), "user")
    assert previous is not None
    before = decode(previous.shadow)

    assert want_plainly(_named("ann@other.org"), "user", FEDERATED, previous, before) is None
