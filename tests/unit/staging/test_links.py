"""Groups whose members the directory removes without a report."""

from __future__ import annotations

from connector.model import Gone
from connector.run import Counts
from connector.staging.links import unlink
from connector.storage.database import immediate
from tests import folding
from tests.fakes import SUFFIX


def targets(stage):
    return sorted(stage.rows("SELECT target FROM reference"))


def test_group_is_as_if_it_had_been_read_without_the_member(stage):
    ann, bob = stage.directory.user("ann"), stage.directory.user("bob")
    staff = stage.directory.group("staff", [ann, bob])
    stage.read()

    with immediate(stage.database) as connection:
        unlink(connection, [folding.dn(ann)])
    stage.directory.modify(staff, member=[bob])

    assert targets(stage) == [folding.dn(bob)]
    assert stage.read() == Counts(unchanged=1)


def test_only_the_memberships_of_the_member_are_looked_at_again(stage):
    ann, bob = stage.directory.user("ann"), stage.directory.user("bob")
    staff = stage.directory.group("staff", [ann])
    stage.directory.group("board", [bob])
    stage.read()

    with immediate(stage.database) as connection:
        connection.execute("DELETE FROM dirty_group")
        connection.execute("DELETE FROM dirty_member")
        unlink(connection, [folding.dn(ann)])

    found = """SELECT g.dn || ' ' || m.dn FROM dirty_member d
               JOIN entry g ON g.id = d.grp JOIN entry m ON m.anchor = d.member"""
    assert stage.rows(found) == [f"{staff} {ann}"]
    assert stage.rows("SELECT entry FROM dirty_group") == []


def test_entry_made_again_under_its_name_inherits_no_membership(stage, monkeypatch):
    ann = stage.directory.user("ann")
    stage.directory.user("bob")
    stage.directory.group("staff", [ann])
    stage.read()
    stage.directory.remove(ann)
    stage.directory.user("ann")
    cookie = stage.space.watermark.cookie_for(stage.directory.fingerprint())
    changes = [
        change._replace(unlinked=True) if isinstance(change, Gone) else change
        for change in stage.directory.changes(cookie)
    ]
    monkeypatch.setattr(stage.directory, "changes", lambda _: iter(changes))

    stage.read()

    assert targets(stage) == []
    assert f"uid=ann,ou=users,{SUFFIX}" in stage.names
