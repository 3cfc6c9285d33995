"""The exporter sends, counts and logs each export, and goes on after a crash."""

from __future__ import annotations

import re
import threading
import tracemalloc
from typing import TYPE_CHECKING

from connector import ports
from connector.export import exporter
from connector.export.exporter import Exporter
from connector.model import (
    Batch,
    Event,
    MemberChange,
    MemberWork,
    ObjectType,
    Operation,
    PendingExport,
    SyncAction,
    SyncCode,
    SyncObject,
    SyncOperation,
    SyncResult,
)
from connector.staging.releases import FewReleases
from tests.fakes import SUFFIX, MemoryDirectory
from tests.properties.crashes import Breaker, CrashingWorld
from tests.world import EventLog, World

if TYPE_CHECKING:
    from collections.abc import Sequence


class Queue(ports.ExportQueue):
    """An export queue in memory (port ``ports.ExportQueue``)."""

    def __init__(self, *exports, members=(), managers=()):
        self.exports = {export.anchor: export for export in exports}
        self.works = list(members)
        self.reports = list(managers)
        self.open: int | None = None
        self.noted: Sequence[Batch] = ()
        self.tried = set()
        self.waiting = []
        self.calls = []

    def managers(self, limit):
        yield from [self.reports] if self.reports else []

    def record_managers(self, work, *, position):
        self.reports = [each for each in self.reports if each not in work]

    def session(self):
        return self.open

    def open_session(self, number):
        self.open = number

    def close_session(self):
        self.open, self.noted = None, ()
        self.tried.clear()

    def batches(self):
        return self.noted

    def note(self, batches):
        self.noted = batches
        self.calls.append("note")

    def in_order(self, session):
        yield from [export for export in self.exports.values() if export.anchor not in self.tried]

    def look_up(self, anchor):
        return self.exports[anchor]

    def exported_properties(self, anchor):
        return {}

    def releases(self, session):
        return FewReleases((key, e.anchor) for e in self.exports.values() for key in e.releases)

    def record(self, outcomes, *, session, now, following, position, place):
        self.calls.append("record")
        self.noted = following
        events = []
        for export, result in outcomes:
            if result.code == "Success":
                del self.exports[export.anchor]
            else:
                self.tried.add(export.anchor)
                events.append(
                    Event(len(self.waiting) + 1, "export.failed", {"anchor": export.anchor})
                )
        self.waiting += events
        return events

    def unlogged(self, limit):
        return self.waiting[:limit]

    def log_place(self):
        return "0"

    def logged(self, events, *, place):
        self.calls.append("logged")
        self.waiting = [event for event in self.waiting if event not in events]

    def members(self, limit):
        yield self.works

    def record_members(self, work, *, position):
        self.works = [item for item in self.works if item not in work]


class Tenant(ports.Tenant):
    """Accepts everything but the given anchors, and keeps all that it was sent."""

    def __init__(self, *refused):
        self.refused = refused
        self.sent = []
        self.answers = {}
        self.totals = None

    def export(self, batch, objects):
        self.sent.append(list(objects))
        self.answers[batch] = [self._result(item) for item in objects]
        return self.answers[batch]

    def _result(self, item):
        if item.source_anchor in self.refused:
            return SyncResult(
                item.source_anchor, SyncCode.LARGE_OBJECT, SyncAction.FAILED, "too large"
            )
        is_delete = item.operation is SyncOperation.DELETE
        action = SyncAction.DELETED if is_delete else SyncAction.ADDED
        return SyncResult(item.source_anchor, action=action)

    def results(self, batch):
        return self.answers.get(batch)

    def position(self):
        return str(len(self.answers))

    def refusal(self, cookie):
        return None

    def finalize_export(self, *, exported, failed):
        self.totals = (exported, failed)

    def read_back(self, _cookie):
        return iter(()), ""


def add(anchor, kind=ObjectType.USER, **properties):
    return PendingExport(Operation.ADD, anchor, kind, anchor, {"displayName": anchor, **properties})


