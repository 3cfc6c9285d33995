"""What an import removes: confirmed, judged, and then gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.errors import RunStopped
from connector.model import Complete, Gone, Present
from connector.run import Counts, RunResult
from tests.fakes import SUFFIX

if TYPE_CHECKING:
    from connector.staging.removals import Removal

USERS = f"ou=users,{SUFFIX}"


def refuse(_removal):
    raise RunStopped(RunResult.STOPPED_IMPORT_SHRUNK, "too much is gone")


def answer(stage, *changes):
    """Make the next answer of the directory these changes."""
    complete = Complete(b"later", unmentioned_gone=False)
    stage.directory.changes = lambda _cookie: iter([*changes, complete])


def sent(stage, dn):
    """Return an entry as the directory sends it."""
    (entry,) = stage.directory.read([stage.directory.uuid(dn)])
    return entry


def test_an_entry_reported_gone_and_sent_again_in_one_answer_stays(stage):
    ann = stage.directory.user("ann")
    stage.read()
    again = sent(stage, ann)
    answer(stage, Gone((again.uuid,)), again)

    counts = stage.read()

    assert (counts, stage.names) == (Counts(unchanged=1), [ann])


def test_an_entry_reported_gone_and_then_present_in_one_answer_stays(stage):
    ann = stage.directory.user("ann")
    stage.read()
    uuid = stage.directory.uuid(ann)
    answer(stage, Gone((uuid,)), Present((uuid,)))

    counts = stage.read()

    assert (counts, stage.names) == (Counts(unchanged=1), [ann])


def test_an_entry_sent_and_then_reported_gone_in_one_answer_is_removed(stage):
    ann = stage.directory.user("ann")
    stage.directory.user("bob")
    stage.read()
    stage.directory.modify(ann, title="Engineer")
    changed = sent(stage, ann)
    answer(stage, changed, Gone((changed.uuid,)))

    counts = stage.read()

    assert (counts, stage.names) == (Counts(deletes=1), [f"uid=bob,{USERS}"])


def test_an_entry_that_comes_and_goes_within_one_answer_is_never_staged(stage):
    stage.directory.user("bob")
    stage.read()
    ann = sent(stage, stage.directory.user("ann"))
    answer(stage, ann, Gone((ann.uuid,)))

    counts = stage.read()

    assert (counts, stage.names) == (Counts(), [f"uid=bob,{USERS}"])


def test_the_staged_entry_of_a_removal_is_looked_up_once(stage):
    ann, _ = stage.directory.user("ann"), stage.directory.user("bob")
    stage.read()
    stage.directory.remove(ann)
    statements: list[str] = []
    stage.database.conn.set_trace_callback(statements.append)

    stage.read()

    stage.database.conn.set_trace_callback(None)
    assert sum(text.startswith("SELECT uuid, id, anchor") for text in statements) == 1


def test_a_deleted_entry_leaves_the_connector_space(stage):
    ann = stage.directory.user("ann")
    stage.directory.user("bob")
    stage.read()
    stage.directory.remove(ann)

    counts = stage.read()

    assert counts == Counts(deletes=1)
    assert stage.names == [f"uid=bob,{USERS}"]


def test_an_entry_that_was_only_not_mentioned_stays(stage):
    ann = stage.directory.user("ann")
    stage.directory.user("bob")
    stage.read()
    stage.directory.lose_session_log()
    stage.directory.overlook(ann)
    stage.directory.user("carl")

    counts = stage.read()

    assert counts == Counts(adds=1, unchanged=2)
    assert stage.names == [f"uid=ann,{USERS}", f"uid=bob,{USERS}", f"uid=carl,{USERS}"]


def test_an_entry_that_was_not_mentioned_and_is_gone_is_removed(stage):
    ann = stage.directory.user("ann")
    stage.directory.user("bob")
    stage.read()
    stage.directory.remove(ann)
    stage.directory.lose_session_log()
    stage.directory.user("carl")

    counts = stage.read()

    assert counts == Counts(adds=1, deletes=1, unchanged=1)


def test_a_renamed_container_takes_along_all_below_it(stage):
    stage.directory.ou("north", below=USERS)
    stage.directory.user("ann", below=f"ou=north,{USERS}")
    stage.directory.user("bob")
    stage.read()
    stage.decide()
    stage.directory.rename(f"ou=north,{USERS}", "ou=south")

    counts = stage.read()

    assert counts == Counts(updates=1)
    assert stage.names == [f"uid=ann,ou=south,{USERS}", f"uid=bob,{USERS}"]


@pytest.mark.parametrize("spelling", ["North", "north  east"])
def test_a_container_in_another_spelling_takes_along_all_below_it(stage, spelling):
    first = spelling.lower().replace("  ", " ")
    stage.directory.ou(first, below=USERS)
    stage.directory.user("ann", below=f"ou={first},{USERS}")
    stage.read()
    stage.directory.rename(f"ou={first},{USERS}", f"ou={spelling}")

    stage.read()

    assert stage.names == [f"uid=ann,ou={spelling},{USERS}"]


def test_a_container_renamed_into_the_search_brings_children_nobody_announced(stage):
    stage.directory.ou("north", below=USERS)
    silent = stage.directory.user("ann", below=f"ou=north,{USERS}", adminDescription="hidden")
    stage.directory.user("bob")
    stage.directory.overlook(silent)
    stage.read()
    stage.directory.rename(f"ou=north,{USERS}", "ou=south")

    stage.read()

    assert stage.names == [f"uid=ann,ou=south,{USERS}", f"uid=bob,{USERS}"]


def test_children_of_a_container_that_left_the_search_go_with_it(stage):
    stage.directory.ou("north", below=USERS)
    ann = stage.directory.user("ann", below=f"ou=north,{USERS}")
    stage.directory.user("bob")
    stage.read()
    stage.directory.modify(f"ou=north,{USERS}", description="elsewhere")
    # The child is out of reach too, but as in OpenLDAP no change of its own says so.
    gone = (stage.directory.uuid(ann), stage.directory.uuid(f"ou=north,{USERS}"))
    identities = {str_of(identity) for identity in gone}
    stage.directory.matching = lambda held: held["entryuuid"][0] not in identities

    counts = stage.read()

    assert counts == Counts(deletes=1)
    assert stage.names == [f"uid=bob,{USERS}"]


@pytest.mark.parametrize("change", ["removed", "renamed"])
def test_a_tree_of_many_containers_is_walked_once(stage, change):
    trees = stage.directory.ou("trees")
    units = [stage.directory.ou(f"unit{number}", below=trees) for number in range(20)]
    users = [stage.directory.user(f"u{number}", below=unit) for number, unit in enumerate(units)]
    stage.directory.user("ann")
    stage.read()
    if change == "renamed":
        stage.directory.rename(trees, "ou=forest")
    else:
        for dn in (*users, *units, trees):
            stage.directory.remove(dn)
    walks = []
    stage.database.conn.set_trace_callback(
        lambda sql: walks.append(sql) if "dn_key FROM entry" in sql or "substr(dn_key" in sql else 0
    )

    counts = stage.read()

    stage.database.conn.set_trace_callback(None)
    assert counts == (Counts(updates=20) if change == "renamed" else Counts(deletes=20))
    assert len(walks) == 1


def str_of(identity):
    text = identity.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])).encode()


def test_a_guard_that_refuses_leaves_entries_and_cookie_as_they_were(stage):
    ann = stage.directory.user("ann")
    stage.directory.user("bob")
    stage.read()
    before = stage.imported()
    stage.directory.remove(ann)
    stage.directory.user("carl")

    with pytest.raises(RunStopped):
        stage.read(guard=refuse)
    assert stage.imported() == before


def test_the_guard_sees_what_stood_before_and_what_would_be_left(stage):
    ann = stage.directory.user("ann")
    stage.directory.user("bob")
    stage.read()
    (anchor,) = stage.rows("SELECT anchor FROM entry WHERE dn = ?", ann)
    stage.directory.remove(ann)
    stage.directory.user("carl")
    removals: list[Removal] = []

    stage.read(guard=removals.append)

    (removal,) = removals
    assert (removal.anchors, removal.staged, removal.left) == ([anchor], 2, 2)


def test_what_moves_into_the_search_brings_those_below(stage):
    stage.directory.base = USERS
    unit = stage.directory.ou("sub", below=f"ou=contacts,{SUFFIX}")
    lower = stage.directory.ou("lower", below=unit)
    stage.directory.user("deep", below=unit)
    stage.directory.user("deeper", below=lower)
    boss = stage.directory.user("boss", below=f"ou=contacts,{SUFFIX}")
    stage.directory.user("aide", below=boss)
    stage.directory.user("ann")
    stage.read()
    stage.directory.move(unit, USERS)
    stage.directory.move(boss, USERS)

    counts = stage.read()

    assert counts.adds == 4
    assert stage.names == [
        f"uid=aide,uid=boss,{USERS}",
        f"uid=ann,{USERS}",
        f"uid=boss,{USERS}",
        f"uid=deep,ou=sub,{USERS}",
        f"uid=deeper,ou=lower,ou=sub,{USERS}",
    ]


def test_those_below_a_renamed_person_have_another_name_too(stage):
    boss = stage.directory.user("boss")
    stage.directory.user("aide", below=boss)
    stage.read()
    stage.directory.rename(boss, "uid=chief")

    stage.read()

    assert stage.names == [f"uid=aide,uid=chief,{USERS}", f"uid=chief,{USERS}"]


def test_a_full_read_asks_for_nothing_below(stage):
    stage.directory.user("ann")
    stage.directory.read_below = None

    assert stage.read() == Counts(adds=1)
