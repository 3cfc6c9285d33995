"""The order of an export: no value is claimed before it is released."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.export import exporter
from connector.export.order import Circle, release_first
from connector.model import ObjectType, Operation, PendingExport
from connector.staging.releases import FewReleases
from tests.world import World


def update(anchor, *, wants, gives=None, created="1"):
    return PendingExport(
        Operation.UPDATE,
        anchor,
        ObjectType.USER,
        created,
        {"userPrincipalName": wants},
        releases=(f"upn:{gives}",) if gives else (),
    )


def ordered(*exports):
    releases = FewReleases((key, export.anchor) for export in exports for key in export.releases)
    by_anchor = {export.anchor: export for export in exports}
    groups = release_first(exports, releases, by_anchor.__getitem__, limit=1000)
    return [
        list(group.anchors) if isinstance(group, Circle) else [export.anchor for export in group]
        for group in groups
    ]


def test_without_releases_the_order_stays():
    assert ordered(update("b", wants="x"), update("a", wants="y")) == [["b"], ["a"]]


def test_an_update_that_gives_up_a_value_goes_before_the_one_that_wants_it():
    taker = update("a", wants="x")
    giver = update("b", wants="z", gives="x", created="2")

    assert ordered(taker, giver) == [["b"], ["a"]]


def test_two_objects_that_swap_values_go_together():
    assert ordered(update("a", wants="y", gives="x"), update("b", wants="x", gives="y")) == [
        ["a", "b"]
    ]


def test_a_swap_by_mail_alone_releases_before_it_claims(tmp_path, monkeypatch):
    monkeypatch.setattr(exporter, "BATCH", 1)
    with World(tmp_path) as world:
        ann = world.user("ann", mail="sales@contoso.com")
        bob = world.user("bob", mail="info@contoso.com")
        world.sync()
        world.directory.modify(ann, mail="info@contoso.com")
        world.directory.modify(bob, mail="sales@contoso.com")

        run = world.sync()

        assert {name: item["mail"] for name, item in world.cloud.items()} == {
            "Ann": "info@contoso.com",
            "Bob": "sales@contoso.com",
        }
        assert (run.result, world.errors()) == ("success", [])


@pytest.mark.parametrize("limit", [exporter.ADDRESSES, 3])
def test_a_swap_of_sip_addresses_releases_before_it_claims(tmp_path, monkeypatch, limit):
    """They are unique, and a clash of theirs is not quarantined: it would fail the object."""
    monkeypatch.setattr(exporter, "BATCH", 1)
    monkeypatch.setattr(exporter, "ADDRESSES", limit)
    with World(tmp_path) as world:
        ann = world.user("ann", proxyAddresses=["SMTP:ann@contoso.com", "sip:sales@contoso.com"])
        bob = world.user("bob", proxyAddresses=["SMTP:bob@contoso.com", "sip:info@contoso.com"])
        world.sync()
        world.directory.modify(ann, proxyAddresses=["SMTP:ann@contoso.com", "SIP:Info@contoso.com"])
        world.directory.modify(
            bob, proxyAddresses=["SMTP:bob@contoso.com", "sip:sales@contoso.com"]
        )

        run = world.sync()

        assert {name: sorted(item["proxyAddresses"]) for name, item in world.cloud.items()} == {
            "Ann": ["SIP:Info@contoso.com", "SMTP:ann@contoso.com"],
            "Bob": ["SMTP:bob@contoso.com", "sip:sales@contoso.com"],
        }
        assert (run.result, world.errors()) == ("success", [])


def test_a_swap_of_security_identifiers_releases_before_it_claims(tmp_path, monkeypatch):
    monkeypatch.setattr(exporter, "BATCH", 1)
    sids = ("S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002")
    with World(tmp_path) as world:
        people = world.user("ann", objectSid=sids[0]), world.user("bob", objectSid=sids[1])
        world.sync()
        for dn, sid in zip(people, reversed(sids), strict=True):
            world.directory.modify(dn, objectSid=sid)

        run = world.sync()

        assert (run.result, world.errors()) == ("success", [])


def test_a_chain_is_sent_from_its_free_end():
    first = update("a", wants="y", gives="x")
    second = update("b", wants="z", gives="y")
    third = update("c", wants="free", gives="z")

    assert ordered(first, second, third) == [["c"], ["b"], ["a"]]


def test_what_two_others_wait_for_is_sent_once():
    giver = update("c", wants="z")._replace(releases=("upn:x", "upn:y"))

    assert ordered(update("a", wants="x"), update("b", wants="y"), giver) == [["c"], ["a"], ["b"]]


def test_what_an_export_waits_for_goes_in_the_order_of_source_anchors():
    addresses = [f"smtp:v{number}@x" for number in range(6)]
    taker = update("a", wants="x")._replace(properties={"proxyAddresses": addresses})
    givers = [
        update(f"b{number}", wants=f"w{number}")._replace(releases=(f"proxy:v{number}@x",))
        for number in range(6)
    ]

    sent = ordered(taker, *reversed(givers))

    assert sent == [["b0"], ["b1"], ["b2"], ["b3"], ["b4"], ["b5"], ["a"]]


def test_a_circle_that_others_wait_for_goes_before_them():
    waiting = update("a", wants="x")
    swapping = [
        update("b", wants="y")._replace(releases=("upn:x", "upn:z")),
        update("c", wants="z", gives="y"),
    ]

    assert ordered(waiting, *swapping) == [["b", "c"], ["a"]]


def test_a_long_chain_needs_no_deep_stack():
    chain = [update(f"{n:05}", wants=f"v{n + 1}", gives=f"v{n}") for n in range(5000)]

    assert ordered(*chain) == [[export.anchor] for export in reversed(chain)]


def test_a_delete_waits_for_nobody():
    delete = PendingExport(Operation.DELETE, "a", ObjectType.USER, "1", {"userPrincipalName": "x"})

    assert ordered(delete, update("b", wants="y", gives="x")) == [["a"], ["b"]]


@given(st.permutations(range(8)), st.permutations(range(8)))
def test_every_export_is_sent_once_and_never_before_what_it_waits_for(old, new):
    exports = [
        update(str(n), wants=f"v{new[n]}", gives=f"v{old[n]}" if old[n] != new[n] else None)
        for n in range(8)
    ]
    by_anchor = {export.anchor: export for export in exports}
    givers = {key: export.anchor for export in exports for key in export.releases}

    groups = ordered(*exports)

    sent = [anchor for group in groups for anchor in group]
    assert sorted(sent) == sorted(by_anchor)
    at = {anchor: number for number, group in enumerate(groups) for anchor in group}
    for export in exports:
        giver = givers.get(f"upn:{export.properties['userPrincipalName']}", export.anchor)
        assert at[giver] <= at[export.anchor]


def with_addresses(anchor, *, wants, gives):
    return PendingExport(
        Operation.UPDATE,
        anchor,
        ObjectType.USER,
        "1",
        {"proxyAddresses": [f"smtp:{name}" for name in wants]},
        releases=tuple(f"proxy:{name}" for name in gives),
    )


def test_a_circle_with_too_many_addresses_is_named_and_not_held():
    circle = [
        with_addresses("a", wants=["y@x.org", "y2@x.org"], gives=["x@x.org"]),
        with_addresses("b", wants=["z@x.org", "z2@x.org"], gives=["y@x.org"]),
        with_addresses("c", wants=["x@x.org", "x2@x.org"], gives=["z@x.org"]),
    ]
    by_anchor = {export.anchor: export for export in circle}
    releases = FewReleases((key, export.anchor) for export in circle for key in export.releases)

    groups = [
        list(release_first(circle, releases, by_anchor.__getitem__, limit=limit))
        for limit in (5, 6)
    ]

    assert groups == [[Circle(["a", "b", "c"])], [circle]]