def export(queue, tenant, log=None, **arguments):
    run = Exporter(queue, tenant, log or EventLog(), now=lambda: "now", **arguments)
    return run.export(1)


# --- what is sent ---------------------------------------------------------------------------------


def test_the_whole_wanted_state_of_an_object_is_sent():
    tenant = Tenant()

    export(Queue(add("a")), tenant)

    assert tenant.sent[0] == [
        SyncObject(ObjectType.USER, SyncOperation.SET, "a", {"displayName": "a"})
    ]


def test_of_a_deleted_object_the_anchor_alone_is_sent():
    tenant = Tenant()

    export(Queue(PendingExport(Operation.DELETE, "a", ObjectType.USER, "", {"mail": "x"})), tenant)

    assert tenant.sent[0] == [SyncObject(ObjectType.USER, SyncOperation.DELETE, "a")]


def test_objects_go_in_batches(monkeypatch):
    monkeypatch.setattr(exporter, "BATCH", 2)
    tenant = Tenant()

    export(Queue(*map(add, "abcde")), tenant)

    assert [[item.source_anchor for item in batch] for batch in tenant.sent if batch] == [
        ["a", "b"],
        ["c", "d"],
        ["e"],
    ]


def test_batches_of_objects_with_many_addresses_are_smaller(monkeypatch):
    monkeypatch.setattr(exporter, "ADDRESSES", 4)
    tenant = Tenant()
    queue = Queue(*(add(name, proxyAddresses=["smtp:a", "smtp:b"]) for name in "abc"))

    export(queue, tenant)

    assert [len(batch) for batch in tenant.sent[:2]] == [2, 1]


def test_memberships_go_after_all_objects():
    change = MemberChange("a", add=True)
    queue = Queue(add("g", ObjectType.GROUP), add("a"), members=[MemberWork("g", [change])])
    tenant = Tenant()

    export(queue, tenant)

    assert tenant.sent[1] == [
        SyncObject(ObjectType.GROUP, SyncOperation.SET, "g", member_changes=[change])
    ]
    assert queue.works == []


def test_memberships_of_a_group_that_failed_stay_pending():
    work = MemberWork("g", [MemberChange("a", add=True)])
    queue = Queue(members=[work])

    export(queue, Tenant("g"))

    assert queue.works == [work]


def test_the_tenant_is_told_the_totals():
    tenant = Tenant("b")

    export(Queue(add("a"), add("b")), tenant)

    assert tenant.totals == (1, 1)


# --- what is counted and logged -------------------------------------------------------------------


def test_results_are_counted_by_what_the_tenant_did():
    delete = PendingExport(Operation.DELETE, "d", ObjectType.USER, "", {})

    counts = export(Queue(delete, add("a"), add("b")), Tenant("b"))

    assert (counts.adds, counts.deletes, counts.errors) == (1, 1, 1)


def test_each_object_is_logged_by_name():
    log = EventLog()

    export(Queue(add("a", onPremisesDistinguishedName="uid=a")), Tenant(), log)

    assert log.events == [
        ("object.added", {"anchor": "a", "type": "user", "name": "a", "dn": "uid=a"})
    ]


def test_a_group_that_was_added_is_not_logged_again_for_its_members():
    log = EventLog()
    work = MemberWork("g", [MemberChange("a", add=True)])

    counts = export(Queue(add("g", ObjectType.GROUP), members=[work]), Tenant(), log)

    assert [event for event, _ in log.events] == ["object.added"]
    assert counts.updates == 0


def test_a_group_of_which_the_members_alone_changed_is_an_update():
    log = EventLog()
    work = MemberWork("g", [MemberChange("a", add=True), MemberChange("b", add=False)])

    counts = export(Queue(members=[work]), Tenant(), log)

    assert counts.updates == 1
    assert log.events == [
        (
            "object.updated",
            {
                "anchor": "g",
                "type": "group",
                "attributes": ["members"],
                "members_added": 1,
                "members_removed": 1,
            },
        )
    ]


