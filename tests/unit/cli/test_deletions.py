"""``connector deletions`` shows the waiting plan, and says how to approve it."""

from __future__ import annotations

import pytest

from connector.staging.space import ConnectorSpace


@pytest.fixture
def held(connector):
    """A command on a storage where one deletion waits for approval."""
    space = ConnectorSpace.open(connector.storage)
    plan = space.deletions.hold(["aGk="], "too many")
    space.close()
    return connector, plan.hash


def test_nothing_waits_at_first(connector):
    assert connector("deletions", "--json").json == {
        "hash": None,
        "count": 0,
        "reason": None,
        "approved": False,
        "objects": [],
    }


def test_a_plan_is_shown_with_its_hash_and_reason(held):
    connector, plan_hash = held

    done = connector("deletions")

    assert "Stopped: too many" in done.out
    assert f"connector deletions approve {plan_hash}" in done.out


def test_a_plan_is_approved_by_its_hash_alone(held):
    connector, plan_hash = held

    codes = [connector("deletions", "approve", given).code for given in ("0123", plan_hash)]

    assert codes == [2, 0]
    assert connector("deletions", "--json").json["approved"] is True


def test_a_discarded_plan_is_forgotten(held):
    connector, _ = held

    told = [connector("deletions", "discard").out for _ in range(2)]

    assert connector("deletions").out == "No deletions wait for approval.\n"
    assert told == [
        "Discarded. Nothing was deleted.\n",
        "No deletions wait for approval: there is nothing to discard.\n",
    ]
