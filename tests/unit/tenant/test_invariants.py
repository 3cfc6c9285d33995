"""What holds whatever happens: the claims, the placeholders, the sweep, the repeated batch."""

from __future__ import annotations

import itertools
import json
import sqlite3
from contextlib import ExitStack, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from connector.errors import ConnectorError
from connector.tenant.objects import TenantObject
from connector.tenant.sqlite.columns import COLUMNS
from connector.values.canonical import canonical
from tests import folding
from tests.properties.profiles import profile
from tests.unit.tenant.verbs import World, contact, delete, group, led, members, sqlite_store, user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.model import SyncObject, SyncResult
    from connector.tenant.provisioning_errors import ProvisioningErrorRecord

NAMES = ("ann", "bob", "eve")
ADDRESSES = (
    "a@contoso.com",
    "A@contoso.com",
    "b@contoso.com",
    "stra\u00dfe@contoso.com",
    "STRASSE@contoso.com",
    "\u00e9@contoso.com",
    "e\u0301@contoso.com",
    "a@other.org",
)
addresses = st.sampled_from(ADDRESSES)
proxies = st.lists(
    st.builds("{}:{}".format, st.sampled_from(("SMTP", "smtp", "SIP")), addresses), max_size=3
)
more = st.fixed_dictionaries(
    {}, optional={"mail": addresses, "mailNickname": st.sampled_from("ab")}
)


def _is_over(countdown: Iterator[int]) -> int:
    return int(next(countdown) <= 0)


@st.composite
def objects(draw: st.DrawFn) -> SyncObject:
    kind: Callable[..., SyncObject] = draw(st.sampled_from((user, group, contact)))
    name = f"{kind.__name__}-{draw(st.sampled_from(NAMES))}"
    match draw(st.integers(0, 6)):
        case 0:
            return delete(kind(name))
        case 6:
            return led(kind(name), draw(st.sampled_from(["", "user-ann", "contact-bob", "nobody"])))
        case 1 if kind is group:
            return members(
                group(name), add=tuple(draw(st.lists(st.sampled_from(["user-ann", "contact-bob"]))))
            )
    if kind is user:
        return user(name, draw(addresses), *draw(proxies), **draw(more))
    return kind(name, *draw(proxies), **draw(more))


batches = st.lists(objects(), min_size=2, max_size=6)
KNOWN_ISSUES = (
    "upn-and-proxy-held-by-group",
    "group-pair-fails-first",
    "portal-same-message",
    "portal-own-display-name",
)
switches = st.fixed_dictionaries(
    {
        "resiliency": st.booleans(),
        "known_issues": st.just(())
        | st.just(KNOWN_ISSUES)
        | st.lists(st.sampled_from(KNOWN_ISSUES), unique=True).map(tuple),
        "upn_update_conflict": st.sampled_from(("placeholder", "keep")),
        "soft_deleted_hold_values": st.booleans(),
    }
)
COUNT = itertools.count()


def _claims(item: TenantObject) -> Iterator[tuple[str, str]]:
    """Name the unique values that a row shows: UPN, SMTP and SIP addresses, SID."""
    if item.upn is not None:
        yield "upn", folding.text(item.upn)
    for text in json.loads(item.proxies):
        kind = text.partition(":")[0].lower()
        if kind in ("smtp", "sip"):
            yield "proxy" if kind == "smtp" else "sip", folding.address(text).strip()
    if sid := json.loads(item.shadow).get("onPremisesSecurityIdentifier"):
        yield "sid", folding.text(sid)


def rows(world: World) -> list[TenantObject]:
    found = sqlite_store(world.tenant).connection.execute(f"SELECT {COLUMNS} FROM object")  # noqa: S608
    return [TenantObject._make(row) for row in found]


def _news(world: World, result: SyncResult) -> Iterator[tuple[str, str, str]]:
    """Name what a result reports as ``errors`` does."""
    for quarantined in result.quarantined:
        _, _, identity = (result.cloud_anchor or "").partition("_")
        yield identity, quarantined.attribute, folding.address(quarantined.value)


def waiting(world: World) -> set[tuple[str, str, str]]:
    """Name every quarantined value by its object, its property and what it is compared by."""
    return {(identity, name, folding.address(value)) for identity, name, value, _ in errors(world)}


