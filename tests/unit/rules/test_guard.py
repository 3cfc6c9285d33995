"""The guards: when a run must stop before anything is deleted."""

from __future__ import annotations

import pytest

from connector.rules.guard import (
    Loss,
    attribute_losses,
    attributes_by_anchor,
    emptied_groups,
    refuses_export,
    refuses_import,
    refuses_share,
    refuses_types,
)


@pytest.mark.parametrize(
    ("staged", "removed", "left", "refused"),
    [
        (3, 3, 0, True),  # nothing left at all
        (1, 1, 0, True),
        (3, 2, 1, False),  # few objects: a share says little
        (19, 18, 1, False),
        (20, 11, 9, True),
        (20, 10, 10, False),  # exactly the share is not more than it
        (20, 0, 0, False),  # nothing removed, nothing to guard
        (100, 60, 90, True),  # what was added meanwhile does not make up for it
    ],
)
def test_an_import_that_loses_too_much_is_refused(staged, removed, left, refused):
    reason = refuses_import(staged=staged, removed=removed, left=left, shrink_percent=50)

    assert (reason is not None) is refused


@pytest.mark.parametrize(
    ("deletes", "percent", "refused"),
    [(500, None, False), (501, None, True), (10, 10, False), (11, 10, True), (0, 1, False)],
)
def test_an_export_with_more_deletes_than_allowed_is_refused(deletes, percent, refused):
    reason = refuses_export(deletes=deletes, exported=100, threshold=500, percent=percent)

    assert (reason is not None) is refused


def test_a_refusal_of_one_delete_has_the_singular():
    total = refuses_export(deletes=1, exported=100, threshold=0, percent=None)
    of_type = refuses_types({"group": 1}, {"group": 9}, thresholds={"group": 0}, percent=None)

    assert [total, of_type] == [
        "1 pending delete, more than safety.delete_threshold (0)",
        "1 pending delete of a group, more than safety.delete_threshold_groups (0)",
    ]


def test_a_refusal_names_the_setting_behind_it():
    reason = refuses_export(deletes=3, exported=100, threshold=2, percent=None)

    assert reason == "3 pending deletes, more than safety.delete_threshold (2)"


@pytest.mark.parametrize(
    ("deletes", "thresholds", "percent", "reason"),
    [
        ({"group": 3}, {"group": 3}, None, None),
        (
            {"group": 4},
            {"group": 3},
            None,
            "4 pending deletes of groups, more than safety.delete_threshold_groups (3)",
        ),
        ({"user": 4}, {"group": 3}, None, None),
        ({"group": 10}, {}, 50, None),
        (
            {"group": 11},
            {},
            50,
            "11 of 20 groups to delete, more than safety.delete_percent_per_type (50 %)",
        ),
        ({"contact": 19}, {}, 50, None),
        (  # the first type by name is told, in whatever order they were counted
            {"user": 4, "group": 4},
            {"user": 3, "group": 3},
            None,
            "4 pending deletes of groups, more than safety.delete_threshold_groups (3)",
        ),
    ],
)
def test_the_deletes_of_each_type_have_limits_of_their_own(deletes, thresholds, percent, reason):
    exported = {"user": 1000, "group": 20, "contact": 19}

    refused = refuses_types(deletes, exported, thresholds=thresholds, percent=percent)

    assert refused == reason


def test_groups_that_lose_more_than_their_share_of_members_are_named():
    losses = {"small": (19, 19), "half": (10, 20), "most": (11, 20), "huge": (30_000, 50_000)}

    assert emptied_groups(losses, percent=50) == ["huge", "most"]


@pytest.mark.parametrize(
    ("deletes", "exported", "refused"),
    [(19, 19, False), (10, 20, False), (11, 20, True), (26, 26, True), (0, 20, False)],
)
def test_an_export_that_deletes_most_of_what_is_there_is_refused(deletes, exported, refused):
    reason = refuses_share(deletes=deletes, exported=exported, shrink_percent=50)

    assert (reason is not None) is refused


def anchors(number: int) -> list[str]:
    return [str(each) for each in range(number)]


def test_attributes_that_too_many_objects_lose_are_found_overall_or_within_a_type():
    lost = {
        "mail": {"user": anchors(11)},
        "title": {"user": anchors(10)},
        "userprincipalname": {"user": anchors(20)},
        "cn": {"user": anchors(12), "group": anchors(12)},
        "sn": {"user": anchors(30), "contact": anchors(1)},
    }
    had = {
        ("mail", None): 20,
        ("userprincipalname", None): 100,
        ("userprincipalname", "user"): 20,
        ("cn", None): 24,
        ("sn", None): 61,
    }

    found = attribute_losses(lost, lambda name, kind, _: had.get((name, kind), 1000), percent=50)

    assert [str(loss) for loss in found] == [
        "cn is gone from 24 of 24 objects that had it",
        "mail is gone from 11 of 20 objects that had it",
        "sn is gone from 31 of 61 objects that had it",
        "userPrincipalName is gone from 20 of 20 users that had it",
    ]


def test_a_share_of_a_hundred_percent_refuses_no_loss():
    lost = {"mail": {"user": anchors(50)}}

    assert attribute_losses(lost, lambda *_: 50, percent=100) == []


def test_an_object_is_held_with_all_that_it_loses():
    losses = [Loss("mail", None, ["a", "b"], 2), Loss("title", "user", ["b"], 1)]

    assert attributes_by_anchor(losses) == {"a": ["mail"], "b": ["mail", "title"]}
