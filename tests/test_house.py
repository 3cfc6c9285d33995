"""The tree keeps the rules of ``tests/house.py``, and each rule finds a tree that breaks it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import connector
from connector.storage.database import open_database
from tests import house

ROOT = Path(__file__).parent.parent
HEAVY = {*house.IMPORTERS, "fastapi", "jinja2", "starlette", "uvicorn"} - {"typer"}
LOCK = ROOT / "tests" / "requirements.lock"

# A rule, and a file that breaks it; the escapes keep this file from breaking it too.
PLANTED = [
    ("stages_do_not_know_each_other", "connector/rules/x.py", "from connector import tenant"),
    ("stages_do_not_know_each_other", "connector/export/x.py", "import connector.staging.space"),
    ("stages_do_not_know_each_other", "connector/tenant/x.py", "from connector.cycle import run"),
    (
        "stages_do_not_know_each_other",
        "connector/directory/x.py",
        "def f():\n    if TYPE_CHECKING:\n        from connector.staging import space",
    ),
    (
        "an_object_goes_one_way_through_the_tenant",
        "connector/tenant/intake.py",
        "if TYPE_CHECKING:\n    from connector.tenant.batch import Deletion",
    ),
    (
        "one_module_knows_the_engines_of_the_tenant",
        "connector/tenant/sweeper.py",
        "if TYPE_CHECKING:\n    from connector.tenant.sqlite.store import Store",
    ),
    ("shared_rooms_know_no_stage", "connector/storage/x.py", "from connector.tenant import service"),
    ("pure_modules_reach_nothing_outside", "connector/rules/x.py", "import sqlite3"),
    ("pure_modules_reach_nothing_outside", "connector/tenant/x.py", "from time import monotonic"),
    ("pure_modules_reach_nothing_outside", "connector/values/dn.py", "def f():\n    import os.path"),
    (
        "pure_modules_reach_nothing_outside",
        "connector/values/entries.py",
        "if TYPE_CHECKING:\n    import sqlite3",
    ),
    ("pure_modules_reach_nothing_outside", "connector/values/x.py", "import time"),
    ("pure_modules_import_pure_modules", "connector/values/x.py", "from connector.lint import files"),
    ("pure_modules_reach_nothing_outside", "connector/operations/due.py", "at = datetime.now(UTC)"),
    ("pure_modules_reach_nothing_outside", "connector/model.py", "open('x')"),
    ("pure_modules_reach_nothing_outside", "connector/tenant/x.py", "digits = Random()"),
    ("pure_modules_import_pure_modules", "connector/rules/x.py", "from connector import logs"),
    (
        "pure_modules_import_pure_modules",
        "connector/tenant/x.py",
        "from connector.tenant.sqlite.store import Store",
    ),
    (
        "properties_neither_read_nor_wait",
        "connector/staging/x.py",
        "class X:\n    @property\n    def x(self):\n        return self._queue.count()",
    ),
    (
        "properties_neither_read_nor_wait",
        "connector/daemon/x.py",
        "class X:\n    @cached_property\n    def x(self):\n        return now()",
    ),
    ("each_package_to_the_outside_has_one_importer", "connector/tenant/x.py", "import ldap3.core"),
    ("each_package_to_the_outside_has_one_importer", "connector/cli/x.py", "import schedule"),
    ("only_commands_print", "connector/cycle.py", "print(1)"),
    ("rules_and_directory_know_no_quarantine", "connector/rules/x.py", "# Quarantined"),
    ("case_is_folded_in_one_place", "connector/rules/x.py", "'X'.casefold()"),
    ("addresses_are_parsed_in_one_place", "connector/lint/x.py", "'x'.startswith('SMTP:')"),
    ("addresses_are_parsed_in_one_place", "connector/rules/x.py", "'smtp:' in text"),
    ("addresses_are_parsed_in_one_place", "connector/tenant/x.py", "kind in ('smtp', 'sip')"),
    ("moments_are_written_in_one_place", "connector/x.py", "f'{now:%Y-%m-%dT%H:%M:%SZ}'"),
    ("moments_are_written_in_one_place", "connector/x.py", "now.isoformat()"),
    ("modules_are_short", "connector/x.py", "\n" * 401),
    ("tables_come_from_the_schema_and_are_strict", "schema/tenant/1.sql", "CREATE TABLE t (a INT);"),
    ("tables_come_from_the_schema_and_are_strict", "connector/x.py", "'create table t (a)'"),
    ("nothing_is_mocked", "tests/x.py", "from unittest import mock"),
    ("nothing_is_mocked", "tests/x.py", "from unittest.mock import MagicMock"),
    ("nothing_is_skipped", "tests/x.py", "@pytest.mark.\x73kip\ndef test(): pass"),
    ("nothing_is_skipped", "tests/x.py", "x = pytest.\x69mportorskip('x')"),
    ("unit_tests_mirror_the_package", "tests/unit/rules/test_x.py", ""),
    ("no_file_names_the_machine_it_was_made_on", "docs/x.md", "see /\x68ome/ann/connector"),
    ("no_file_names_the_machine_it_was_made_on", "compose/x", "https://py\x70i.org/simple"),
    ("the_top_level_is_kept_small", "setup.py", ""),
    ("names_keep_to_the_glossary", "connector/x.py", "def load_plugin(): ..."),
    ("names_keep_to_the_glossary", "connector/x.py", "class DummyUpn: ..."),
    ("texts_keep_to_one_spelling", "docs/x.md", "How it is syn\x63ronized."),
]  # fmt: skip


@pytest.mark.parametrize("rule", sorted({rule for rule, _, _ in PLANTED}))
def test_the_tree_keeps_the_rule(rule):
    assert list(getattr(house, rule)(house.Tree(ROOT))) == []


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_the_rule_sees_a_file_that_breaks_it(rule, path, text, tmp_path):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)

    [found] = getattr(house, rule)(house.Tree(tmp_path))

    assert found.startswith(f"{path}:")


def test_every_rule_is_tried():
    rules = {name for name, value in vars(house).items() if callable(value) and name.islower()}
    ours = {name for name in rules if getattr(house, name).__module__ == house.__name__}

    assert {name for name in ours if not name.startswith("_")} == {rule for rule, _, _ in PLANTED}


def test_what_git_ignores_is_no_part_of_the_tree(tmp_path):
    for name in (".gitignore", "build/x.py", "connector/build/x.py", "connector/y.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("build/\n")

    tree = house.Tree(tmp_path)

    assert tree.top() == [".gitignore", "connector"]
    assert [path for path, _ in tree.files()] == [".gitignore", "connector/y.py"]


def test_a_command_starts_without_the_heavy_packages():
    program = (
        "import sys, connector.__main__; print(*{name.partition('.')[0] for name in sys.modules})"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert HEAVY & set(done.stdout.split()) == set()
    assert "typer" in done.stdout.split()


@pytest.mark.parametrize("name", ["staging", "tenant"])
def test_a_database_has_the_tables_of_its_schema_and_all_are_strict(name, tmp_path):
    sql = "".join(file.read_text() for file in (ROOT / "schema" / name).glob("*.sql"))
    with closing(open_database(tmp_path / "x.db", name).conn) as connection:
        tables = connection.execute(
            "SELECT name, strict FROM pragma_table_list WHERE type = 'table'"
        )
        found = {
            table: strict for table, strict in tables if not table.startswith(("_", "sqlite_"))
        }

    made, dropped = (
        set(re.findall(rf"^{verb} TABLE (\w+)", sql, re.MULTILINE)) for verb in ("CREATE", "DROP")
    )
    assert found == dict.fromkeys(made - dropped, 1)
    assert found


def test_every_dependency_is_locked_to_a_version_that_will_do():
    project = _project()
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(wish for extra in extras for wish in extra)]
    locked = {canonicalize_name(name): version for name, version in map(_halves, _locked())}

    unmet = [wish for wish in map(Requirement, wanted) if not _is_met(wish, locked)]

    assert unmet == []


def test_the_lock_holds_exact_versions_and_nothing_else():
    odd = [line for line in _locked() if not re.fullmatch(r"[\w.-]+==[\w.]+", line)]

    assert odd == []


def test_the_version_is_the_same_everywhere():
    change_log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert _project()["version"] == connector.__version__
    assert f"## [{connector.__version__}]" in change_log


def _project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _is_met(wish, locked):
    return locked.get(canonicalize_name(wish.name), "none") in wish.specifier


def _halves(line):
    name, _, version = line.partition("==")
    return name, version


def _locked():
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
