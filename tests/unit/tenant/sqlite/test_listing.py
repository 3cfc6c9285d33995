"""The walk over the index gives the order that a sort of all names gives."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.tenant.sqlite.listing import Names
from connector.values.collation import name_key

# Few letters make long common beginnings; the rest is at the edges of what Unicode has.
NAMES = st.none() | st.text("aAbäÄÅЙиß\u0301\0\ud7ff\ue000\U0010ffff ", max_size=8)


def listed(names, *, descending=False):
    """The numbers of the rows as they are listed, and as a sort of all would list them."""
    names = list(names)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE item (number INTEGER PRIMARY KEY, name TEXT, kind TEXT)")
        rows = [(number, name, "ab"[number % 2]) for number, name in enumerate(names)]
        connection.executemany("INSERT INTO item VALUES (?, ?, ?)", rows)
        chosen = Names("item", "name", "number", "kind = :kind", {"kind": "a"}, descending)
        found = [number for _, (_, number) in chosen.in_order(connection)]
    rows = sorted(
        (row for row in rows if row[2] == "a"),
        key=lambda row: (name_key(row[1] or ""), row[1] or ""),
        reverse=descending,
    )
    return found, [row[0] for row in rows]


@pytest.mark.parametrize("descending", [False, True])
@given(names=st.lists(NAMES, max_size=30, unique=True))
def test_rows_come_as_a_sort_of_all_would_bring_them(names, descending):
    found, wanted = listed(names * 2, descending=descending)

    assert found == wanted


@pytest.mark.parametrize("descending", [False, True])
def test_many_rows_with_one_beginning_are_divided(descending):
    names = [f"{name} {number}" for number in range(400) for name in ("zoe", "Zoe", "abe", "Äbe")]

    found, wanted = listed(names, descending=descending)

    assert found == wanted


def test_rows_of_one_name_come_in_the_order_of_the_other_columns():
    found, _ = listed(["Ann", "Ann"] * 200)

    assert found == list(range(0, 400, 2))
