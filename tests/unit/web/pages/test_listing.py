"""Pages of a list, a hundred rows each."""

from __future__ import annotations

import itertools

from connector.web.pages.listing import cut


def test_a_page_has_a_hundred_rows_and_tells_whether_another_follows():
    first, second = cut(range(150), 1), cut(range(150), 2)

    assert (first.first, first.last, first.more, first.total) == (1, 100, True, None)
    assert (second.first, second.last, second.more, second.total) == (101, 150, False, 150)


def test_what_follows_a_page_is_not_read():
    assert cut(itertools.count(), 1).rows == list(range(100))


def test_a_page_behind_the_end_is_empty_and_counts_nothing():
    found = cut(range(3), 9)

    assert (found.rows, found.more, found.total) == ([], False, None)


def test_an_empty_list_has_no_rows():
    assert cut((), 1).total == 0
