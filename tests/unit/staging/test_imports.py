"""An import: all of a Delta with its cookie, or nothing."""

from __future__ import annotations

from contextlib import suppress

import pytest

from connector.errors import DirectoryUnavailable
from connector.run import Counts
from connector.staging import imports
from tests.fakes import SUFFIX
from tests.world import World

USERS = f"ou=users,{SUFFIX}"


def test_what_the_directory_has_is_staged_with_its_containers(stage):
    stage.directory.user("ann")
    stage.directory.group("staff", [f"uid=ann,{USERS}"])

    counts = stage.read()

    assert counts == Counts(adds=2)
    assert stage.names == [f"cn=staff,ou=groups,{SUFFIX}", f"uid=ann,{USERS}"]
    assert f"ou=users,{SUFFIX}" in stage.rows("SELECT dn FROM entry WHERE type IS NULL")


def test_a_changed_entry_is_staged_anew_and_put_on_the_list(stage):
    ann = stage.directory.user("ann")
    stage.directory.user("bob")
    stage.read()
    stage.decide()
    stage.directory.modify(ann, title="Engineer")

    counts = stage.read()

    assert counts == Counts(updates=1)
    assert stage.rows("SELECT anchor FROM dirty") == stage.rows(
        "SELECT anchor FROM entry WHERE dn = ?", ann
    )


def test_an_entry_sent_again_unchanged_writes_nothing(stage):
    stage.directory.user("ann")
    stage.read()
    stage.decide()
    before = stage.imported()

    counts = stage.read(full=True)

    assert counts == Counts(unchanged=1)
    assert stage.imported() == before


def test_a_present_id_never_seen_before_is_read(stage):
    hidden = stage.directory.user("ann", adminDescription="hidden")
    stage.directory.matching = lambda held: b"hidden" not in held.get("admindescription", ())
    stage.directory.user("bob")
    stage.read()
    stage.directory.matching = bool
    stage.directory.lose_session_log()
    stage.directory.user("carl")

    stage.read()

    assert hidden in stage.names


def test_an_entry_made_anew_under_the_same_name_is_another_object(stage):
    ann = stage.directory.user("ann")
    stage.directory.user("bob")
    stage.read()
    (before,) = stage.rows("SELECT anchor FROM entry WHERE dn = ?", ann)
    stage.decide()
    stage.directory.remove(ann)
    stage.directory.user("ann")

    counts = stage.read()

    (after,) = stage.rows("SELECT anchor FROM entry WHERE dn = ?", ann)
    assert counts == Counts(adds=1, deletes=1)
    assert set(stage.rows("SELECT anchor FROM dirty")) == {before, after}


def test_another_source_anchor_before_the_export_replaces_the_first(stage):
    ann = stage.directory.user("ann")
    stage.read()
    stage.directory.modify(ann, **{"mS-DS-ConsistencyGuid": b"0123456789abcdef"})

    stage.read()

    anchors = stage.rows("SELECT anchor, wanted_anchor FROM entry WHERE dn = ?", ann)
    assert anchors == [("MDEyMzQ1Njc4OWFiY2RlZg==", None)]


def test_another_source_anchor_before_the_export_withdraws_the_add_of_the_first(stage):
    ann = stage.directory.user("ann")
    stage.read()
    stage.decide()
    stage.directory.modify(ann, **{"mS-DS-ConsistencyGuid": b"0123456789abcdef"})
    stage.read()

    stage.decide()

    pending = [export.anchor for export in stage.space.queue.in_order(1)]
    assert pending == ["MDEyMzQ1Njc4OWFiY2RlZg=="]


def test_another_source_anchor_after_the_export_is_an_error_and_keeps_the_object(world):
    ann = world.user("ann")
    world.sync()
    world.directory.modify(ann, **{"mS-DS-ConsistencyGuid": b"0123456789abcdef"})

    run = world.sync()

    assert run.result == "completed-sync-errors"
    assert [row["error"] for row in world.errors()] == ["SourceAnchor attribute has changed."]
    assert list(world.cloud) == ["Ann"]


def leaves_the_cloud(world, ann):
    world.tenant.administrator.delete(ann)
    world.sync()


def leaves_the_scope(world, ann):
    parked = world.directory.move(ann, world.directory.ou("parked"))
    world.restart()
    world.sync()
    return parked


