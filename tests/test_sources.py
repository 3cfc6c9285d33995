"""Every rule that code, tests and documents cite has its row in docs/sources.md, and every row is cited."""

from __future__ import annotations

import re

import pytest

from tests import documents, house
from tests.documents import ROOT

SOURCES = "docs/sources.md"
COVERAGE = "docs/seed-coverage.md"
FOLDERS = ("connector", "schema", "tests", "docs", "compose")

_NUMBER = r"\d{1,2}(?:\.\d{1,2})?"
_CITATION = re.compile(rf"docs/sources\.md\s+({_NUMBER}(?:(?:,| and)\s+{_NUMBER})*)(?![\d.]*\d)")
_IN_BRACKETS = re.compile(rf"\(({_NUMBER}(?:, {_NUMBER})*)\)")
# Notes that are no part of the project: a reader could not follow them.
_ELSEWHERE = re.compile(
    r"\b(?:behaviour|design|directory|layout|peers|recipes|style)\.md\b|\breference/"
    r"|(?<!docs/)(?<!\()\brules\.md\b"  # docs/rules.md is there
)


def citations(text):
    return {number for cited in _CITATION.findall(text) for number in _numbers(cited)}


def cited_in_coverage(text):
    """The numbers that stand in brackets behind the rules of the service."""
    _, _, rules = text.partition("## Errors and rules of the service\n")
    return {number for cited in _IN_BRACKETS.findall(rules) for number in _numbers(cited)}


def _numbers(cited):
    return re.findall(_NUMBER, cited)


def texts():
    """The files that may cite, by path."""
    tree = house.Tree(ROOT)
    found = {path: text for folder in FOLDERS for path, text in tree.files(folder)}
    return {path: text for path, text in found.items() if path not in {SOURCES, __file__}}


def rows():
    """The rules of the tables: number, rule, pages."""
    text = (ROOT / SOURCES).read_text(encoding="utf-8")
    cells = re.findall(rf"^\| ({_NUMBER}) \| (.+) \| (.+) \|$", text, re.MULTILINE)
    return {number: (rule, pages) for number, rule, pages in cells}


def chapters():
    """The numbers that headings carry: a whole chapter may be cited too."""
    text = (ROOT / SOURCES).read_text(encoding="utf-8")
    headings = re.findall(r"^## (\d.*)$", text, re.MULTILINE)
    return {number for heading in headings for number in re.findall(r"\b\d+\b", heading)}


def cited():
    """Every number that is cited, with the files that do."""
    found: dict[str, list[str]] = {}
    for path, text in texts().items():
        numbers = citations(text) | (cited_in_coverage(text) if path == COVERAGE else set())
        for number in numbers:
            found.setdefault(number, []).append(path)
    return found


def test_every_citation_has_its_row():
    there = rows().keys() | chapters()

    assert {number: paths for number, paths in cited().items() if number not in there} == {}


def test_every_row_is_cited():
    assert rows().keys() - cited().keys() == set()


def test_every_row_names_pages_of_the_list():
    pages = {name for name, *_ in documents.table(SOURCES, "Pages")} | {"decision", "observed"}
    named = {n: set(re.split(r"[,;] ", pages)) for n, (_, pages) in rows().items()}

    assert {number: names - pages for number, names in named.items() if names - pages} == {}


def test_nothing_cites_what_is_not_in_the_project():
    found = [
        f"{path}: {match[0]}"
        for path, text in texts().items()
        for match in _ELSEWHERE.finditer(text)
        if path != "tests/test_sources.py"
    ]

    assert found == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("as a row says (docs/sources.md 6.4).", {"6.4"}),
        ("docs/sources.md 3.1, 3.3, 7.1", {"3.1", "3.3", "7.1"}),
        ("docs/sources.md 2.2 and 12.3.", {"2.2", "12.3"}),
        ("(docs/sources.md\n    6.5); where", {"6.5"}),
        ("docs/sources.md 2.4: 332 addresses", {"2.4"}),
        ("docs/sources.md says more", set()),
    ],
)
def test_a_citation_is_read(text, numbers):
    assert citations(text) == numbers
