"""The completion offers commands, options, and names that only the connector knows."""

from __future__ import annotations

import pytest


@pytest.fixture
def offered(connector, monkeypatch):
    """Ask for the completions of the last word of a line, as bash does."""

    def offered(line: str) -> list[str]:
        words = line.split(" ")
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setenv("_CONNECTOR_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        out = connector().out
        monkeypatch.delenv("_CONNECTOR_COMPLETE")
        return str(out).split()

    return offered


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("connector st", ["status"]),
        ("connector daemon re", ["resume", "reload"]),
        ("connector sync --p", ["--policy", "--plan"]),
        ("connector sync --policy ", ["delta", "initial", "reconcile"]),
        ("connector objects --type ", ["user", "group", "contact"]),
        ("connector lint --format ", ["table", "json", "csv", "ldif"]),
        ("connector log --only ", ["errors"]),
        (
            "connector tenant features Block",
            ["BlockCloudObjectTakeoverThroughHardMatch", "BlockSoftMatch"],
        ),
        ("connector tenant features BlockSoftMatch ", ["on", "off"]),
        ("connector tenant license joe --assign ", ["EXCHANGE"]),
        ("connector cmdlet Get-MsolDirSyncF", ["Get-MsolDirSyncFeatures"]),
        ("connector lab story upn", ["upn", "upn-and-proxy-held-by-group"]),
        ("connector status ", []),
    ],
)
def test_bash_is_offered(offered, line, offers):
    assert offered(line) == offers


def test_snapshots_are_offered_by_name(offered, connector):
    assert offered("connector tenant rewind ") == []
    connector("tenant", "snapshot", "before")
    connector("tenant", "snapshot", "between")

    assert offered(f"connector --config {connector.file} tenant rewind ") == ["before", "between"]


def test_without_settings_nothing_is_said_about_it(offered, connector):
    connector.file.unlink()

    assert offered("connector tenant rewind ") == []


def test_fish_gets_each_offer_with_its_description_on_one_line(connector, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("_CONNECTOR_COMPLETE", "complete_fish")
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "connector tenant re")

    lines = connector().out.splitlines()

    assert [line.partition("\t")[0] for line in lines] == ["report", "restore", "rewind"]
    assert lines[-1].endswith("what came after it is forgotten")
