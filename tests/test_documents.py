"""The documents name files, tests, settings, commands, events and errors that exist."""

from __future__ import annotations

import ast
import configparser
import importlib.util
import json
import re
import tomllib
from functools import cache
from typing import TYPE_CHECKING

import pytest

from connector.lab.stories import STORIES
from tests import documents, inventory
from tests.documents import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

COVERAGE = "docs/seed-coverage.md"
SCENARIOS = ("test_behavior.py", "test_identifying_objects.py")
DOCUMENTS = documents.names()

_FIRST_WORDS = frozenset(
    {*inventory.settings(), *(e.partition(".")[0] for e in inventory.events())}
)


def text_of(document):
    return (ROOT / document).read_text(encoding="utf-8")


each_document = pytest.mark.parametrize("document", DOCUMENTS)


# --- what the documents name ---------------------------------------------------------------------


def named_commands(document):
    """The calls of the connector in a document: in its text, and in its blocks, also in containers."""
    lines = [
        command.text.replace("\\\n", " ").splitlines()[0]
        for block in documents.blocks(document)
        if block.place
        for command in block.commands
    ]
    lines += [
        f"connector {line.split(' connector connector ')[1]}"
        for line in lines
        if " connector connector " in line
    ]
    named = [*documents.spans(text_of(document)), *lines]
    return [line for line in named if line.startswith("connector ")]


@each_document
def test_every_command_and_option_is_there(document):
    wrong = [inventory.unknown(line) for line in named_commands(document)]

    assert [line for line in wrong if line] == []


@pytest.mark.parametrize(
    "line", ["connector synk", "connector sync --dry", "connector tenant sweeep"]
)
def test_a_command_that_is_not_there_is_seen(line):
    assert inventory.unknown(line)


@pytest.mark.parametrize(
    "line",
    [
        "connector sync --policy initial",
        "connector explain joe@contoso.com",
        "connector COMMAND --help",
    ],
)
def test_a_command_that_is_there_is_known(line):
    assert inventory.unknown(line) is None


def unknown_name(span):
    """Return a dotted name that is neither a setting nor a log event; None for other spans."""
    if not re.fullmatch(r"[a-z]+\.[a-z_*]+", span):
        return None
    section, _, key = span.partition(".")
    if (
        section not in _FIRST_WORDS
        or f"connector/{span}" in python_files()
        or key in {"py", "md", "toml", "db"}
    ):
        return None
    if key == "*":
        return None if any(name.startswith(f"{section}.") for name in inventory.events()) else span
    there = span in inventory.events() or key in inventory.settings().get(section, ())
    return None if there else span


@cache
def python_files():
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / "connector").rglob("*.py")}


@each_document
def test_every_setting_and_event_is_there(document):
    spans = documents.spans(text_of(document))
    sections = [span for span in spans if re.match(r"\[[a-z]+\]( [a-z_]+)?$", span)]

    assert [span for span in spans if unknown_name(span)] == []
    assert [span for span in sections if not _is_setting(span)] == []


def _is_setting(span):
    section, _, key = span.replace("[", "").partition("]")
    keys = inventory.settings().get(section)
    return keys is not None and (not key or key.strip() in keys)


@pytest.mark.parametrize("name", ["export.refused", "directory.secret", "guard.*x", "mail.sender"])
def test_a_setting_or_event_that_is_not_there_is_seen(name):
    assert unknown_name(name) == name


@each_document
def test_every_environment_override_is_there(document):
    named = re.findall(r"CONNECTOR__([A-Z_]+?)__([A-Z_]+)", text_of(document))
    keys = inventory.settings()

    assert [
        n for n in named if n[1].lower() not in keys.get(n[0].lower(), ()) and n[0] != "SECTION"
    ] == []


@each_document
def test_every_metric_is_there(document):
    named = set(re.findall(r"\bconnector_[a-z_]+", text_of(document)))
    known = inventory.metrics()
    histograms = {f"{name}_{part}" for name in known for part in ("bucket", "count", "sum")}

    assert named - known - histograms == set()


@each_document
def test_every_file_that_a_document_names_is_there(document):
    text = text_of(document)
    named = [
        span
        for span in documents.spans(text)
        if re.fullmatch(r"(?:connector|tests|schema|compose|docs)/[\w./-]+", span)
    ]
    named += re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    folder = (ROOT / document).parent

    assert [
        n for n in named if not (ROOT / packaged(n)).exists() and not (folder / n).exists()
    ] == []


