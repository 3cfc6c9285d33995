"""The prompt without the extra that makes it comfortable; tests/system/test_cmdlets.py has the rest."""

from __future__ import annotations

import io
import sys

import pytest

from connector.cli.cmdlet import typed


@pytest.fixture
def without_the_extra(monkeypatch):
    """A None in sys.modules makes an import fail as it does where a package is not installed."""
    monkeypatch.setitem(sys.modules, "prompt_toolkit", None)


def test_without_the_extra_lines_are_read_plainly(without_the_extra, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.StringIO("Get-Command\n\nGet-MsolUser\n"))

    assert list(typed(tmp_path / "history")) == ["Get-Command", "", "Get-MsolUser"]
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_the_prompt_says_what_to_install(
    without_the_extra, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    list(typed(tmp_path / "history"))

    assert capsys.readouterr().err == (
        "Completion and a history need the extra prompt, which is not installed: "
        "pip install 'directory-sync-connector[prompt]'\n"
    )


def test_a_line_of_cmdlets_needs_no_extra(without_the_extra, connector):
    done = connector("cmdlet", "Get-ADSyncScheduler | Format-List SyncCycleEnabled")

    assert (done.code, done.out.strip()) == (0, "SyncCycleEnabled : True")
