"""The documents say what is there: names of files, tests, settings, commands and events."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COVERAGE = ROOT / "docs" / "seed-coverage.md"
SCENARIOS = ("test_behavior.py", "test_identifying_objects.py")


def rows():
    """The rows of every table of the coverage: (sentence, places, tests)."""
    for line in COVERAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith(("| sentence", "| rule")):
            sentence, places, tests = (cell.strip() for cell in line.strip("|").split(" | "))
            yield sentence, re.findall(r"`([^`]+)`", places), re.findall(r"`([^`]+)`", tests)


def all_tests():
    """Every test function below tests/, by name."""
    found = {}
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.setdefault(node.name, path.name)
    return found


def test_every_sentence_of_the_coverage_names_code_that_is_there():
    missing = [place for _, places, _ in rows() for place in places if not (ROOT / place).exists()]

    assert missing == []


def test_every_sentence_of_the_coverage_names_tests_that_are_there():
    there = all_tests()

    assert [name for *_, tests in rows() for name in tests if name not in there] == []
    assert [sentence for sentence, _, tests in rows() if not tests] == []


def test_every_scenario_of_the_seed_is_in_the_coverage():
    named = {name for *_, tests in rows() for name in tests}
    scenarios = {name for name, file in all_tests().items() if file in SCENARIOS}

    assert scenarios - named == set()


def events_in_code():
    """The events that the program logs by name."""
    names = set()
    for path in (ROOT / "connector").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        names |= set(re.findall(r'\.(?:debug|info|warning|error)\(\s*"([a-z]+\.[a-z_]+)"', text))
        names |= set(re.findall(r'"((?:object|export)\.[a-z]+)"', text))
    return names


def test_every_log_event_is_in_the_operations_guide():
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`([a-z]+\.[a-z_]+)`", guide))

    assert events_in_code() - documented == set()


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(path):
    named = re.findall(r"`((?:connector|tests|schema|compose|docs)/[\w./-]+)`", path.read_text())

    assert [name for name in named if not (ROOT / name).exists()] == []
