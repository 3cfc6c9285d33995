"""What is left out of the sync is counted by reason, whatever becomes of the entries."""

from __future__ import annotations

from connector.model import LeftOut
from connector.rules.ruleset import Rules
from connector.settings import DirectorySettings
from tests.fakes import SUFFIX

OTHER = f"cn=printer,{SUFFIX}"


def printer(stage, dn=OTHER):
    return stage.directory.add(dn, ["device"], cn="printer")


def recounted(stage):
    """The counts as the triggers keep them, after a look whether they are right."""
    kept = stage.space.excluded.counts()
    counted = stage.rows(
        """SELECT reason, what, count(*) FROM excluded GROUP BY reason, what
           ORDER BY reason, count(*) DESC, what"""
    )
    assert [(one.reason, one.what, one.count) for one in kept] == counted
    return kept


def rules(stage, **settings):
    stage.rules = Rules(DirectorySettings(url=("ldap://memory",), base_dn=SUFFIX, **settings))


def test_entries_of_other_classes_are_counted_and_containers_are_not(stage):
    printer(stage)
    stage.directory.ou("staff")
    stage.directory.user("ann")
    stage.read()

    assert recounted(stage) == [LeftOut("object-class", "device", 1)]


def test_an_entry_that_goes_is_counted_no_more(stage):
    printer(stage)
    stage.directory.user("ann")
    stage.read()
    stage.directory.remove(OTHER)
    stage.read()

    assert recounted(stage) == []


def test_an_entry_that_becomes_a_user_is_counted_no_more_and_the_other_way_round(stage):
    printer(stage)
    ann = stage.directory.user("ann")
    stage.read()
    stage.directory.modify(OTHER, objectClass=["inetOrgPerson"], uid="printer")
    stage.directory.modify(ann, objectClass=["device"])
    stage.read()
    stage.decide()

    assert recounted(stage) == [LeftOut("object-class", "device", 1)]


def test_an_entry_that_a_rule_leaves_out_is_counted_until_it_is_in(stage):
    odd = stage.directory.add(f"cn=odd,{SUFFIX}", ["inetOrgPerson"], cn="odd")
    stage.read()
    stage.decide()
    before = recounted(stage)
    stage.directory.modify(odd, uid="odd")
    stage.read()
    stage.decide()

    assert (before, recounted(stage)) == ([LeftOut("no-account-name", "user", 1)], [])


def test_the_counts_follow_another_scope(stage):
    stage.directory.user("ann")
    stage.directory.group("staff", [])
    stage.read()
    rules(stage, exclude=[f"ou=users,{SUFFIX}"])
    stage.decide()
    before = recounted(stage)
    rules(stage, include=[f"ou=users,{SUFFIX}"])
    stage.space.worklist.add_everything()
    stage.decide()

    assert before == [LeftOut("unit-excluded", "user", 1)]
    assert recounted(stage) == [LeftOut("unit-not-included", "group", 1)]


def test_the_entries_are_listed_with_a_sentence(stage):
    printer(stage)
    odd = stage.directory.add(f"cn=odd,{SUFFIX}", ["inetOrgPerson"], cn="odd")
    stage.read()
    stage.decide()

    listed = [(one.dn, one.reason, one.sentence) for one in stage.space.excluded.entries()]

    assert listed == [
        (odd, "no-account-name", "has neither sAMAccountName nor uid"),
        (OTHER, "object-class", "is not a user, group or contact; its class is device"),
    ]


def test_an_entry_that_is_not_synced_is_found_by_its_names(stage):
    stage.directory.add(f"cn=x,{SUFFIX}", ["device"], uid="carl", cn="Carl C.")
    stage.read()

    found = [stage.space.lookup.find(name) for name in ("CARL", "carl c.", "ca")]

    assert [[one.what for one in each] for each in found] == [["device"], ["device"], []]
