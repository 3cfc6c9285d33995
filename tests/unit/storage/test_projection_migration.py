"""What was exported, what is pending and all memberships survive the move into one row an object."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from connector import resources
from connector.staging.space import FILE, ConnectorSpace
from connector.storage.database import open_database

MOVED = {
    "cloud_entry": "anchor, type, cloud_anchor, properties",
    "cloud_member": "grp, member",
    "pending_export": "anchor, operation, rank, type, created, properties, changed, releases, tried",
    "pending_member": "grp, member, adds",
}
ANN, ANN_NOW = '{"displayName":"Ann"}', '{"displayName":"Ann","title":"Boss"}'
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "cloud_entry": [
        ("ann", "user", "User_1", ANN),
        ("bob", "contact", "Contact_2", '{"displayName":"Bob"}'),
        ("staff", "group", "Group_3", "{}"),
        ("still", "user", "", ANN),
    ],
    "cloud_member": [("staff", "ann"), ("staff", "bob"), ("staff", "not told yet")],
    "pending_export": [
        ("ann", "update", 1, "user", "20261101", ANN_NOW, '["title"]', '["upn:ann@x"]', 7),
        ("bob", "delete", 0, "contact", "", '{"displayName":"Bob"}', "[]", None, None),
        ("new", "add", 1, "user", "20261102", ANN, '["displayName"]', None, 7),
    ],
    "pending_member": [("staff", "bob", 0), ("staff", "new", 1), ("gone", "not told yet", 1)],
}


def rows(database):
    found = {}
    for name, columns in MOVED.items():
        found[name] = sorted(database.conn.execute(f"SELECT {columns} FROM {name}").fetchall())  # noqa: S608
    return found


@pytest.fixture
def older(tmp_path, monkeypatch):
    """A connector space as the version before left it."""
    schema = tmp_path / "schema" / "staging"
    schema.mkdir(parents=True)
    for file in resources.schema("staging").glob("*.sql"):
        if file.stem < "0014":
            (schema / file.name).write_bytes(file.read_bytes())
    with monkeypatch.context() as patched:
        patched.setattr(resources, "schema", (tmp_path / "schema").joinpath)
        with closing(open_database(tmp_path / FILE, "staging")) as database:
            for name, some in ROWS.items():
                marks = ",".join("?" * len(some[0]))
                database.conn.executemany(f"INSERT INTO {name} VALUES ({marks})", some)  # noqa: S608
            database.conn.commit()
    return tmp_path / FILE


def test_nothing_of_the_exports_and_memberships_is_lost(older):
    with closing(open_database(older, "staging")) as database:
        assert rows(database) == {name: sorted(some) for name, some in ROWS.items()}


def test_exports_are_in_the_order_that_they_had(older):
    with closing(open_database(older, "staging")) as database:
        exports = list(ConnectorSpace(database).queue.in_order(session=1))

    assert [(export.anchor, export.changed, export.releases) for export in exports] == [
        ("bob", (), ()),
        ("ann", ("title",), ("upn:ann@x",)),
        ("new", ("displayName",), ()),
    ]


def test_what_the_open_session_tried_is_not_tried_again_in_it(older):
    with closing(open_database(older, "staging")) as database:
        exports = ConnectorSpace(database).queue.in_order(session=7)

        assert [export.anchor for export in exports] == ["bob"]


def test_each_state_is_kept_once(older):
    with closing(open_database(older, "staging")) as database:
        texts = [text for (text,) in database.conn.execute("SELECT properties FROM text")]

    # Of Bob, who is to be deleted, what is pending is what was told.
    kept = [ANN, ANN_NOW, '{"displayName":"Bob"}', "{}", ANN, ANN]
    assert sorted(texts) == sorted(kept)
