"""``connector rules import`` writes what it takes, and tells all that it leaves."""

from __future__ import annotations

import os
import tomllib

import pytest

from tests.unit.cli.exported import exported


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "exported" / "SynchronizationRules"
    folder.mkdir(parents=True)
    (folder / "one.xml").write_text(exported())
    return folder


def take(connector, folder, *options):
    return connector("rules", "import", str(folder), "--output", "out.toml", *options)


def test_what_is_taken_is_written_and_reported(connector, folder):
    (folder / "two.XML").write_text(exported("In from AD - User Join", tag="M", precedence=100))

    done = take(connector, folder.parent, "--json")

    assert (done.code, done.json) == (
        0,
        {
            "file": "out.toml",
            "taken": [
                {
                    "name": "Ours",
                    "precedence": 50,
                    "disabled": False,
                    "flows": ["title"],
                    "exported": {"name": "Ours", "precedence": 50},
                }
            ],
            "default": [{"name": "In from AD - User Join", "here": True, "disabled": False}],
            "left": [],
        },
    )
    assert tomllib.loads((folder.parents[1] / "out.toml").read_text()) == {
        "rules": [
            {
                "name": "Ours",
                "from": "user",
                "precedence": 50,
                "flows": [{"to": "title", "constant": "Boss"}],
            }
        ]
    }


def test_the_folder_of_the_rules_is_made_where_there_is_none(connector, folder, tmp_path):
    done = connector("rules", "import", str(folder), "--output", "rules/server.toml")

    assert (done.code, (tmp_path / "rules" / "server.toml").exists()) == (0, True)


def test_a_broken_file_is_named_and_the_others_are_taken(connector, folder):
    (folder / "broken.xml").write_text("<synchronizationRule>")
    (folder / "hostile.xml").write_text('<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>')
    os.mkfifo(folder / "pipe.xml")
    (folder / "notes.txt").write_text("no rule")

    done = take(connector, folder, "--json")

    assert done.code == 1
    assert [rule["name"] for rule in done.json["taken"]] == ["Ours"]
    assert {each["name"]: each["reason"] for each in done.json["left"]} == {
        "broken.xml": "it is not XML: no element found: line 1, column 21",
        "hostile.xml": "it has a document type declaration, which no export has",
        "pipe.xml": "it is not a file",
    }


def test_the_report_is_for_people_too(connector, folder):
    (folder / "two.xml").write_text(exported("Later", precedence=150))
    (folder / "out.xml").write_text(exported("Out to AAD - User Join", direction="Outbound"))

    done = take(connector, folder)

    assert done.code == 1
    assert done.out == (
        "Precedence  Exported  Name   Flows  State\n"
        "50          50        Ours   1\n"
        "201         150       Later  1\n"
        "\n"
        "Left                    Flow  Reason\n"
        "Out to AAD - User Join  -     it is an outbound rule; what flows into the cloud follows from the inbound ones\n"
        "\n"
        "2 rules written to out.toml.\n"
        "In the folder rules/ beside the settings file they take effect: look first with connector check, "
        "then with connector sync --dry-run.\n"
    )
    assert (
        "# In the export its precedence is 150.\n" in (folder.parents[1] / "out.toml").read_text()
    )


def test_a_rule_of_microsoft_is_taken_when_asked_for(connector, folder):
    (folder / "one.xml").write_text(exported("In from AD - User Join", tag="M", precedence=100))

    assert take(connector, folder).out.endswith("No rule was taken, and no file was written.\n")
    assert not (folder.parents[1] / "out.toml").exists()
    [taken] = take(connector, folder, "--all", "--json").json["taken"]
    assert (taken["name"], taken["precedence"]) == ("In from AD - User Join (exported)", 99)


def test_a_file_that_is_there_is_never_replaced(connector, folder, tmp_path):
    (tmp_path / "out.toml").symlink_to("nowhere")

    done = take(connector, folder)

    assert (done.code, done.err) == (
        2, "connector: out.toml is there already; name another file.\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "reason"), [("nowhere", "is not there."), (".", "has no synchronization rules.")]
)
def test_a_path_without_rules_is_refused(connector, path, reason):
    done = take(connector, path)

    assert (done.code, done.err) == (2, f"connector: {path} {reason}\n")
