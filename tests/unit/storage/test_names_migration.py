"""Names that an earlier version folded like addresses are folded anew, and nothing is lost."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from connector.staging.watermark import Watermark
from connector.storage.database import open_database
from connector.values.entries import staged_hash
from tests import folding

BASE = "ou=users,dc=contoso,dc=com"


class Older:
    """A connector space as the version before left it."""

    def __init__(self, path):
        self.path = path
        self.database = open_database(path, "staging")
        self.database.conn.execute("DELETE FROM _sqlite_migrations WHERE name = '0005_names'")
        Watermark(self.database).keep("here", b"cookie")
        self.database.conn.commit()

    def add(self, name, members=(), attributes="{}"):
        dn = f"{name},{BASE}"
        kind = "group" if members else "user"
        keys = sorted(folding.text(f"{member},{BASE}") for member in members)
        row = [name.encode(), name, kind, dn, folding.text(dn), "", "", 1, attributes]
        (number,) = self.database.conn.execute(
            """INSERT INTO entry (uuid, anchor, type, dn, dn_key, created, csn, run, attributes, hash)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            [*row, staged_hash(name, kind, attributes, dn, keys)],
        ).fetchone()
        self.database.conn.executemany(
            "INSERT INTO reference VALUES (?, ?)", [(number, key) for key in keys]
        )
        self.database.conn.commit()

    def migrated(self, sql):
        self.database.close()
        with closing(open_database(self.path, "staging")) as database:
            return [
                row[0] if len(row) == 1 else row for row in database.conn.execute(sql).fetchall()
            ]


@pytest.fixture
def older(tmp_path):
    older = Older(tmp_path / "connector-space.db")
    yield older
    older.database.close()


def key(name):
    return folding.dn(f"{name},{BASE}")


def test_keys_are_those_of_the_directories(older):
    for name in ("cn=Straße", "cn=John  Doe", r"cn=Doe\, Jane", "cn=ann"):
        older.add(name)

    found = older.migrated("SELECT dn_key FROM entry ORDER BY id")

    assert found == [key(n) for n in ("cn=Straße", "cn=John  Doe", r"cn=Doe\, Jane", "cn=ann")]


def test_a_target_follows_the_entry_that_it_meant(older):
    older.add("cn=Straße")
    older.add("cn=street", ["cn=STRAßE", "cn=nobody"])

    found = older.migrated("SELECT target FROM reference ORDER BY target")

    assert found == [key("cn=nobody"), key("cn=Straße")]


def test_a_target_that_meant_two_entries_means_both_until_the_next_read(older):
    older.add("cn=Straße")
    older.add("cn=Strasse")
    older.add("cn=street", ["cn=STRAßE"])

    found = older.migrated("SELECT target FROM reference ORDER BY target")

    assert found == [key("cn=Strasse"), key("cn=Straße")]


def test_a_member_that_was_lost_for_its_spaces_is_found(older):
    older.add("cn=John  Doe")
    older.add("cn=does", ["cn=John Doe"])

    found = older.migrated("SELECT e.anchor FROM dirty_group d JOIN entry e ON e.id = d.entry")

    assert found == ["cn=does"]


def test_a_group_looks_as_the_next_read_will_compute_it(older):
    older.add("cn=Straße")
    older.add("cn=street", ["cn=STRAßE", "cn=ann"])

    (found,) = older.migrated("SELECT hash FROM entry WHERE anchor = 'cn=street'")

    dn = f"cn=street,{BASE}"
    keys = sorted([key("cn=Straße"), key("cn=ann")])
    assert found == staged_hash("cn=street", "group", "{}", dn, keys)


def test_what_needs_no_change_is_left_alone(older):
    older.add("cn=ann", attributes='{"proxyaddresses":["smtp:a@x","smtp:b@x"]}')
    older.add("cn=staff", ["cn=ann", "cn=gone"])
    rows = "SELECT hash, dn_key, attributes FROM entry ORDER BY id"
    before = older.database.conn.execute(rows).fetchall()

    assert older.migrated(rows) == before


def test_nobody_is_looked_at_again_without_a_reason(older):
    older.add("cn=ann", attributes='{"proxyaddresses":["smtp:a@x","smtp:b@x"]}')
    older.add("cn=staff", ["cn=ann", "cn=gone"])

    assert older.migrated("SELECT anchor FROM dirty UNION ALL SELECT entry FROM dirty_group") == []


def test_the_value_of_the_name_is_chosen(older):
    older.add("uid=carl", attributes='{"uid":["anton","carl"]}')

    ((anchor, attributes),) = older.migrated(
        "SELECT e.anchor, e.attributes FROM dirty JOIN entry e USING (anchor)"
    )

    assert (anchor, json.loads(attributes)) == ("uid=carl", {"uid": ["carl", "anton"]})


def test_the_next_import_reads_everything(older):
    older.add("cn=ann")
    older.database.close()

    with closing(open_database(older.path, "staging")) as database:
        watermark = Watermark(database)
        assert watermark.cookie_for("here") is None
        assert watermark.shown() == "cookie"
