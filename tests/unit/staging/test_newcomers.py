"""A first synchronization projects plain objects by the way, and leaves the others to the rules."""

from __future__ import annotations

import pytest

from connector.reader import Reader


@pytest.fixture
def imported(stage):
    """A connector space that holds an import, and nothing else."""
    carl = stage.directory.user("carl", userPrincipalName="carl@contoso.com")
    stage.directory.user("ann", userPrincipalName="ann@contoso.com")
    stage.directory.user("bob", userPrincipalName="bob@fabrikam.com", title=["Engineer", "Manager"])
    dora = stage.directory.user("dora", userPrincipalName="dora@x@fabrikam.com")
    stage.directory.group("staff", [carl, dora])
    stage.directory.group("pair", [carl])
    import_from(stage)
    return stage


def import_from(stage, *, full=True):
    reader = Reader(stage.directory, stage.rules.one_pass())
    stage.space.import_from(stage.directory, full=full, run=1, guard=lambda _: None, reader=reader)


def put_new(stage, **changed):
    flowing = stage.rules.flowing()
    with stage.space.synchronizing("now", flowing._replace(**changed)) as synchronization:
        ends = synchronization.put_new()
        left = [work.entries[0].dn.partition(",")[0] for work in synchronization.work()]
    names = stage.rows(
        """SELECT t.properties ->> '$.displayName' FROM projection p JOIN text t ON t.id = p.wanted
           ORDER BY p.id"""
    )
    return names, left, ends


def test_what_is_plain_is_projected_in_the_order_of_the_export(imported):
    names, left, ends = put_new(imported)

    assert (names, left) == (["Carl", "Ann", "Dora", "Staff", "Pair"], ["uid=bob"])
    assert ends == {"@contoso.com": 2, "@x@fabrikam.com": 1}


def test_a_group_of_more_members_than_the_limit_is_left_to_the_rules(imported):
    names, left, _ = put_new(imported, member_limit=1)

    assert (names, left) == (["Carl", "Ann", "Dora", "Pair"], ["uid=bob", "cn=staff"])


def test_an_object_is_projected_once_whose_entry_came_anew_before_its_first_synchronization(stage):
    ann = stage.directory.user("ann", **{"mS-DS-ConsistencyGuid": bytes(range(16))})
    import_from(stage)
    stage.directory.remove(ann)
    stage.directory.user("anna", **{"mS-DS-ConsistencyGuid": bytes(range(16))})
    import_from(stage, full=False)

    names, left, _ = put_new(stage)

    assert (names, left) == (["Anna"], [])


@pytest.mark.parametrize("changed", [{"member_limit": None}, {"version": "of other rules"}])
def test_rules_that_look_at_every_entry_are_given_every_entry(imported, changed):
    names, left, ends = put_new(imported, **changed)

    assert (names, len(left), ends) == ([], 6, {})
