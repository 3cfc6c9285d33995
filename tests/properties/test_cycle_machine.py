"""Whatever happens to a directory and to a connector, the tenant ends as the directory says.

A machine walks at random through changes of a directory, cycles, sweeps, failures of the directory
and crashes of the connector, with two connectors on that one directory: one is never disturbed, the
other is restarted and killed. Batches are of two objects, so that a run has several of them.

``profiles`` says how to search for longer.
"""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from connector.export import exporter, references
from connector.operations.rehearsal import rehearse
from connector.storage import database
from connector.tenant.postgresql import session
from tests import disk
from tests.folding import address as key
from tests.properties import views
from tests.properties.crashes import Breaker, CrashingWorld
from tests.properties.directory_walk import DirectoryWalk
from tests.properties.profiles import profile
from tests.world import tenants_on_a_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.run import Run

KNOWN_ISSUES_ON: dict[str, Any] = {}
KNOWN_ISSUES_OFF: dict[str, Any] = {"known_issues": []}
KEEPING_THE_UPN = {"known_issues": [], "upn_update_conflict": "keep"}
RESILIENCY_OFF = {"resiliency": False}

POLICIES = st.sampled_from(["delta", "initial"])
MOMENTS = st.integers(0, 1000)
PLACEHOLDER = re.compile(r"[^@]+\d{4}@contoso\.onmicrosoft\.com")
ENOUGH = 8
MONTH = timedelta(days=31)