def test_a_failure_is_logged_and_reported_and_then_forgotten():
    queue, log = Queue(add("a")), EventLog()
    run = Exporter(queue, Tenant("a"), log, now=lambda: "now")

    run.export(1)

    assert log.events == [("export.failed", {"anchor": "a", "seq": 1})]
    assert run.reported == [{"kind": "export", "anchor": "a"}]
    assert queue.waiting == []


# --- order and interruption -----------------------------------------------------------------------


def test_a_value_is_released_before_it_is_claimed():
    claimant = add("a", userPrincipalName="joe@contoso.com")
    holder = PendingExport(
        Operation.UPDATE, "z", ObjectType.USER, "z", {}, (), ("upn:joe@contoso.com",)
    )
    tenant = Tenant()

    export(Queue(claimant, holder), tenant)

    assert [item.source_anchor for item in tenant.sent[0]] == ["z", "a"]


def test_answers_are_written_down_before_they_are_logged_and_forgotten_after():
    queue = Queue(add("a"))

    export(queue, Tenant("a"))

    assert queue.calls == ["note", "record", "logged"]


def test_a_stop_ends_the_export_between_two_batches(monkeypatch):
    monkeypatch.setattr(exporter, "BATCH", 1)
    queue, tenant = Queue(add("a"), add("b")), Tenant()

    exporting = Exporter(queue, tenant, EventLog(), now=lambda: "now", stop=lambda: True)

    exporting.export(1)

    assert exporting.stopped
    assert (len(tenant.sent), list(queue.exports), queue.open) == (1, ["b"], 1)


def test_a_session_that_was_left_open_goes_on():
    queue = Queue(add("a"), add("b"))
    queue.open, queue.tried = 1, {"a"}
    tenant = Tenant()

    export(queue, tenant)

    assert [item.source_anchor for item in tenant.sent[0]] == ["b"]


def test_an_answer_that_was_never_written_down_is_asked_for_again():
    queue, tenant = Queue(add("a")), Tenant()
    tenant.export("1", [SyncObject(ObjectType.USER, SyncOperation.SET, "a")])
    queue.open, queue.noted = 1, [Batch("1", ["a"])]

    counts = Exporter(queue, tenant, EventLog(), now=lambda: "now").recover()

    assert (counts.adds, queue.exports, len(tenant.sent)) == (1, {}, 1)


def test_a_batch_that_never_reached_the_tenant_is_sent_by_the_next_export():
    queue, tenant = Queue(add("a")), Tenant()
    queue.open, queue.noted = 1, [Batch("1", ["a"])]

    Exporter(queue, tenant, EventLog(), now=lambda: "now").recover()

    assert (list(queue.noted), list(queue.exports)) == ([], ["a"])


def test_of_two_batches_that_were_noted_each_is_asked_for():
    queue, tenant = Queue(add("a"), add("b"), add("c")), Tenant()
    for name in "ab":
        tenant.export(name, [SyncObject(ObjectType.USER, SyncOperation.SET, name)])
    queue.open, queue.noted = 1, [Batch("a", ["a"]), Batch("b", ["b"])]

    counts = Exporter(queue, tenant, EventLog(), now=lambda: "now").recover()

    assert (counts.adds, list(queue.noted), list(queue.exports)) == (2, [], ["c"])


def test_the_first_of_two_batches_may_be_all_that_the_tenant_got():
    queue, tenant = Queue(add("a"), add("b")), Tenant()
    tenant.export("a", [SyncObject(ObjectType.USER, SyncOperation.SET, "a")])
    queue.open, queue.noted = 1, [Batch("a", ["a"]), Batch("b", ["b"])]

    counts = Exporter(queue, tenant, EventLog(), now=lambda: "now").recover()

    assert (counts.adds, list(queue.noted), list(queue.exports)) == (1, [], ["b"])


