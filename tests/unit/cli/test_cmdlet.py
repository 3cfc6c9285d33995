"""The prompt without the extra that makes it comfortable; tests/system/test_cmdlets.py has the rest."""

from __future__ import annotations

import io
import json
import shlex
import sys

import pytest

from connector.cli.cmdlet import run_lines, typed
from connector.cmdlets.session import Session
from tests.host import WorldHost
from tests.world import World


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


NOBODY = "Get-MsolUser -UserPrincipalName nobody@contoso.com"


def test_a_hidden_error_leaves_its_exit_code(connector):
    shown, hidden = connector("cmdlet", NOBODY), connector("cmdlet", f"{NOBODY} -ea Ignore")

    message = "Get-MsolUser : User Not Found. User: nobody@contoso.com.\n"
    assert (shown.code, message in shown.err) == (2, True)
    assert (hidden.code, message in hidden.err) == (2, False)


def test_a_verbose_cmdlet_says_what_it_does(connector):
    done = connector("cmdlet", "Set-ADSyncScheduler -SyncCycleEnabled $false -Verbose")

    assert (done.out, done.err) == (
        "",
        'VERBOSE: Performing the operation "Set-ADSyncScheduler" on target "the schedule".\n',
    )


@pytest.mark.parametrize(("action", "done"), [("Stop", []), ("Continue", ["changed"])])
def test_an_error_that_stops_ends_the_lines(tmp_path, action, done):
    with World(tmp_path / "var") as world:
        session = Session(WorldHost(world), connected=True)
        change = "Set-ADSyncScheduler -SyncCycleEnabled $false"

        code = run_lines(session, [f"{NOBODY} -ErrorAction {action}", change])

        changed = world.parts.read_schedule().enabled is False
    assert (code, ["changed"] if changed else []) == (2, done)


def test_a_line_of_json_stays_json_for_one_object(connector):
    done = connector(
        "cmdlet", "Get-ADSyncConnector -Name 'contoso.onmicrosoft.com - AAD' | ConvertTo-Json"
    )

    assert json.loads(done.out)["Type"] == "Extensible2"


def test_a_line_that_cannot_be_read_runs_nothing(connector):
    line = "Set-ADSyncScheduler -SyncCycleEnabled $false; foreach ($user in $users) { $user }"

    done = connector("cmdlet", line)

    assert (done.code, "The statement 'foreach' is outside" in done.err) == (1, True)
    enabled = connector("cmdlet", "(Get-ADSyncScheduler).SyncCycleEnabled")
    assert enabled.out == "True\n"


def test_a_failure_does_not_stop_what_follows_in_the_line(connector):
    done = connector("cmdlet", f"{NOBODY}; (Get-MsolUser).Count")
    stopped = connector("cmdlet", f"{NOBODY} -ea Stop; (Get-MsolUser).Count")

    assert (done.code, done.out) == (2, "0\n")
    assert (stopped.code, stopped.out) == (2, "")


def test_a_line_that_goes_on_is_joined_with_the_next(tmp_path, capsys):
    with World(tmp_path / "var") as world:
        world.user("ann")
        world.sync()
        session = Session(WorldHost(world), connected=True)

        code = run_lines(
            session, ["Get-MsolUser |\n", "% DisplayName\n", "Get-MsolUser `\n", "-All|\n"]
        )

    assert (code, capsys.readouterr()) == (1, ("Ann\n", "An empty pipe element is not allowed.\n"))


@pytest.mark.parametrize(
    "words", [("Get-MsolUser", "-All"), ("Get-MsolUser", "-SearchString", "it's", "|", "measure")]
)
def test_a_line_without_quotes_is_told_where_they_belong(connector, words):
    done = connector("cmdlet", *words)

    assert (done.code, done.out) == (2, "")
    assert (
        f"write the whole line in quotes: connector cmdlet {shlex.quote(' '.join(words))}"
        in done.err
    )
