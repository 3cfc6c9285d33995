"""An import: all of a Delta with its cookie, or nothing."""

from __future__ import annotations

from contextlib import suppress

import pytest

from connector.errors import DirectoryUnavailable, RunStopped
from connector.run import Counts, RunResult
from connector.staging import imports
from tests.fakes import SUFFIX

USERS = f"ou=users,{SUFFIX}"


def refuse(_removal):
    raise RunStopped(RunResult.STOPPED_IMPORT_SHRUNK, "too much is gone")


def state(stage):
    """Everything that an import may write."""
    tables = ("entry", "reference", "dirty", "dirty_group", "state")
    return [sorted(stage.rows(f"SELECT * FROM {table}"), key=repr) for table in tables]  # noqa: S608


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
    before = state(stage)

    counts = stage.read(full=True)

    assert counts == Counts(unchanged=1)
    assert state(stage) == before


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


def str_of(identity):
    text = identity.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])).encode()


def test_another_source_anchor_before_the_export_replaces_the_first(stage):
    ann = stage.directory.user("ann")
    stage.read()
    stage.directory.modify(ann, **{"mS-DS-ConsistencyGuid": b"0123456789abcdef"})

    stage.read()

    anchors = stage.rows("SELECT anchor, wanted_anchor FROM entry WHERE dn = ?", ann)
    assert anchors == [("MDEyMzQ1Njc4OWFiY2RlZg==", None)]


def test_another_source_anchor_after_the_export_is_an_error_and_keeps_the_object(world):
    ann = world.user("ann")
    world.sync()
    world.directory.modify(ann, **{"mS-DS-ConsistencyGuid": b"0123456789abcdef"})

    run = world.sync()

    assert run.result == "completed-sync-errors"
    assert [row["error"] for row in world.errors()] == ["SourceAnchor attribute has changed."]
    assert list(world.cloud) == ["Ann"]


def test_a_delta_that_breaks_off_changes_nothing(stage):
    stage.directory.user("ann")
    stage.read()
    before = state(stage)
    stage.directory.user("bob")
    stage.directory.user("carl")
    stage.directory.fail_at(1)

    with suppress(DirectoryUnavailable):
        stage.read()

    assert state(stage) == before


def test_a_delta_that_ends_without_its_last_value_is_refused(stage):
    class Truncated:
        fingerprint, url = "memory", "memory:"

        def changes(self, _cookie):
            yield from list(stage.directory.changes(None))[:-1]

    stage.directory.user("ann")

    with pytest.raises(DirectoryUnavailable, match="without completing it"):
        stage.space.import_from(Truncated(), full=True, run=1, guard=lambda _: None)
    assert stage.names == []


def test_a_guard_that_refuses_leaves_entries_and_cookie_as_they_were(stage):
    ann = stage.directory.user("ann")
    stage.directory.user("bob")
    stage.read()
    before = state(stage)
    stage.directory.remove(ann)
    stage.directory.user("carl")

    with pytest.raises(RunStopped):
        stage.read(guard=refuse)
    assert state(stage) == before


def test_the_guard_sees_what_stood_before_and_what_would_be_left(stage):
    ann = stage.directory.user("ann")
    stage.directory.user("bob")
    stage.read()
    (anchor,) = stage.rows("SELECT anchor FROM entry WHERE dn = ?", ann)
    stage.directory.remove(ann)
    stage.directory.user("carl")
    removals = []

    stage.read(guard=removals.append)

    (removal,) = removals
    assert (removal.anchors, removal.staged, removal.left) == ([anchor], 2, 2)


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


def test_a_forgotten_cookie_is_not_sent(stage):
    stage.directory.user("ann")
    stage.read()
    stage.space.forget_cookie()

    assert stage.space.cookie() is None


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
    statements = []
    stage.database.conn.set_trace_callback(statements.append)

    stage.read()

    assert [text for text in statements if text in ("BEGIN IMMEDIATE", "COMMIT")] == [
        "BEGIN IMMEDIATE",
        "COMMIT",
    ]


def test_an_entry_that_comes_twice_in_one_answer_is_staged_as_it_came_last(stage, monkeypatch):
    monkeypatch.setattr(imports, "_BATCH", 1)
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
