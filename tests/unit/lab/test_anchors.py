"""The anchors of the lab's entries: fixed, and sorted by their number."""

from __future__ import annotations

import re

from connector.lab.anchors import anchored
from connector.lab.conflicts import conflicts
from connector.lab.records import user, user_dn
from connector.values.ldif import replace


def anchor(record):
    [found] = re.findall(r"^mS-DS-ConsistencyGuid:: (.*)$", record, re.MULTILINE)
    return found


def test_anchors_sort_as_their_numbers_do():
    anchors = [anchor(anchored(user("ann", "Ann"), number)) for number in (0, 1, 9, 10, 305, 9999)]

    assert anchors == sorted(anchors)


def test_an_anchor_is_the_same_each_time_and_another_for_another_object():
    ann, again, bob = (anchored(user(uid, "Somebody"), 1) for uid in ("ann", "ann", "bob"))

    assert ann == again
    assert anchor(ann) != anchor(bob)


def test_the_record_keeps_its_form():
    plain = user("ann", "Ann")

    record = anchored(plain, 7)

    assert record.removesuffix("\n") == plain.removesuffix("\n") + (
        f"mS-DS-ConsistencyGuid:: {anchor(record)}\n"
    )


def test_changes_and_other_entries_stay_as_they_are():
    records = [
        replace(user_dn("ann"), {"title": "Engineer"}),
        "dn: ou=x,dc=contoso,dc=com\nobjectClass: organizationalUnit\nou: x\n\n",
        anchored(user("ann", "Ann"), 3),
    ]

    assert [anchored(record, 4) for record in records] == records


def test_the_conflicts_come_in_their_order_on_any_server():
    anchors = [anchor(record) for record in conflicts()]

    assert anchors == sorted(anchors)
    assert len(anchors) == 8
