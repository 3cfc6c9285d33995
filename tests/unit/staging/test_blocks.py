"""Blocks of references: digests that tell which references of an entry differ."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connector.staging.blocks import Blocks, Difference, forget
from connector.storage.database import empty_database

NAMES = st.lists(st.text(alphabet="abc\u00e9", max_size=3), unique=True, max_size=12).map(sorted)


def entry_with(references):
    connection = empty_database("staging").conn
    connection.execute(
        """INSERT INTO entry (id, uuid, anchor, dn, dn_key, created, csn, run, attributes, hash)
           VALUES (1, x'00', '', '', '', '', '', 1, '{}', x'00')"""
    )
    write(connection, (), references)
    return connection


def write(connection, removed, added):
    connection.executemany("DELETE FROM reference WHERE target = ?", ((one,) for one in removed))
    connection.executemany("INSERT INTO reference VALUES (1, ?)", ((one,) for one in added))


@given(st.lists(NAMES, min_size=2, max_size=6), st.integers(1, 4))
def test_difference_is_that_of_the_sets_whatever_came_before(states, size):
    known, *following = states
    connection = entry_with(known)
    blocks = Blocks(connection, size)
    blocks.make(1, known)

    for wanted in following:
        found = blocks.difference(1, wanted)

        assert found == Difference(set(known) - set(wanted), set(wanted) - set(known))
        write(connection, found.removed, found.added)
        known = wanted


def test_blocks_stay_of_one_size_while_references_come():
    connection = entry_with(())
    blocks = Blocks(connection, 2)
    blocks.make(1, ())
    names = []

    for number in range(100):
        names.append(f"{number:03}")
        found = blocks.difference(1, names)
        assert found is not None
        write(connection, found.removed, found.added)

    (count,) = connection.execute("SELECT count(*) FROM reference_block").fetchone()
    assert 25 <= count <= 50


def test_entry_whose_blocks_are_forgotten_has_to_be_read_as_a_whole():
    blocks = Blocks(connection := entry_with(("a", "b")), 1)
    blocks.make(1, ("a", "b"))

    forget(connection, [1])

    assert blocks.difference(1, ("a", "b")) is None
