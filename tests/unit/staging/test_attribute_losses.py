"""Attributes that many objects lose at once stop an import before anything is staged."""

from __future__ import annotations

import pytest

from tests.fakes import SUFFIX
from tests.world import World

STOPPED = "stopped-attribute-loss"


def user(number: int) -> str:
    return f"uid=u{number:02},ou=users,{SUFFIX}"


@pytest.fixture
def twenty(tmp_path):
    """A synced directory of 20 users, each with a title and an address."""
    with World(tmp_path) as world:
        for number in range(20):
            name = f"u{number:02}"
            world.user(name, title="Boss", proxies=[f"SMTP:{name}@contoso.com"])
        world.sync()
        yield world


def take(world, numbers, *names):
    for number in numbers:
        world.directory.modify(user(number), **{name: [] for name in names})


def waiting(world):
    return world.parts.space.deletions.plan()


@pytest.mark.parametrize("policy", ["delta", "initial"])
def test_an_import_that_takes_an_attribute_from_most_objects_is_refused(twenty, policy):
    before = twenty.cloud
    take(twenty, range(11), "userPrincipalName", "proxyAddresses")

    run = twenty.sync(policy)

    assert (run.result, run.result.exit_code) == (STOPPED, 3)
    assert twenty.cloud == before
    assert waiting(twenty).reason == (
        "proxyAddresses is gone from 11 of 20 objects that had it, userPrincipalName is gone from 11 "
        "of 20 objects that had it, more than safety.attribute_loss_percent (50 %); see whether "
        "directory.bind_dn may still read it"
    )
    assert {planned.dn: planned.attributes for planned in waiting(twenty).objects} == {
        user(number): ["proxyAddresses", "userPrincipalName"] for number in range(11)
    }


def test_half_of_them_may_lose_it(twenty):
    take(twenty, range(10), "title")

    assert twenty.sync().result == "success"


def test_a_loss_among_fewer_than_twenty_is_left_to_people(tmp_path):
    with World(tmp_path) as world:
        for number in range(19):
            world.user(f"u{number:02}", title="Boss")
        world.sync()
        take(world, range(19), "title")

        assert world.sync().result == "success"


def test_those_who_never_had_the_attribute_do_not_count(twenty):
    for number in range(30, 99):
        twenty.user(f"u{number}")
    twenty.sync()
    take(twenty, range(11), "title")

    assert twenty.sync().result == STOPPED


def test_what_is_new_in_the_same_import_does_not_make_up_for_a_loss(twenty):
    for number in range(30, 99):
        twenty.user(f"u{number}", title="Boss")
    take(twenty, range(11), "title")

    assert twenty.sync().result == STOPPED


def test_what_gains_the_attribute_in_the_same_import_does_not_make_up_for_a_loss(twenty):
    for number in range(30, 99):
        twenty.user(f"u{number}")
    twenty.sync()
    for number in range(30, 99):
        twenty.directory.modify(user(number), title="Boss")
    take(twenty, range(11), "title")

    assert twenty.sync().result == STOPPED


def test_the_share_counts_within_one_type_too(twenty):
    for number in range(60):
        twenty.contact(f"c{number:02}", f"c{number:02}@contoso.com")
    twenty.sync()
    take(twenty, range(20), "proxyAddresses")

    run = twenty.sync()

    assert run.result == STOPPED
    assert "proxyAddresses is gone from 20 of 20 users that had it" in waiting(twenty).reason


def test_members_are_an_attribute_that_groups_may_lose(twenty):
    groups = [twenty.group(f"g{number}", [user(number)]) for number in range(20)]
    twenty.sync()
    for group in groups[:11]:
        twenty.directory.modify(group, member=[])

    run = twenty.sync()

    assert run.result == STOPPED
    assert "member is gone from 11 of 20 objects that had it" in waiting(twenty).reason


def test_an_approved_loss_goes_through_and_is_forgotten(twenty):
    take(twenty, range(20), "title")
    twenty.sync()
    space = twenty.parts.space
    space.deletions.approve(waiting(twenty).hash)

    run = twenty.sync()

    assert run.result == "success"
    assert waiting(twenty).hash is None
    assert {item.get("jobTitle") for item in twenty.cloud.values()} == {None}


def test_an_approval_holds_for_exactly_these_objects_and_attributes(twenty):
    take(twenty, range(20), "title")
    twenty.sync()
    shown = waiting(twenty).hash
    twenty.parts.space.deletions.approve(shown)
    take(twenty, range(20), "proxyAddresses")

    run = twenty.sync()

    assert run.result == STOPPED
    assert waiting(twenty).hash != shown


def test_rights_that_are_given_back_go_on_without_an_approval(twenty):
    before = twenty.cloud
    take(twenty, range(20), "title")
    twenty.sync()
    for number in range(20):
        twenty.directory.modify(user(number), title="Boss")

    run = twenty.sync()

    assert (run.result, twenty.cloud, waiting(twenty).hash) == ("success", before, None)


def test_deletes_and_losses_that_come_together_wait_in_one_plan(twenty):
    for number in range(30, 60):
        twenty.user(f"u{number}")
    twenty.sync()
    take(twenty, range(20), "title")
    for number in range(30, 60):
        twenty.directory.remove(user(number))
    stopped = twenty.sync()
    space = twenty.parts.space
    reason = waiting(twenty).reason
    space.deletions.approve(waiting(twenty).hash)

    run = twenty.sync()

    assert (stopped.result, run.result) == ("stopped-import-shrunk", "success")
    assert "lacks 30 of 50" in reason
    assert "title is gone from 20 of 20" in reason
    assert len(twenty.cloud) == 20
