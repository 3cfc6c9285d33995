"""What settles a difference, by what the directory and the tenant would tell in a delta."""

from __future__ import annotations

import pytest

from connector.errors import CookieRefused, ResyncRequired
from connector.staging.settling import Remedy

LONG_AGO = 1


def remedies(world):
    space, directory = world.parts.space, world.directory
    found = list(space.compare(directory, world.parts.tenant))
    return {(d.what, remedy) for d, remedy in space.advise(found, directory, world.parts.tenant)}


@pytest.fixture
def people(world):
    """Ann and Bob, synced and confirmed."""
    dns = [world.user("ann"), world.user("bob")]
    world.group("staff", dns)
    world.sync()
    world.sync()
    return dns


def untold(world, dn):
    """Let no delta report the entry, as after a restore."""
    world.directory._held(dn).changed = LONG_AGO


def test_what_a_delta_tells_a_delta_settles(world, people):
    ann, bob = people
    world.directory.modify(ann, title="Boss")
    world.directory.remove(bob)
    world.user("cid")

    assert remedies(world) == {
        ("changed since the last import", Remedy.DELTA),
        ("staged, but gone from the directory", Remedy.DELTA),
        ("not staged yet", Remedy.DELTA),
    }


def test_what_no_delta_tells_is_read_whole_or_by_identity(world, people):
    ann, bob = people
    world.directory.modify(ann, title="Boss")
    untold(world, ann)
    world.directory.remove(bob)
    world.directory._gone.clear()
    untold(world, world.user("cid"))

    assert remedies(world) == {
        ("changed since the last import", Remedy.EVERYTHING),
        ("staged, but gone from the directory", Remedy.IDENTITIES),
        ("not staged yet", Remedy.IDENTITIES),
    }


def test_a_present_phase_tells_what_is_gone(world, people):
    world.directory.remove(people[1])
    world.directory.lose_session_log()

    assert remedies(world) == {("staged, but gone from the directory", Remedy.DELTA)}


@pytest.mark.parametrize(
    ("error", "remedy"),
    [(ResyncRequired("full"), Remedy.DELTA), (CookieRefused("53"), Remedy.IDENTITIES)],
)
def test_a_cookie_that_is_refused_for_good_makes_a_delta_a_full_read(world, people, error, remedy):
    world.user("cid")
    space, directory = world.parts.space, world.directory
    found = list(space.compare(directory, world.parts.tenant))
    directory.fail_at(0, error)

    advised = space.advise(found, directory, world.parts.tenant)

    assert [each for _, each in advised] == [remedy]
    assert people


def test_without_an_import_a_delta_reads_everything(world):
    world.user("ann")

    assert remedies(world) == {("not staged yet", Remedy.DELTA)}


def test_what_a_read_back_tells_a_delta_settles(world, people):
    world.parts.tenant.administrator.delete("ann@contoso.com")

    assert remedies(world) == {
        ("exported, but gone from the tenant", Remedy.DELTA),
        ("other members than were exported", Remedy.DELTA),
    }
    world.sync()
    world.sync()
    assert remedies(world) == set()
    assert people


def test_what_no_read_back_tells_is_read_whole(world, people):
    store = world.parts.tenant._store
    with store.transaction():
        store.connection.execute("UPDATE object SET shadow = '{}' WHERE number = 1")

    before = remedies(world)
    world.sync("initial")
    world.sync()

    assert before == {("other than it was exported", Remedy.EVERYTHING)}
    assert remedies(world) == set()
    assert people


def test_what_a_guard_holds_waits_for_an_approval(strict):
    dns = [strict.user(name) for name in ("ann", "bob", "cid")]
    strict.sync()
    strict.sync()
    strict.directory.remove(dns[0])

    strict.sync()

    assert remedies(strict) == {("pending delete", Remedy.APPROVAL)}


def test_what_failed_waits_for_a_correction(world):
    world.user("ann", mailNickname="x" * 65)

    world.sync()

    assert remedies(world) == {("pending add", Remedy.CORRECTION)}


def test_memberships_that_a_guard_holds_are_differences_too(world):
    dns = [world.user(f"user{number}") for number in range(20)]
    staff = world.group("staff", dns)
    world.sync()
    world.sync()
    world.directory.modify(staff, member=dns[:1])

    world.sync()

    assert remedies(world) == {("pending changes of 19 members", Remedy.APPROVAL)}