def test_a_batch_is_noted_before_it_is_sent(monkeypatch):
    monkeypatch.setattr(exporter, "BATCH", 1)
    queue = Queue(*map(add, "abcd"))
    noted = []

    class Watching(Tenant):
        def export(self, batch, objects):
            noted.append(batch in [known.id for known in queue.noted])
            return super().export(batch, objects)

    export(queue, Watching())

    # The last one is that of the memberships, which are never noted: they may be sent twice.
    assert noted == [True, True, True, True, False]


class Ahead(Tenant):
    """Takes batches ahead, and answers each only when the next one is there, or none comes."""

    def __init__(self, queue, *refused):
        super().__init__(*refused)
        self.queue = queue
        self.on_their_way = []
        self.most = 0
        self.noted = []
        self.came = threading.Semaphore(0)

    def begin(self, batch, objects):
        self.noted.append(batch in [known.id for known in self.queue.noted])
        self.on_their_way.append(batch)
        self.most = max(self.most, len(self.on_their_way))
        self.came.release()

        def answer():
            self.came.acquire(timeout=2)
            assert self.on_their_way.pop(0) == batch
            return self.export(batch, objects)

        return answer


def test_a_tenant_that_takes_batches_ahead_has_two_that_are_noted_and_never_more(monkeypatch):
    monkeypatch.setattr(exporter, "BATCH", 1)
    queue = Queue(*map(add, "abcdef"))
    tenant = Ahead(queue)

    counts = export(queue, tenant)

    assert [item.source_anchor for batch in tenant.sent[:6] for item in batch] == list("abcdef")
    assert (counts.adds, tenant.most, tenant.noted) == (6, 2, [True] * 6)
    assert (queue.exports, queue.open) == ({}, None)


def test_a_stop_records_what_the_tenant_has_already(monkeypatch):
    monkeypatch.setattr(exporter, "BATCH", 1)
    queue = Queue(*map(add, "abcd"))
    tenant = Ahead(queue)
    exporting = Exporter(queue, tenant, EventLog(), now=lambda: "now", stop=lambda: True)

    exporting.export(1)

    assert exporting.stopped
    assert (len(tenant.sent), list(queue.exports), queue.noted) == (2, ["c", "d"], [])


def test_an_event_that_is_in_the_log_already_is_not_logged_again():
    queue, log = Queue(), EventLog()
    queue.waiting = [Event(1, "export.failed", {}), Event(2, "export.failed", {})]
    log.error("export.failed", seq=1)

    Exporter(queue, Tenant(), log, now=lambda: "now").recover()

    assert [fields["seq"] for _, fields in log.events] == [1, 2]
    assert queue.waiting == []


# --- against the real tenant ----------------------------------------------------------------------


def filled():
    """A directory with a quarantine, a refused object and a group."""
    directory = MemoryDirectory()
    ann = directory.user("ann", "joe@contoso.com")
    bob = directory.user("bob", "joe@contoso.com")
    directory.user("carl", mailNickname="x" * 65)
    directory.group("staff", [ann, bob])
    return directory


def outcome(world):
    """The objects of the tenant and the events of the log, without the digits of placeholders."""
    objects = {
        name: (
            re.sub(r"\d{4}@", "@", item.get("userPrincipalName") or ""),
            len(item.get("onPremisesProvisioningErrors", ())),
        )
        for name, item in world.cloud.items()
    }
    staff = world.tenant.show(f"cn=staff,ou=groups,{SUFFIX}")
    return (
        objects,
        sorted(member["displayName"] for member in staff["members"]),
        [(fields["name"], fields["attribute"]) for fields in world.logged("export.quarantined")],
    )


def test_a_crash_at_any_moment_and_another_cycle_lead_to_the_same_end(tmp_path, monkeypatch):
    monkeypatch.setattr(exporter, "BATCH", 2)
    breaker = Breaker()
    monkeypatch.setattr("connector.storage.database._connect", breaker.connect)
    with CrashingWorld(tmp_path / "whole", filled(), breaker) as world:
        moments = world.count("sync")
        expected = outcome(world)

    for fatal in range(moments):
        with CrashingWorld(tmp_path / str(fatal), filled(), breaker) as world:
            world.crash(fatal, "sync")
            world.sync()

            attempts = [fields["attempt"] for fields in world.logged("export.failed")]
            assert (fatal, outcome(world)) == (fatal, expected)
            assert attempts == list(range(1, len(attempts) + 1))
    assert expected[2] == [("Bob", "UserPrincipalName")]


