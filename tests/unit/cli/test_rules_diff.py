"""``connector rules diff`` compares settings and exports."""

from __future__ import annotations

import pytest

from tests.unit.cli.conftest import SETTINGS
from tests.unit.cli.exported import exported


@pytest.fixture
def folders(tmp_path):
    for name in ("pilot", "production"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rule.xml").write_text(exported())


def test_two_exports_that_are_the_same_do_not_differ(connector, folders):
    done = connector("rules", "diff", "production", "--here", "pilot")

    assert (done.code, done.out) == (0, "The rules are the same.\n")


def test_each_difference_of_two_exports_is_told(connector, folders, tmp_path):
    flow = "<mapping><dest>title</dest><src><attr>o</attr></src></mapping>"
    (tmp_path / "production" / "rule.xml").write_text(exported(flows=flow, precedence=60))
    (tmp_path / "production" / "more.xml").write_text(exported("Theirs"))

    done = connector("rules", "diff", "production", "--here", "pilot")

    assert done.code == 1
    assert done.out == (
        "Only there: Theirs\n"
        "Rule  What        Here  There\n"
        "Ours  precedence  50    60\n"
        "Ours  flow title  Boss  [o]\n"
    )


def test_the_settings_are_compared_with_an_export(connector, folders):
    done = connector("rules", "diff", "pilot", "--json")

    assert (done.code, done.json) == (1, {"here": [], "there": ["Ours"], "changed": []})


def test_what_was_imported_is_what_the_server_has(connector, folders, tmp_path):
    (tmp_path / "pilot" / "more.xml").write_text(exported("Later", precedence=150))
    (tmp_path / "rules").mkdir()
    connector("rules", "import", "pilot", "--output", "rules/server.toml")

    in_force, alone = (
        connector("rules", "diff", "pilot"),
        connector("rules", "diff", "rules/server.toml", "--here", "pilot"),
    )
    assert (in_force.code, in_force.out) == (0, "The rules are the same.\n")
    assert (alone.code, alone.out) == (0, "The rules are the same.\n")


def test_settings_are_compared_with_other_settings(connector, tmp_path):
    disabled = '[sync]\ndisabled_rules = ["In from AD - User Exchange"]\n'
    (tmp_path / "other.toml").write_text(SETTINGS + disabled)

    done = connector("rules", "diff", "other.toml", "--json")

    difference = {"what": "disabled", "here": False, "there": True}
    assert done.json["changed"] == [
        {"name": "In from AD - User Exchange", "differences": [difference]}
    ]


def test_a_file_of_rules_with_a_mistake_is_refused(connector, tmp_path):
    (tmp_path / "rules.toml").write_text('[[rules]]\nname = "Mine"\n')

    done = connector("rules", "diff", "rules.toml")

    assert done.code == 2
    assert "rule 'Mine': from: required" in done.err


def test_a_broken_file_is_told(connector, folders, tmp_path):
    (tmp_path / "pilot" / "broken.xml").write_text("<a>")

    done = connector("rules", "diff", "production", "--here", "pilot")

    assert done.code == 0
    assert (
        done.err == "broken.xml is left out: it is not XML: no element found: line 1, column 3.\n"
    )


def test_a_path_that_is_nothing_is_refused(connector):
    assert connector("rules", "diff", "nowhere").err == "connector: nowhere is not a file.\n"