class CycleMachine(DirectoryWalk):
    """``tenant`` are settings of the tenant."""

    def __init__(self, tenant: dict[str, Any], breaker: Breaker) -> None:
        super().__init__()
        self._stack = ExitStack()
        folder = self._stack.enter_context(disk.folder())
        sections = {"tenant": tenant, "safety": {"shrink_percent": 100}}
        self.undisturbed, self.world = (
            CrashingWorld(folder / name, self.directory, breaker, **sections)
            for name in ("undisturbed", "disturbed")
        )
        self.keeps_upn = tenant.get("upn_update_conflict") == "keep"
        self.resilient = tenant.get("resiliency", True)
        self.hard_errors = tenant.get("known_issues") != [] or not self.resilient

    @property
    def worlds(self) -> tuple[CrashingWorld, CrashingWorld]:
        return self.undisturbed, self.world

    def teardown(self) -> None:
        for world in self.worlds:
            world.__exit__()
        self._stack.close()

    # --- the directory fails ----------------------------------------------------------------------

    @rule()
    def lose_the_session_log(self) -> None:
        self.directory.lose_session_log()

    @rule(policy=POLICIES)
    def cycle_without_a_directory(self, policy: str) -> None:
        self.directory.unreachable = True
        for world in self.worlds:
            before = views.everything(world)

            run = world.sync(policy)

            assert run.result == "no-start-connection"
            assert views.everything(world) == before
        self.directory.unreachable = False

    @rule(message=st.integers(0, 12), policy=POLICIES)
    def cycle_with_a_stream_that_breaks(self, message: int, policy: str) -> None:
        """A stream counts as a whole or not at all; one that breaks after its end was whole."""
        for world in self.worlds:
            before = views.everything(world)
            self.directory.fail_at(message)

            run = world.sync(policy)

            if run.result == "no-start-connection":
                assert views.everything(world) == before
            else:
                self._as_wanted(world)
        self._alike()

    # --- the connector works ----------------------------------------------------------------------

    @rule()
    def cycle(self) -> None:
        for world in self.worlds:
            with _reported_once(world):
                self._sync(world)
        self._alike()

    @rule()
    def cycle_twice(self) -> None:
        for world in self.worlds:
            self._sync(world)
            failing = views.failing(world)
            since = len(world.log.events)

            run = self._sync(world)

            assert not _exports(run) or failing, run
            exported = views.touched(world, since, without=failing)
            assert [event for event, _ in exported if event != "object.updated"] == []
        self._alike()

    @rule()
    def full_cycle(self) -> None:
        for world in self.worlds:
            with _reported_once(world):
                self._sync(world, "initial")
        self._alike()

    @rule()
    def full_cycle_after_a_delta(self) -> None:
        for world in self.worlds:
            self._settle(world)
            before = views.everything(world)

            run = self._sync(world, "initial")

            [read] = [step for step in run.steps if step.name == "directory-import"]
            counts = read.counts
            assert (counts.adds, counts.updates, counts.deletes) == (0, 0, 0)
            assert views.everything(world) == before

    @rule(givers=st.integers(0, 5), cycles=st.integers(0, 2))
    def sweep(self, givers: int, cycles: int) -> None:
        """Sweep, perhaps after some objects gave up values."""
        waiting = {anchor for anchor, _, _ in views.quarantine(self.undisturbed)}
        self.give_values_up(views.others(self.directory, waiting)[:givers])
        for world in self.worlds:
            for _ in range(cycles):
                self._sync(world)
            before = views.tenant(world)
            world.sweep()
            self._gave_values_back(before, world)
        self._alike()

    @rule(policy=POLICIES, sweep=st.booleans())
    def rehearse_a_cycle(self, policy: str, *, sweep: bool) -> None:
        for world in self.worlds:
            before = views.everything(world)

            rehearsal = rehearse(world.settings, policy, directory=world.directory, sweep=sweep)

            assert views.everything(world) == before
            run = world.sync(policy)
            assert rehearsal.run.steps[-1].counts == run.steps[-1].counts
        self._alike()

    @rule()
    def restart(self) -> None:
        self.world.restart()

    @rule()
    def a_month_passes(self) -> None:
        for world in self.worlds:
            world.time += MONTH

    # --- the connector dies -----------------------------------------------------------------------

    @rule(moments=st.lists(MOMENTS, min_size=1, max_size=3), policy=POLICIES)
    def die_in_a_cycle(self, moments: list[int], policy: str) -> None:
        with _reported_once(self.undisturbed), _reported_once(self.world):
            count = self.undisturbed.count("sync", policy)
            for moment in moments:
                self.world.crash(moment % count, "sync", policy)
            for world in self.worlds:
                self._settle(world)
        self._alike()

    @rule(moment=MOMENTS)
    def die_in_a_sweep(self, moment: int) -> None:
        count = self.undisturbed.count("sweep")
        before = views.tenant(self.world)
        # A sweep that gives nothing back may have no moment to die at.
        self.world.crash(moment % max(count, 1), "sweep").sweep()
        self._gave_values_back(before, self.world)
        self._alike()

    # --- what holds -------------------------------------------------------------------------------

    def _sync(self, world: CrashingWorld, policy: str = "delta") -> Run:
        run = world.sync(policy)
        [cloud] = [step for step in run.steps if step.name == "cloud-import"]
        counts = cloud.counts
        assert (counts.adds, counts.updates, counts.deletes) == (0, 0, 0)
        self._told_everything(world)
        self._as_wanted(world)
        return run

    def _settle(self, world: CrashingWorld) -> None:
        """Run cycles until two in a row export nothing, because a hard error may pass the second time."""
        quiet = 0
        for _ in range(ENOUGH):
            quiet = 0 if _exports(self._sync(world)) else quiet + 1
            if quiet == 2:
                return
        raise AssertionError("the cycles do not come to rest")

    def _told_everything(self, world: CrashingWorld) -> None:
        failing = views.failing(world)
        assert {export.anchor for export in views.pending(world)} <= failing
        assert self.hard_errors or world.parts.space.queue.count() == len(failing)

    def _as_wanted(self, world: CrashingWorld) -> None:
        """The tenant has the objects of the directory, each with all its values or their quarantine."""
        wanted = views.wanted(self.directory)
        shown = views.tenant(world)
        failing = views.failing(world)
        assert shown.keys() - failing == wanted.keys() - failing
        anchors = views.anchors_by_dn(self.directory)
        for anchor in shown.keys() - failing:
            self._has_what_it_wants(shown[anchor], wanted[anchor])
        for anchor, want in wanted.items():
            if anchor in shown:
                manager = anchors.get((want.manager or "").lower())
                assert shown[anchor]["manager"] == (manager if manager in shown else None)
            if want.type == "group" and anchor in shown:
                members = {anchors.get(dn.lower()) for dn in want.members} & shown.keys()
                assert set(shown[anchor]["members"]) == members

    def _has_what_it_wants(self, item: dict[str, Any], want: views.Wanted) -> None:
        assert (item["objectType"], item["displayName"]) == (want.type, want.name)
        waits = views.quarantined(item, "ProxyAddresses")
        addresses = set(views.smtp_keys(item["proxyAddresses"]))
        assert addresses | waits == want.proxies
        assert not addresses & waits
        if want.upn is None:
            return
        if waits := views.quarantined(item, "UserPrincipalName"):
            assert waits == {key(want.upn)}
            assert self.keeps_upn or PLACEHOLDER.fullmatch(item["userPrincipalName"])
        else:
            assert item["userPrincipalName"] == want.upn

    def _gave_values_back(self, before: dict[str, dict[str, Any]], world: CrashingWorld) -> None:
        after = views.tenant(world)
        assert after.keys() == before.keys()
        for anchor, item in after.items():
            taken = {
                claim
                for claim in views.claims(before[anchor]) - views.claims(item)
                if claim[0] != "UserPrincipalName"
            }
            assert not taken
            for attribute in ("UserPrincipalName", "ProxyAddresses"):
                waiting = views.quarantined(item, attribute)
                assert waiting <= views.quarantined(before[anchor], attribute)
                for value in waiting:
                    others = (other for name, other in after.items() if name != anchor)
                    assert any((attribute, value) in views.claims(other) for other in others)

    def _alike(self) -> None:
        assert views.everything(self.world) == views.everything(self.undisturbed)

    @invariant()
    def every_value_has_one_holder(self) -> None:
        for world in self.worlds:
            held = [c for item in views.tenant(world).values() for c in views.claims(item)]
            assert len(held) == len(set(held))

    @invariant()
    def no_state_is_left_that_nothing_names(self) -> None:
        for world in self.worlds:
            assert views.loose_ends(world.parts.space) == {}

    @invariant()
    def every_text_is_named_and_belongs_to_one_object(self) -> None:
        for world in self.worlds:
            assert views.texts_astray(world) == []

    @invariant()
    def every_user_has_a_upn(self) -> None:
        for world in self.worlds:
            for item in world.tenant.objects("user"):
                assert item["userPrincipalName"]