@pytest.mark.parametrize("leave", [leaves_the_cloud, leaves_the_scope])
def test_another_source_anchor_is_taken_once_the_object_left_the_cloud(tmp_path, leave):
    """Before its first export the anchor may change freely; so it may after the last."""
    with World(tmp_path, directory={"exclude": [f"ou=parked,{SUFFIX}"]}) as world:
        ann = world.user("ann")
        world.directory.group("staff", [ann])
        world.sync()
        world.directory.modify(ann, **{"mS-DS-ConsistencyGuid": b"0123456789abcdef"})
        world.sync()
        parked = leave(world, ann)
        if parked:
            world.directory.move(parked, f"ou=users,{SUFFIX}")
            world.sync()
        world.sync()
        world.directory.modify(ann, title="Boss")

        run = world.sync()

        (found,) = (item for item in world.tenant.objects("user"))
        (staff,) = world.tenant.objects("group")
        members = world.tenant.show(staff["id"])["members"]
        assert (run.result, world.errors()) == ("success", [])
        assert (found["onPremisesImmutableId"], found["jobTitle"]) == (
            "MDEyMzQ1Njc4OWFiY2RlZg==",
            "Boss",
        )
        assert [member["id"] for member in members] == [found["id"]]


def test_a_delta_that_breaks_off_changes_nothing(stage):
    stage.directory.user("ann")
    stage.read()
    before = stage.imported()
    stage.directory.user("bob")
    stage.directory.user("carl")
    stage.directory.fail_at(1)

    with suppress(DirectoryUnavailable):
        stage.read()

    assert stage.imported() == before


def test_a_delta_that_ends_without_its_last_value_is_refused(stage):
    class Truncated:
        url = "memory:"

        def fingerprint(self):
            return "memory"

        def changes(self, _cookie):
            yield from list(stage.directory.changes(None))[:-1]

    stage.directory.user("ann")

    with pytest.raises(DirectoryUnavailable, match="without completing it"):
        stage.space.import_from(Truncated(), full=True, run=1, guard=lambda _: None)
    assert stage.names == []


def test_the_next_import_starts_from_the_cookie(stage):
    stage.directory.user("ann")
    stage.read()
    asked = spied(stage.directory)

    stage.read()

    assert asked[0].startswith(b"rid=000,csn=")


def test_a_cookie_that_was_damaged_is_not_sent(stage):
    stage.directory.user("ann")
    stage.read()
    stage.database.conn.execute(
        """UPDATE state SET value = json_set(value, '$.cookie', '00' || substr(
           json_extract(value, '$.cookie'), 3)) WHERE name = 'watermark'"""
    )
    stage.database.conn.commit()
    asked = spied(stage.directory)

    stage.read()

    assert asked == [None]


def test_the_cookie_of_another_search_is_not_sent(stage):
    stage.directory.user("ann")
    stage.read()
    stage.database.conn.execute(
        "UPDATE state SET value = json_set(value, '$.fingerprint', 'other') WHERE name = 'watermark'"
    )
    stage.database.conn.commit()
    asked = spied(stage.directory)

    stage.read()

    assert asked == [None]


def spied(directory):
    """Note the cookies that the directory is asked with."""
    asked = []
    answer = directory.changes

    def changes(cookie):
        asked.append(cookie)
        return answer(cookie)

    directory.changes = changes
    return asked


def test_entries_and_cookie_are_committed_together(stage):
    stage.directory.user("ann")
    statements: list[str] = []
    stage.database.conn.set_trace_callback(statements.append)

    stage.read()

    assert [text for text in statements if text in ("BEGIN IMMEDIATE", "COMMIT")] == [
        "BEGIN IMMEDIATE",
        "COMMIT",
    ]


def test_an_entry_that_comes_twice_in_one_answer_is_staged_as_it_came_last(stage, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 1)
    ann = stage.directory.user("ann")
    answer = stage.directory.changes

    def changes(cookie):
        *first, complete = answer(cookie)
        stage.directory.modify(ann, title="Engineer")
        yield from first
        yield from stage.directory.read([stage.directory.uuid(ann)])
        yield complete

    stage.directory.changes = changes

    counts = stage.read()

    assert counts == Counts(adds=1, updates=1)
    assert stage.rows("SELECT attributes ->> '$.title[0]' FROM entry WHERE dn = ?", ann) == [
        "Engineer"
    ]


def test_a_statement_of_a_delta_never_walks_over_all_entries(stage):
    ann = stage.directory.user("ann")
    bob = stage.directory.user("bob")
    stage.directory.group("staff", [ann])
    stage.read()
    stage.decide()
    stage.directory.modify(ann, title="Engineer")
    stage.directory.user("carl")
    stage.directory.remove(bob)
    statements: list[str] = []
    stage.database.conn.set_trace_callback(statements.append)

    stage.read()
    stage.decide()

    stage.database.conn.set_trace_callback(None)
    plans = {
        row[3]: statement
        for statement in statements
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"))
        for row in stage.database.conn.execute(f"EXPLAIN QUERY PLAN {statement}")
    }
    walks = [plan for plan in plans if plan.startswith(("SCAN entry ", "SCAN e ", "SCAN g USING"))]
    # Two counts for the guard, of small indexes, and the search for a group that is not listed.
    assert sorted(walks) == [
        "SCAN entry USING COVERING INDEX sqlite_autoindex_entry_1",
        "SCAN entry USING INDEX entry_container",
        "SCAN entry USING INDEX entry_group",
    ]