# --- circles --------------------------------------------------------------------------------------


def turned(directory, names, by, aliases=5):
    """Give each of the users the addresses of the one that is so many places on."""
    for place, name in enumerate(names):
        other = names[(place + by) % len(names)]
        wanted = [
            f"SMTP:{other}@fabrikam.com",
            *(f"smtp:{other}{n}@contoso.com" for n in range(aliases)),
        ]
        directory.modify(f"uid={name},ou=users,{SUFFIX}", proxyAddresses=wanted)


def circled(path, directory, breaker=None):
    """A world in which the addresses of six users are about to go round."""
    world = CrashingWorld(path, directory, breaker) if breaker else World(path, directory)
    names = [f"user{number}" for number in range(6)]
    for name in names:
        directory.user(name)
    turned(directory, names, 0)
    world.sync()
    world.sync()
    turned(directory, names, 1)
    return world


def test_memory_of_an_export_does_not_grow_with_the_circle(tmp_path, monkeypatch):
    monkeypatch.setattr(exporter, "ADDRESSES", 800)
    for name, value in {"_IN_MEMORY": 3, "_FIRST": 10, "_CHARACTERS": 50_000}.items():
        monkeypatch.setattr(f"connector.staging.exports.{name}", value)
    peaks = []

    def watched(self, number, export=Exporter.export):
        tracemalloc.start()
        counts = export(self, number)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        return counts

    for users in (100, 300):
        with World(tmp_path / str(users)) as world:
            names = [f"user{number}x" for number in range(users)]
            for name in names:
                world.user(name)
            turned(world.directory, names, 0, aliases=80)
            world.sync()
            world.sync()
            turned(world.directory, names, 1, aliases=80)
            with monkeypatch.context() as only_here:
                only_here.setattr(Exporter, "export", watched)
                run = world.sync()

            assert (run.steps[-1].counts.updates, world.errors()) == (users, [])
    assert peaks[1] < 1.5 * peaks[0]


def addresses(world):
    return {name: sorted(item["proxyAddresses"]) for name, item in world.cloud.items()}


def test_a_circle_too_big_for_a_batch_ends_as_a_small_one(tmp_path, monkeypatch):
    with circled(tmp_path / "small", MemoryDirectory()) as world:
        world.sync()
        expected = addresses(world)
    monkeypatch.setattr(exporter, "ADDRESSES", 12)
    monkeypatch.setattr("connector.staging.exports._IN_MEMORY", 3)

    with circled(tmp_path / "big", MemoryDirectory()) as world:
        run = world.sync()
        again = world.sync()

        assert addresses(world) == expected
        assert world.logged("export.quarantined") == []
        assert (run.result, run.steps[-1].counts.updates) == ("success", 6)
        assert (again.result, again.steps[-1].counts.updates) == ("success", 0)
        assert len(world.logged("object.updated")) == 6


def test_a_circle_that_is_killed_at_any_moment_is_closed_by_the_next_cycles(tmp_path, monkeypatch):
    monkeypatch.setattr(exporter, "ADDRESSES", 12)
    breaker = Breaker()
    monkeypatch.setattr("connector.storage.database._connect", breaker.connect)
    with circled(tmp_path / "whole", MemoryDirectory(), breaker) as world:
        moments = world.count("sync")
        expected = addresses(world)

    for fatal in range(moments):
        with circled(tmp_path / str(fatal), MemoryDirectory(), breaker) as world:
            world.crash(fatal, "sync")
            world.sync()
            world.sync()

            assert (fatal, addresses(world)) == (fatal, expected)
            assert world.logged("export.quarantined") == []
