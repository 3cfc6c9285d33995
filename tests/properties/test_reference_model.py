"""The tenant decides as a model does that is too simple to be wrong.

Random batches of users, groups and contacts, and sweeps and what an administrator does between them,
go to a TenantService and to ``reference_tenant``; results, UPNs, addresses and quarantines are compared
after each step.

The model knows: hard matches, soft matches with what the cloud alone has, soft-deleted users that a client or an administrator
brings back, UPNs that an administrator chose or the tenant computed, one namespace or two, releases before claims in a
batch, placeholders (by their pattern, and that one stays while its user waits), the successor of a
primary address, licences with the addresses that they bring, the known issues, resiliency off, and
the turn in a sweep. It does not know: routing addresses (MOERAs) that clash, changes and soft deletes of
what the cloud alone has, malformed values, SIP addresses, memberships, an anchor twice in
one batch, the end of the 30 days.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from connector.errors import TenantRefused
from connector.model import ObjectType, SyncObject, SyncOperation
from connector.settings import TenantSettings
from connector.storage import database
from connector.tenant.service import open_tenant
from tests.folding import address as fold
from tests.properties.profiles import profile
from tests.properties.reference_tenant import (
    Answer,
    Asked,
    Placeholder,
    ReferenceTenant,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.tenant.opening import Place
    from connector.tenant.service import TenantService
    from tests.properties.reference_tenant import Thing

ISSUES = (
    "upn-and-proxy-held-by-group",
    "group-pair-fails-first",
    "restore-not-quarantined",
    "computed-upn-not-released",
)
# Few values, so that conflicts are common; what differs in case only is one value.
UPNS = st.sampled_from(["joe@contoso.com", "Joe@contoso.com", "ann@contoso.com"])
ADDRESSES = st.sampled_from(
    [
        "joe@contoso.com",
        "Joe@contoso.com",
        "ann@contoso.com",
        "gro\u00df@contoso.com",
        "GROSS@contoso.com",
    ]
)


class Add(NamedTuple):
    """An object that an administrator makes in the cloud; its name is ``k`` and a number."""

    type: str
    upn: str | None
    proxies: tuple[str, ...]
    administrator: bool

    def named(self, number: int) -> Asked:
        return Asked(f"k{number}", self.type, self.upn, self.proxies)


class Remove(NamedTuple):
    """The deletion for good of one of what the cloud alone has, by its place among these."""

    place: int


class License(NamedTuple):
    """A mailbox for one of the users, or the end of the one that it has, by its place among them."""

    place: int


class Role(NamedTuple):
    """An administrator role for one of the users, or the end of the one that it has."""

    place: int


class Match(NamedTuple):
    """Another source anchor for one of the users, or none, by its place among them."""

    place: int
    anchor: str | None


class Restore(NamedTuple):
    """An administrator brings one of the deleted users back, perhaps under another UPN."""

    place: int
    upn: str | None


def weighted(*shares: tuple[st.SearchStrategy[Any], int]) -> st.SearchStrategy[Any]:
    """Draw from strategies by their shares; ``|`` takes each but once, however often it is named."""
    return st.sampled_from([each for each, share in shares for _ in range(share)]).flatmap(
        lambda each: each
    )


@st.composite
def proxies(draw: Any) -> tuple[str, ...]:
    addresses = draw(st.lists(ADDRESSES, max_size=2, unique_by=fold))
    primary = draw(st.integers(0, 2))
    return tuple(f"{'SMTP' if n == primary else 'smtp'}:{a}" for n, a in enumerate(addresses))


def asked(kind: str, names: Sequence[str], upn: Any) -> Any:
    name, nothing = st.sampled_from(names), st.none()
    wanted = st.builds(Asked, name, st.just(kind), upn, proxies(), chosen=nothing)
    gone = st.builds(Asked, name, st.just(kind), delete=st.just(value=True), chosen=nothing)
    return weighted((wanted, 4), (gone, 1))


BATCH = st.lists(
    asked("user", ["u1", "u2", "u3", "u4"], UPNS)
    | asked("group", ["g1", "g2", "g3"], st.none())
    | asked("contact", ["c1", "c2"], st.none()),
    min_size=1,
    max_size=5,
    unique_by=lambda asked: asked.anchor,
)
SWEEP = "sweep"
PLACE = st.integers(0, 3)
ADD = st.builds(
    Add, st.just("user"), UPNS, proxies(), PLACE.map(lambda place: place == 3)
) | st.builds(
    Add, st.sampled_from(["group", "contact"]), st.none(), proxies(), st.just(value=False)
)
LICENSE = st.builds(License, PLACE)
STEP = weighted(
    (BATCH, 8),
    (ADD, 1),
    (st.builds(Remove, PLACE), 1),
    (LICENSE, 2),
    (st.builds(Role, PLACE), 1),
    (st.builds(Match, PLACE, st.sampled_from(["u1", "u2", "u3", "u4", None])), 1),
    (st.builds(Restore, PLACE, st.none() | UPNS), 2),
    (st.just(SWEEP), 2),
)
# Something to match is there before the first export, for a source anchor is new only once.
STEPS = st.tuples(st.lists(ADD, max_size=3), st.lists(STEP, min_size=10, max_size=25)).map(
    lambda parts: [*parts[0], *parts[1]]
)
# Without licences, for the address that comes with one may be what the tenant computes for another user.
COMPUTED = st.sampled_from(
    ["joe@corp.local", "ann@corp.local", "u1@contoso.onmicrosoft.com", "u2@contoso.onmicrosoft.com"]
)
STEPS_WITHOUT_A_DOMAIN = st.lists(
    weighted(
        (
            st.lists(
                asked("user", ["u1", "u2", "u3"], COMPUTED),
                min_size=1,
                max_size=3,
                unique_by=lambda one: one.anchor,
            ),
            8,
        ),
        (st.builds(Add, st.just("user"), COMPUTED, proxies(), st.just(value=False)), 1),
        (st.builds(Remove, PLACE), 1),
        (st.builds(Restore, PLACE, st.none() | UPNS), 1),
        (st.just(SWEEP), 3),
    ),
    min_size=10,
    max_size=25,
)


class Side:
    """A TenantService with what the model is compared to."""

    def __init__(self, settings: dict[str, Any], place: Place) -> None:
        self.time = datetime(2026, 11, 23, tzinfo=UTC)
        self.batches = 0
        settings = {
            "initial_domain": "contoso.onmicrosoft.com",
            "verified_domains": ["contoso.com"],
            "random_seed": 1,
            **settings,
        }
        self.tenant: TenantService = open_tenant(
            place, TenantSettings.model_validate(settings), clock=lambda: self.time
        )

    def close(self) -> None:
        self.tenant.close()

    def export(self, batch: Sequence[Asked]) -> list[Answer]:
        self.time += timedelta(minutes=1)
        self.batches += 1
        results = self.tenant.export(str(self.batches), [_sync_object(item) for item in batch])
        return [
            Answer(result.code, frozenset((q.attribute, fold(q.value)) for q in result.quarantined))
            for result in results
        ]

    def sweep(self) -> set[tuple[str | None, tuple[str, str]]]:
        released = self.tenant.sweep().released
        return {(item.anchor, (item.attribute, fold(item.value))) for item in released}

    def add(self, asked: Asked, *, administrator: bool) -> bool:
        """Make an object in the cloud alone; say whether it was refused."""
        try:
            self.tenant.administrator.add(asked.type, _properties(asked), admin_role=administrator)
        except TenantRefused:
            return True
        return False

    def remove(self, name: str) -> None:
        """Delete for good what the cloud alone has."""
        self.tenant.administrator.delete(self._id(name), hard=True)

    def set_role(self, name: str, *, administrator: bool) -> None:
        """Give a user an administrator role, or take it away."""
        self.tenant.administrator.change(self._id(name), {}, admin_role=administrator)

    def match(self, name: str, anchor: str | None) -> bool:
        """Move the source anchor of a user, or clear it; say whether that was refused."""
        try:
            self.tenant.administrator.match(self._id(name), anchor)
        except TenantRefused:
            return True
        return False

    def license(self, name: str, *, assign: bool) -> bool:
        """Give a user a mailbox, or take it; say whether that was refused."""
        self.time += timedelta(minutes=1)
        try:
            self.tenant.administrator.license(self._id(name), assign=assign)
        except TenantRefused:
            return True
        return False

    def restore(self, name: str, upn: str | None) -> bool:
        """Bring a deleted user back; say whether that was refused."""
        self.time += timedelta(minutes=1)
        try:
            self.tenant.administrator.restore(name, new_upn=upn)
        except TenantRefused:
            return True
        return False

    def _id(self, name: str) -> str:
        [identity] = [item["id"] for item in self.tenant.objects() if _key(item) == name]
        return str(identity)


def _sync_object(item: Asked) -> SyncObject:
    kind = ObjectType(item.type)
    if item.delete:
        return SyncObject(kind, SyncOperation.DELETE, item.anchor)
    return SyncObject(kind, SyncOperation.SET, item.anchor, _properties(item))


def _properties(item: Asked) -> dict[str, Any]:
    # A mailNickname of its own keeps the routing addresses of licences apart.
    properties: dict[str, Any] = {"displayName": item.anchor, "mailNickname": item.anchor}
    if item.upn is not None:
        properties["userPrincipalName"] = item.upn
    if item.proxies:
        properties["proxyAddresses"] = list(item.proxies)
    return properties


def assert_alike(model: ReferenceTenant, tenant: TenantService) -> None:
    shown = {_key(item): item for item in tenant.objects()}
    things = model.live()

    assert shown.keys() == things.keys()
    for anchor, thing in things.items():
        item = shown[anchor]
        # First the UPN: the digits of a placeholder are the tenant's choice.
        if isinstance(thing.called, Placeholder):
            assert thing.called.is_shown_as(item["userPrincipalName"])
        assert item.get("userPrincipalName") == thing.upn
        assert item["onPremisesImmutableId"] == (anchor if thing.is_anchored else None)
        assert item["displayName"] == thing.name
        assert (item["proxyAddresses"], item["mail"]) == (thing.proxies, thing.primary)
        assert _waits(item) == {(claim[0], thing.text_of(claim)) for claim in thing.waits}


def _key(item: dict[str, Any]) -> str:
    """Name an object as the model does: by its source anchor, else by its name."""
    return str(item["onPremisesImmutableId"] or item["displayName"])


def _licensable(model: ReferenceTenant) -> dict[str, Thing]:
    """Return the users whose licence adds a routing address that no other user has.

    After a move two users may have one mailNickname; then the tenant draws digits.
    """
    return {
        name: thing
        for name, thing in _users(model).items()
        if not any(
            other.routing == thing.new_routing for other in model.things if other is not thing
        )
    }


def _users(model: ReferenceTenant) -> dict[str, Thing]:
    return {name: thing for name, thing in model.live().items() if thing.asked.type == "user"}


def at(place: int, names: list[str]) -> list[str]:
    """Return the name at a place, counted round; none where there is none."""
    return [names[place % len(names)]] if names else []


def _waits(item: dict[str, Any]) -> set[tuple[str, str]]:
    errors = item["onPremisesProvisioningErrors"]
    return {(error["propertyCausingError"], error["value"]) for error in errors}


@pytest.fixture
def in_memory(monkeypatch):
    """Let a database live as long as its connection."""
    monkeypatch.setattr(database, "_connect", lambda *_, **__: sqlite3.connect(":memory:"))


CASES = pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"known_issues": list(ISSUES)}, id="known-issues-on"),
        pytest.param({"known_issues": []}, id="known-issues-off"),
        pytest.param({"known_issues": [], "upn_update_conflict": "keep"}, id="keeping-the-upn"),
        pytest.param({"resiliency": False}, id="resiliency-off"),
        pytest.param({"known_issues": [], "block_soft_match": True}, id="soft-match-blocked"),
        pytest.param({"upn_in_proxy_namespace": True}, id="one-namespace"),
        pytest.param(
            {"upn_in_proxy_namespace": True, "upn_update_conflict": "keep"},
            id="one-namespace-keeping-the-upn",
        ),
    ],
)
COMPUTED_CASES = pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="known-issues-on"),
        pytest.param({"known_issues": []}, id="known-issues-off"),
        pytest.param({"upn_update_conflict": "keep"}, id="keeping-the-upn"),
    ],
)
IN_MEMORY = Path("tenant.db")


@pytest.mark.usefixtures("in_memory")
@CASES
@profile(weight=4)
@given(steps=STEPS)
def test_the_tenant_decides_as_the_reference_model_does(settings, steps):
    play(settings, steps, IN_MEMORY)


@CASES
@profile(weight=0.5)
@given(steps=STEPS)
def test_a_tenant_on_a_server_decides_as_the_reference_model_does(postgresql, settings, steps):
    with postgresql.database() as server:
        play(settings, steps, server)


@pytest.mark.usefixtures("in_memory")
@COMPUTED_CASES
@profile(weight=2)
@given(steps=STEPS_WITHOUT_A_DOMAIN)
def test_computed_upns_are_as_those_of_the_reference_model(settings, steps):
    play(settings, steps, IN_MEMORY)


@COMPUTED_CASES
@profile(weight=0.5)
@given(steps=STEPS_WITHOUT_A_DOMAIN)
def test_computed_upns_on_a_server_are_as_those_of_the_model(postgresql, settings, steps):
    with postgresql.database() as server:
        play(settings, steps, server)


def play(settings, steps, place):
    """Take the steps on both sides, and compare these after each."""
    model = ReferenceTenant(
        resiliency=settings.get("resiliency", True),
        known_issues=tuple(settings.get("known_issues", ISSUES)),
        keeps_upn=settings.get("upn_update_conflict") == "keep",
        soft_match=not settings.get("block_soft_match", False),
        one_namespace=settings.get("upn_in_proxy_namespace", False),
    )
    made = 0
    with closing(Side(settings, place)) as side:
        for step in steps:
            note(f"{step}")
            match step:
                case "sweep":
                    assert side.sweep() == model.sweep()
                case Add(administrator=role):
                    made += 1
                    asked = step.named(made)
                    assert side.add(asked, administrator=role) == model.add(
                        asked, administrator=role
                    )
                case Remove() | Restore() | Role() | Match() | License():
                    administer(step, side, model)
                case batch:
                    assert side.export(batch) == model.export(batch)
            assert_alike(model, side.tenant)


def administer(
    step: Remove | Restore | Role | Match | License, side: Side, model: ReferenceTenant
) -> None:
    """Do on both sides what an administrator does to one object, if there is one."""
    users = _users(model)
    match step:
        case Remove(place):
            for name in at(place, [n for n, each in model.live().items() if each.cloud_only]):
                side.remove(name)
                model.remove(name)
        case Restore(place, upn):
            for name in at(place, model.deleted()):
                assert side.restore(name, upn) == model.restore(name, upn)
        case Role(place):
            for name in at(place, [*users]):
                role = not users[name].administrator
                side.set_role(name, administrator=role)
                model.set_role(name, administrator=role)
        case Match():
            rematch(step, side, model)
        case License(place):
            users = _licensable(model)
            for name in at(place, [*users]):
                assign = not users[name].licensed
                assert side.license(name, assign=assign) == model.license(name, assign=assign)


def rematch(step: Match, side: Side, model: ReferenceTenant) -> None:
    """Move the source anchor of a user on both sides.

    Without its anchor, one that was brought back would have a name that an anchor may be, too.
    """
    users = _users(model)
    for name in at(step.place, [*users]):
        if step.anchor is not None or not users[name].orphan:
            assert side.match(name, step.anchor) == model.match(name, step.anchor)
