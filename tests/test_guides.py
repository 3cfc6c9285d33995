"""The catalogue of errors and the guide for operators are complete, and name nothing else."""

from __future__ import annotations

import re

import pytest

from connector.logs import text as logtext
from connector.report.error_report import QUARANTINED
from connector.run import RunResult
from tests import documents, inventory

CATALOGUE = "docs/errors.md"
CATALOGUE_TEXT = (documents.ROOT / CATALOGUE).read_text(encoding="utf-8")
GUIDE = "docs/operations.md"

# --- the catalogue of errors ---------------------------------------------------------------------


def entries():
    """The names that the catalogue explains, by section: those of headings and of table rows."""
    found: dict[str, list[str]] = {}
    section = ""
    for _, line in documents.prose(CATALOGUE_TEXT):
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("### "):
            found.setdefault(section, []).append(line[4:])
        elif section == "Findings" and (row := re.match(r"\| `(\w+)`", line)):
            found.setdefault(section, []).append(row[1])
    return found


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("Quarantined values", {QUARANTINED}),
        ("Export errors", inventory.export_errors()),
        ("Sync errors", inventory.sync_errors()),
        ("Findings", inventory.lint_errors()),
        ("Errors of commands", set(inventory.exceptions())),
    ],
)
def test_every_error_is_in_the_catalogue_and_none_that_is_not_there(section, names):
    found = entries()[section]

    assert sorted(found) == sorted(names)


def test_the_exit_code_of_an_error_is_that_of_the_catalogue():
    parts = re.split(r"^### ", CATALOGUE_TEXT, flags=re.MULTILINE)
    said = {p.partition("\n")[0]: re.match(r".*\n\nExit code (\d+)", p) for p in parts}
    codes = {name: one.exit_code for name, one in inventory.exceptions().items()}

    assert {n: int(code[1]) for n, code in said.items() if code} == {
        n: codes[n] for n, code in said.items() if code
    }


def test_every_text_of_the_catalogue_is_one_of_the_program():
    sentences = [_plain(text) for text in inventory.sentences()]
    shown = [
        line
        for block in documents.blocks(CATALOGUE)
        if block.info == "text"
        for line in block.lines
    ]

    assert [line for line in shown if not any(_plain(line) in text for text in sentences)] == []


def _plain(text):
    """A sentence with a star for each value."""
    return re.sub(r"<[^<>]*>|%s|\{\w*\}", "*", re.sub(r"\s+", " ", text)).strip()


# --- the guide for operators ---------------------------------------------------------------------


def first_cells(heading):
    """The names in the first cells of a table of the guide."""
    cells = [row[0] for row in documents.table(GUIDE, heading)]
    return [name for cell in cells for name in re.findall(r"[\w./-]+", cell)]


def test_every_exit_code_is_in_the_guide():
    assert sorted(map(int, first_cells("Exit codes"))) == sorted(inventory.exit_codes())


def test_every_result_is_in_the_guide_with_its_exit_code():
    """No command ends with the result of a run in progress, or of a run whose process was killed."""
    without = {RunResult.IN_PROGRESS, RunResult.ABORTED}
    rows = documents.table(GUIDE, "Results of a run and of its steps")

    assert sorted((name.strip("`"), code) for name, code, *_ in rows) == sorted(
        (result.value, "-" if result in without else str(result.exit_code)) for result in RunResult
    )


def test_every_guard_is_in_the_guide():
    assert sorted(first_cells("Guards")) == sorted(inventory.settings()["safety"])


def test_every_metric_is_in_the_guide():
    named = documents.spans((documents.ROOT / GUIDE).read_text(encoding="utf-8"))

    assert sorted(inventory.metrics() - set(named)) == []


def test_every_log_event_is_in_the_guide_and_none_that_is_not_there():
    assert documents.events().keys() == inventory.events().keys()


def test_every_key_that_an_event_is_logged_with_is_in_the_guide():
    listed = documents.events()
    missing = {event: keys - listed[event] for event, keys in inventory.events().items()}

    assert {event: keys for event, keys in missing.items() if keys} == {}


def test_every_event_of_the_guide_has_an_example_with_its_keys():
    lines = [
        line for block in documents.blocks(GUIDE) if block.info == "text" for line in block.lines
    ]
    shown: dict[str, set[str]] = {}
    for record in filter(None, map(logtext.parse, lines)):
        keys = record.keys() - {"timestamp", "level", "event", "run"}
        shown.setdefault(record["event"], set()).update(keys)

    assert shown == documents.events()
