"""The table of docs/graph.md is true: its tests exist, and every route of the API is in it."""

from __future__ import annotations

import re

from connector.web.graph.routes import TABLE
from tests import fidelity, house
from tests.documents import ROOT


def known_tests():
    found = (text for _, text in house.Tree(ROOT).files("tests"))
    return {name for text in found for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}


def test_every_route_is_in_a_row_and_every_row_has_routes_that_there_are():
    listed = [route for row in fidelity.rows() for route in row.routes]

    assert sorted(listed) == sorted((route.method, route.path) for route in TABLE.routes)


def test_every_row_has_a_grade_and_tests_that_exist():
    rows, known = fidelity.rows(), known_tests()

    assert {row.grade for row in rows} == set(fidelity.GRADES)
    assert {test for row in rows for test in row.tests} <= known
    assert [row.sentence for row in rows if not row.tests] == []


def test_what_is_not_chosen_has_a_source():
    assert [
        row.sentence for row in fidelity.rows() if row.grade != "chosen" and not row.source
    ] == []


def test_a_path_of_the_table_stands_for_several():
    assert fidelity.paths("{a,b}/{id}[/{cast}][/$count]") == [
        "a/{id}",
        "a/{id}/$count",
        "a/{id}/{cast}",
        "a/{id}/{cast}/$count",
        "b/{id}",
        "b/{id}/$count",
        "b/{id}/{cast}",
        "b/{id}/{cast}/$count",
    ]