def packaged(name):
    """Return the path in the checkout of a path in the wheel, which has its data in the package."""
    project = tomllib.loads(text_of("pyproject.toml"))
    moved = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    return next((here for here, there in moved.items() if name == there), name)


@each_document
def test_every_heading_that_a_link_names_is_there(document):
    folder = (ROOT / document).parent
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", text_of(document))
    missing = []
    for name, anchor in links:
        target = (folder / name).resolve() if name else ROOT / document
        if anchor not in headings(target.read_text(encoding="utf-8")):
            missing.append(f"{name}#{anchor}")

    assert missing == []


def headings(text):
    found = [line.lstrip("#").strip() for _, line in documents.prose(text) if line.startswith("#")]
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in found}


@each_document
def test_every_module_that_a_command_starts_is_there(document):
    started = re.findall(r"python -m ([\w.]+)", text_of(document))

    assert [name for name in started if importlib.util.find_spec(name) is None] == []


@each_document
def test_every_block_that_is_parsed_can_be(document):
    parsers: dict[str, Callable[[str], object]] = {
        "toml": tomllib.loads,
        "json": json.loads,
        "ini": configparser.RawConfigParser(strict=False).read_string,
    }
    for block in documents.blocks(document):
        if block.info in parsers:
            parsers[block.info](block.text)

    assert all(block.text.strip() for block in documents.blocks(document))


@each_document
def test_every_key_of_a_settings_block_is_there(document):
    tables = [tomllib.loads(b.text) for b in documents.blocks(document) if b.info == "toml"]
    named = {
        (section, key)
        for table in tables
        for section in table.keys() - {"rules"}
        for key in table[section]
    }

    assert [(s, key) for s, key in named if key not in inventory.settings().get(s, ())] == []


# --- who runs what is run elsewhere --------------------------------------------------------------


def readers():
    """The documents and places whose commands a test runs."""
    found = set()
    for syntax in inventory.modules("tests/system").values():
        constants = {
            node.targets[0].id: node.value
            for node in syntax.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(syntax):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="blocks" | "commands")
                    | ast.Name(id="blocks" | "commands"),
                    args=[one, other],
                ):
                    found.add((_text(one, constants), _text(other, constants)))
    return found


def _text(node, constants):
    if isinstance(node, ast.Name):
        node = constants.get(node.id)
    return node.value if isinstance(node, ast.Constant) else None


@pytest.mark.parametrize("place", ["docker", "systemd", "samba", "389"])
def test_commands_for_other_machines_are_run_by_a_test(place):
    there = {document: documents.commands(document, place) for document in DOCUMENTS}
    run = {
        c.text for document, found in there.items() if (document, place) in readers() for c in found
    }
    unrun = [
        f"{document}:{command.line}: {command.text}"
        for document, found in there.items()
        for command in found
        if command.text not in run
    ]

    assert unrun == []


# --- the coverage of the specification -----------------------------------------------------------


def rows():
    """The rows of every table of the coverage: (sentence, places, tests, stories)."""
    for line in text_of(COVERAGE).splitlines():
        if line.startswith("| ") and not line.startswith(("| sentence", "| rule")):
            sentence, *cells = (cell.strip() for cell in line[1:].rstrip("|").split(" | "))
            named = [re.findall(r"`([^`]+)`", cell) for cell in cells]
            yield sentence, named[0], named[1], named[2] if named[2:] else []


def all_tests():
    """Every test function below tests/, by name."""
    found: dict[str, str] = {}
    for module, syntax in inventory.modules("tests").items():
        for node in ast.walk(syntax):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.setdefault(node.name, f"{module.rpartition('.')[2]}.py")
    return found


def test_every_sentence_of_the_coverage_names_code_that_is_there():
    missing = [place for _, places, *_ in rows() for place in places if not (ROOT / place).exists()]

    assert missing == []


def test_every_sentence_of_the_coverage_names_tests_that_are_there():
    there = all_tests()

    assert [name for _, _, tests, _ in rows() for name in tests if name not in there] == []
    assert [sentence for sentence, _, tests, _ in rows() if not tests] == []


def test_every_scenario_of_the_seed_is_in_the_coverage():
    named = {name for _, _, tests, _ in rows() for name in tests}
    scenarios = {name for name, file in all_tests().items() if file in SCENARIOS}

    assert scenarios - named == set()


def test_every_story_of_the_lab_is_in_the_coverage_and_none_that_is_not_there():
    named = {name for *_, stories in rows() for name in stories}

    assert named == STORIES.keys()