def errors(world: World) -> set[tuple[Any, ...]]:
    return {
        (r.object.id, r.property, r.value, r.occurred) for r in world.tenant.provisioning_errors()
    }


class Tenancy(RuleBasedStateMachine):
    """A tenant under everything that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(TemporaryDirectory()))

    @initialize(switched=switches)
    def start(self, switched: dict[str, Any]) -> None:
        self.world = World(self.folder / "tenant.db", **switched)
        self.last: tuple[str, list[SyncObject]] = ("", [])

    @rule(batch=batches)
    def export(self, batch: list[SyncObject]) -> None:
        self._export(batch)

    def _export(self, batch: list[SyncObject]) -> list[SyncResult]:
        before = waiting(self.world)
        results = self.world.export(*batch)
        self.last = (f"batch {self.world.batches}", batch)
        reported = {news for result in results for news in _news(self.world, result)}

        assert len(results) == len(batch)
        assert waiting(self.world) - before <= reported
        if len({item.source_anchor for item in batch}) == len(batch):
            assert not reported & before
        assert all((r.code == "Success") == (r.action != "failed") for r in results)
        self._has_confirmed(batch, results)
        return results

    def _has_confirmed(self, batch: list[SyncObject], results: list[SyncResult]) -> None:
        """What went through is read back as it was asked for, whatever became of it."""
        shadows = {s.source_anchor: s.properties for s in self.world.tenant.read_back(None)[0]}
        last = {
            item.source_anchor: (item, result) for item, result in zip(batch, results, strict=True)
        }
        for anchor, (item, result) in last.items():
            if result.code == "Success" and item.properties is not None:
                assert shadows[anchor] == canonical(item.properties)

    @rule(batch=batches)
    def export_twice(self, batch: list[SyncObject]) -> None:
        """An object that went through is not reported again while it stays as it is."""
        batch = list({item.source_anchor: item for item in batch}.values())
        first = self._export(batch)
        second = self._export(batch)

        for one, other in zip(first, second, strict=True):
            assert one.code != "Success" or (other.code, other.quarantined) == ("Success", ())

    @rule(first=batches, second=batches, third=batches)
    def export_more(
        self, first: list[SyncObject], second: list[SyncObject], third: list[SyncObject]
    ) -> None:
        for batch in (first, second, third):
            self.export(batch)

    @rule()
    def repeat_the_last_batch(self) -> None:
        batch, sent = self.last
        before = rows(self.world)
        if batch:
            self.world.tenant.export(batch, sent)

        assert rows(self.world) == before

    @rule(batch=batches, after=st.integers(1, 400))
    def crash_in_a_batch(self, batch: list[SyncObject], after: int) -> None:
        before = self._everything()
        name = f"crashed {next(COUNT)}"
        if self._survives(after, lambda: self.world.tenant.export(name, batch)):
            self.last = (name, batch)
        else:
            assert self._everything() == before

    @rule(after=st.integers(1, 200))
    def crash_in_a_sweep(self, after: int) -> None:
        """A page of waiters is a transaction: a sweep that broke off goes on with the next one."""
        if not self._survives(after, self.world.tenant.sweep):
            self.world.tenant.sweep()

            assert self.world.tenant.sweep().released == ()

    @rule(name=st.sampled_from(NAMES), after=st.integers(1, 200))
    def crash_in_a_deletion(self, name: str, after: int) -> None:
        before = self._everything()
        delete_it = self.world.tenant.administrator.delete
        with suppress(ConnectorError):
            if not self._survives(after, lambda: delete_it(f"user-{name}")):
                assert self._everything() == before

    def _everything(self) -> tuple[list[TenantObject], set[tuple[Any, ...]]]:
        return rows(self.world), errors(self.world)

    def _survives(self, after: int, work: Callable[[], object]) -> bool:
        """Do something that breaks off after so many steps of SQLite; tell whether it was done."""
        connection = sqlite_store(self.world.tenant).connection
        countdown = itertools.count(after, -1)
        connection.set_progress_handler(lambda: int(next(countdown) <= 0), 20)
        try:
            work()
        except sqlite3.OperationalError:
            return False
        finally:
            connection.set_progress_handler(None, 0)
        return True

    @rule()
    def sweep(self) -> None:
        before = errors(self.world)
        self.world.sweep()
        after = errors(self.world)

        assert after <= before
        assert self.world.sweep() == []
        for record in self.world.tenant.provisioning_errors():
            assert record.holder is not None or self._is_held_as_an_address(record)

    def _is_held_as_an_address(self, record: ProvisioningErrorRecord) -> bool:
        """A licensed user waits until its UPN is free as an address too."""
        return self.world.tenant.holder_of("ProxyAddresses", record.value) is not None

    @rule(name=st.sampled_from(NAMES), assign=st.booleans())
    def license(self, *, name: str, assign: bool) -> None:
        with suppress(ConnectorError):
            self.world.tenant.administrator.license(f"user-{name}", assign=assign)

    @rule(
        upn=addresses, some=proxies, anchor=st.sampled_from(("", "user-ann")), admin=st.booleans()
    )
    def add_a_cloud_user(self, upn: str, some: list[str], anchor: str, *, admin: bool) -> None:
        with suppress(ConnectorError):
            self.world.tenant.administrator.add(
                "user",
                {
                    "displayName": "Cloud",
                    "userPrincipalName": upn,
                    "proxyAddresses": some,
                    "onPremisesImmutableId": anchor,
                },
                admin_role=admin,
            )

    @rule(kind=st.sampled_from(("group", "contact")), some=proxies)
    def add_a_cloud_recipient(self, kind: str, some: list[str]) -> None:
        with suppress(ConnectorError):
            self.world.tenant.administrator.add(
                kind, {"displayName": "Cloud", "proxyAddresses": some}
            )

    @rule(identity=addresses, some=proxies)
    def change_in_the_cloud(self, identity: str, some: list[str]) -> None:
        with suppress(ConnectorError):
            self.world.tenant.administrator.change(identity, {"proxyAddresses": some})

    @rule(identity=addresses, hard=st.booleans())
    def delete_in_the_cloud(self, identity: str, *, hard: bool) -> None:
        with suppress(ConnectorError):
            self.world.tenant.administrator.delete(identity, hard=hard)

    @rule(name=st.sampled_from(NAMES), upn=st.none() | addresses, reconcile=st.booleans())
    def restore(self, *, name: str, upn: str | None, reconcile: bool) -> None:
        with suppress(ConnectorError):
            self.world.tenant.administrator.restore(
                f"user-{name}", new_upn=upn, reconcile_proxies=reconcile
            )

    @rule(switched=switches)
    def switch(self, switched: dict[str, Any]) -> None:
        self.world.switch(**switched)

    @rule(verified=st.booleans())
    def verify_a_domain(self, *, verified: bool) -> None:
        with suppress(ConnectorError):
            self.world.tenant.administrator.set_domain("other.org", verified=verified)

    @rule(many=st.sampled_from((5, 1_000_000)), limit=st.sampled_from((1, 5, 1000)))
    def expect(self, *, many: int, limit: int) -> None:
        self.world.tenant.expect(many)
        sqlite_store(self.world.tenant).arrivals.limit = limit

    @rule()
    def settle(self) -> None:
        self.world.tenant.settle()

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.world.tenant.clock.advance(timedelta(days=days))

    @invariant()
    def every_live_object_holds_what_it_shows(self) -> None:
        """Each key has one holder (the schema sees to it), and it is an object that shows it."""
        if not hasattr(self, "world"):
            return
        found = sqlite_store(self.world.tenant).connection.execute(
            "SELECT namespace, key, holder FROM claim"
        )
        held = {(namespace, key): holder for namespace, key, holder in found}
        items = rows(self.world)
        shown = {
            claim: item.number for item in items if item.deleted is None for claim in _claims(item)
        }
        deleted = {item.number for item in items if item.deleted is not None}

        assert shown.items() <= held.items()
        assert {holder for claim, holder in held.items() if claim not in shown} <= deleted

    @invariant()
    def every_user_has_a_upn(self) -> None:
        if hasattr(self, "world"):
            assert all(
                "@" in item["userPrincipalName"] for item in self.world.tenant.objects("user")
            )

    @invariant()
    def nobody_waits_for_what_it_holds(self) -> None:
        if hasattr(self, "world"):
            for record in self.world.tenant.provisioning_errors():
                assert record.holder is None or record.holder.id != record.object.id

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()
        self.stack.close()


TestTenancy = Tenancy.TestCase
TestTenancy.settings = profile(weight=2.5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("worlds")


def twin(folder: Path) -> World:
    return World(folder / f"{next(COUNT)}.db")


@settings(max_examples=30, deadline=None)
@given(histories=st.lists(batches, min_size=1, max_size=4), after=st.integers(1, 300))
def test_crash_and_rerun_end_in_the_same_tenant(
    folder: Path, histories: list[list[SyncObject]], after: int
) -> None:
    """Issue 2: "exactly the same tenant after a crash at any point and a rerun"."""
    smooth, crashing = twin(folder), twin(folder)
    for batch in histories:
        smooth.export(*batch)
        connection = sqlite_store(crashing.tenant).connection
        countdown = itertools.count(after, -1)
        connection.set_progress_handler(partial(_is_over, countdown), 20)
        with suppress(sqlite3.OperationalError):
            crashing.export(*batch)
            crashing.batches -= 1
        connection.set_progress_handler(None, 0)
        crashing.time, crashing.batches = smooth.time, smooth.batches
        crashing.tenant.export(f"batch {smooth.batches}", batch)

    states = [(rows(world), errors(world)) for world in (smooth, crashing)]
    smooth.close()
    crashing.close()

    assert states[0] == states[1]


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_order_within_a_batch_does_not_matter_where_nobody_comes_first(
    folder: Path, data: st.DataObject
) -> None:
    """Every object wants values that no other one of the batch wants: any order ends the same."""
    one, other = twin(folder), twin(folder)
    for _ in range(2):
        values = data.draw(st.permutations([f"{letter}@contoso.com" for letter in "abcdef"]))
        batch = [
            user("ann", values[0], f"SMTP:{values[0]}"),
            user("bob", values[1], f"smtp:{values[1]}"),
            contact("carla", f"SMTP:{values[2]}"),
            group("desk", f"SMTP:{values[3]}"),
        ]
        one.export(*batch)
        other.export(*data.draw(st.permutations(batch)))

    states = [(list(world.tenant.objects()), errors(world)) for world in (one, other)]
    one.close()
    other.close()

    assert states[0] == states[1]
    assert states[0][1] == set()


def test_every_permutation_of_a_batch_ends_in_the_same_tenant(folder: Path) -> None:
    """A swap, a circle over the types, a release, a failure and a first claim, in all 120 orders.

    No two of them want one value once all that is given up is free, so nobody comes first.
    """
    before = [
        user("ann", "ann@contoso.com", "SMTP:info@contoso.com"),
        user("bob", "bob@contoso.com", "SMTP:sales@contoso.com"),
        contact("carla", "SMTP:desk@contoso.com"),
        group("desk", "SMTP:help@contoso.com"),
    ]
    batch = [
        user("ann", "bob@contoso.com", "SMTP:sales@contoso.com"),
        user("bob", "ann@contoso.com", "SMTP:desk@contoso.com"),
        contact("carla", "SMTP:info@contoso.com"),
        delete(group("desk")),
        user("eve", "nowhere", "SMTP:help@contoso.com"),
    ]
    seen = []
    for order in itertools.permutations(batch):
        world = twin(folder)
        world.export(*before)
        results = world.export(*order)
        codes = {result.source_anchor: result.code for result in results}
        seen.append((codes, world.upns(), world.proxies(), world.errors()))
        world.close()

    assert len(seen) == 120
    assert seen == [seen[0]] * 120
    assert seen[0] == (
        {
            "ann": "Success",
            "bob": "Success",
            "carla": "Success",
            "desk": "Success",
            "eve": "IdentityDataValidationFailed",
        },
        {"Ann": "bob@contoso.com", "Bob": "ann@contoso.com"},
        {
            "Ann": ["SMTP:sales@contoso.com"],
            "Bob": ["SMTP:desk@contoso.com"],
            "Carla": ["SMTP:info@contoso.com"],
        },
        [],
    )


def test_of_two_that_want_one_value_the_first_of_the_batch_gets_it(folder: Path) -> None:
    """docs/sources.md 15.4: "first come, first served"; the exporter sorts by creation time and anchor."""
    batch = [user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com")]
    holders = []
    for order in itertools.permutations(batch):
        world = twin(folder)
        world.export(*order)
        holder = world.tenant.holder_of("UserPrincipalName", "joe@contoso.com")
        holders.append(holder and holder.anchor)
        world.close()

    assert holders == ["ann", "bob"]