@contextmanager
def _reported_once(world: CrashingWorld) -> Iterator[None]:
    """Each value that is quarantined in the block is in the log once, and no other one."""
    before = views.quarantine(world)
    since = len(world.log.events)
    yield
    reports = views.reports(world, since)
    assert set(reports) == views.quarantine(world) - before
    assert set(reports.values()) <= {1}


def _exports(run: Run) -> int:
    counts = run.steps[-1].counts
    return counts.adds + counts.updates + counts.deletes


CASES = pytest.mark.parametrize(
    "tenant",
    [
        pytest.param(KNOWN_ISSUES_ON, id="known-issues-on"),
        pytest.param(KNOWN_ISSUES_OFF, id="known-issues-off"),
        pytest.param(KEEPING_THE_UPN, id="keeping-the-upn"),
        pytest.param(RESILIENCY_OFF, id="resiliency-off"),
    ],
)


@pytest.fixture
def breaker(monkeypatch):
    made = Breaker()
    monkeypatch.setattr(database, "_connect", made.connect)
    monkeypatch.setattr(session, "open_connection", made.connect_to_server)
    monkeypatch.setattr(exporter, "BATCH", 2)
    monkeypatch.setattr(references, "LINKS", 2)
    return made


@CASES
def test_whatever_happens_the_tenant_ends_as_the_directory_says(breaker, tenant):
    class Machine(CycleMachine):
        def __init__(self) -> None:
            super().__init__(tenant, breaker)

    run_state_machine_as_test(Machine, settings=profile())


@CASES
def test_whatever_happens_a_tenant_on_a_server_ends_as_the_directory_says(
    breaker, tenant, postgresql
):
    class Machine(CycleMachine):
        def __init__(self) -> None:
            with ExitStack() as stack:
                lent = stack.enter_context(postgresql.databases())
                stack.enter_context(tenants_on_a_server(lent))
                super().__init__(tenant, breaker)
                self.lent = stack.pop_all()

        def teardown(self) -> None:
            super().teardown()
            self.lent.close()

    run_state_machine_as_test(Machine, settings=profile(0.1))
