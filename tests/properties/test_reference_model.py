"""The tenant decides as a model does that is too simple to be wrong.

Random batches of users, groups and contacts, and sweeps between them, go to a TenantService and to
``reference_tenant``; results, UPNs, addresses and quarantines are compared after each step.

The model knows: hard matches, soft-deleted users, the two namespaces, releases before claims in a
batch, placeholders (by their pattern, and that one stays while its user waits), the successor of a
primary address, the known issues, resiliency off, and the turn in a sweep. It does not know:
licences and MOERAs, cloud-only objects and soft matches, unverified or malformed values, SIP
addresses, memberships, an anchor twice in one batch, the end of the 30 days.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from connector.model import ObjectType, SyncObject, SyncOperation
from connector.settings import TenantSettings
from connector.storage import database
from connector.tenant.service import open_tenant
from tests.properties.profiles import profile
from tests.properties.reference_tenant import (
    PROXY,
    UPN,
    Answer,
    Asked,
    Placeholder,
    ReferenceTenant,
    fold,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.tenant.service import TenantService

ISSUES = ("upn-and-proxy-held-by-group", "group-pair-fails-first")
# Few values, so that conflicts are common; what differs in case only is one value.
UPNS = st.sampled_from(["joe@contoso.com", "Joe@contoso.com", "ann@contoso.com"])
ADDRESSES = st.sampled_from(
    ["joe@contoso.com", "Joe@contoso.com", "gro\u00df@contoso.com", "GROSS@contoso.com"]
)


@st.composite
def proxies(draw: Any) -> tuple[str, ...]:
    addresses = draw(st.lists(ADDRESSES, max_size=2, unique_by=fold))
    primary = draw(st.integers(0, 2))
    return tuple(f"{'SMTP' if n == primary else 'smtp'}:{a}" for n, a in enumerate(addresses))


def asked(kind: str, names: Sequence[str], upn: Any) -> Any:
    wanted = st.builds(Asked, st.sampled_from(names), st.just(kind), upn, proxies())
    gone = st.builds(Asked, st.sampled_from(names), st.just(kind), delete=st.just(value=True))
    return wanted | wanted | wanted | gone


BATCH = st.lists(
    asked("user", ["u1", "u2", "u3", "u4"], UPNS)
    | asked("group", ["g1", "g2", "g3"], st.none())
    | asked("contact", ["c1", "c2"], st.none()),
    min_size=1,
    max_size=5,
    unique_by=lambda asked: asked.anchor,
)
SWEEP = "sweep"
STEPS = st.lists(BATCH | BATCH | st.just(SWEEP), min_size=10, max_size=25)


class Side:
    """A TenantService with what the model is compared to."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.time = datetime(2026, 11, 23, tzinfo=UTC)
        self.batches = 0
        settings = {
            "initial_domain": "contoso.onmicrosoft.com",
            "verified_domains": ["contoso.com"],
            "random_seed": 1,
            **settings,
        }
        self.tenant: TenantService = open_tenant(
            Path("tenant.db"), TenantSettings.model_validate(settings), clock=lambda: self.time
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


def _sync_object(item: Asked) -> SyncObject:
    kind = ObjectType(item.type)
    if item.delete:
        return SyncObject(kind, SyncOperation.DELETE, item.anchor)
    properties: dict[str, Any] = {"displayName": item.anchor}
    if item.upn is not None:
        properties["userPrincipalName"] = item.upn
    if item.proxies:
        properties["proxyAddresses"] = list(item.proxies)
    return SyncObject(kind, SyncOperation.SET, item.anchor, properties)


def assert_alike(model: ReferenceTenant, tenant: TenantService) -> None:
    shown = {item["onPremisesImmutableId"]: item for item in tenant.objects()}
    things = model.live()

    assert shown.keys() == things.keys()
    for anchor, thing in things.items():
        item = shown[anchor]
        assert item["proxyAddresses"] == thing.proxies
        assert _waits(item) == {
            (name, text)
            for name, texts in ((UPN, [thing.asked.upn]), (PROXY, thing.asked.proxies))
            for text in texts
            if text is not None and (name, fold(text)) in thing.waits
        }
        if isinstance(thing.called, Placeholder):
            assert thing.called.is_shown_as(item["userPrincipalName"])
        else:
            assert item.get("userPrincipalName") == (thing.called or thing.asked.upn)


def _waits(item: dict[str, Any]) -> set[tuple[str, str]]:
    errors = item["onPremisesProvisioningErrors"]
    return {(error["propertyCausingError"], error["value"]) for error in errors}


@pytest.fixture
def in_memory(monkeypatch):
    """Let a database live as long as its connection."""
    monkeypatch.setattr(database, "_connect", lambda *_, **__: sqlite3.connect(":memory:"))


@pytest.mark.usefixtures("in_memory")
@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"known_issues": list(ISSUES)}, id="known-issues-on"),
        pytest.param({"known_issues": []}, id="known-issues-off"),
        pytest.param({"known_issues": [], "upn_update_conflict": "keep"}, id="keeping-the-upn"),
        pytest.param({"resiliency": False}, id="resiliency-off"),
    ],
)
@profile(weight=4)
@given(steps=STEPS)
def test_the_tenant_decides_as_the_reference_model_does(settings, steps):
    model = ReferenceTenant(
        resiliency=settings.get("resiliency", True),
        known_issues=tuple(settings.get("known_issues", ISSUES)),
        keeps_upn=settings.get("upn_update_conflict") == "keep",
    )
    with closing(Side(settings)) as side:
        for step in steps:
            note(f"{step}")
            if step == SWEEP:
                assert side.sweep() == model.sweep()
            else:
                assert side.export(step) == model.export(step)
            assert_alike(model, side.tenant)
