"""Cmdlet lines from the shell, from a pipe, and to a daemon at work."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from connector.cli.cmdlet import typed
from connector.cli.completer import CmdletCompleter, history
from connector.daemon.control import ask
from connector.lab import generator
from connector.lab.slapd import PrivateSlapd
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from collections.abc import Callable

ERRORS = "Get-MsolDirSyncProvisioningError -ErrorCategory PropertyConflict"
PATIENCE = 60.0


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def connector(tmp_path_factory):
    """A connector whose tenant has one conflict."""
    slapd = SlapdWorld(tmp_path_factory.mktemp("slapd"))
    right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    connector = CommandLine(tmp_path_factory.mktemp("connector"), right)
    slapd.user("ann", upn="User@contoso.com")
    connector.run("sync")
    slapd.user("bob", upn="User@contoso.com")
    connector.run("sync")
    yield connector
    slapd.close()


@pytest.mark.parametrize(
    "more",
    [
        "",
        " -PropertyName UserPrincipalName",
        " -PropertyValue User@contoso.com -PropertyName UserPrincipalName",
        " -SearchString User",
        " -MaxResults 5",
        " -All",
        " -SortField DisplayName -SortDirection Descending",
    ],
)
def test_the_lines_of_the_seed_work_as_typed(connector, more):
    done = connector.run("cmdlet", ERRORS + more)

    assert (done.returncode, done.stderr) == (0, "")
    assert "Bob" in done.stdout


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (ERRORS.lower(), "is not recognized as the name of a cmdlet"),
        (f"{ERRORS} -Foo", "A parameter cannot be found that matches parameter name 'Foo'."),
        (f"{ERRORS} -PropertyValue a@b.c", "missing mandatory parameters: PropertyName"),
        (
            "Set-MsolDirSyncFeature -Feature DuplicateUPNResiliency -Enable $false",
            "cannot be disabled",
        ),
    ],
)
def test_a_mistake_is_told_on_standard_error(connector, line, complaint):
    done = connector.run("cmdlet", line)

    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_json_is_for_programs(connector):
    done = connector.run("cmdlet", f"{ERRORS} | ConvertTo-Json")

    [error] = json.loads(done.stdout)["ProvisioningErrors"]
    assert error["PropertyValue"] == "User@contoso.com"


def test_lines_are_read_from_a_pipe(connector):
    lines = (
        f"Connect-MsolService\n{ERRORS} | Measure-Object | Select Count\nGet-Nothing\nexit\nNo\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "connector", "cmdlet"],
        env=connector.environment,
        input=lines,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stdout.split() == ["Count", "-----", "1"]
    assert done.stderr.startswith("Get-Nothing : The term 'Get-Nothing' is not recognized")
    assert done.returncode == 1


def test_the_prompt_reads_lines_until_ctrl_d_and_ctrl_c_drops_one(tmp_path):
    file = tmp_path / "var" / "history"
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("Get-ADSyncScheduler\rdropped\x03Get-MsolUser\r\x04")

        lines = list(typed(file))

    assert lines == ["Get-ADSyncScheduler", "Get-MsolUser"]


def test_the_prompt_remembers_what_was_typed_for_its_user_alone(tmp_path):
    file = tmp_path / "var" / "history"
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("Get-ADSyncScheduler\r\x04")
        list(typed(file))

    assert list(history(file).load_history_strings()) == ["Get-ADSyncScheduler"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_prompt_completes_what_stands_before_the_cursor():
    document = Document("Get-MsolUser -Has", cursor_position=len("Get-MsolU"))

    [found] = CmdletCompleter().get_completions(document, CompleteEvent())

    assert (found.text, found.start_position) == ("Get-MsolUser", -len("Get-MsolU"))


def test_the_report_is_shown_and_sent(connector):
    shown = connector.run("tenant", "report")
    sent = connector.json("tenant", "report", "--send")

    assert shown.stdout.startswith(
        "Subject: Sync errors detected on your Azure AD Connect service\n"
    )
    assert sent["errors"] == 1
    assert [str(path) for path in (connector.storage / "mail").iterdir()] == [sent["sent"]]
    assert len(connector.logged("report.sent")) == 1


def test_a_cycle_of_the_daemon_is_stopped_and_the_next_one_does_the_rest(tmp_path):
    total = 5_000
    with PrivateSlapd(tmp_path / "slapd") as slapd:
        slapd.load(generator.entries(total))
        slapd.start()
        right = {
            "url": slapd.url,
            "bind_dn": slapd.admin,
            "password_file": str(slapd.password_file),
        }
        connector = CommandLine(tmp_path, right, schedule={"delta": "1h"})
        daemon = subprocess.Popen(
            [sys.executable, "-m", "connector", "run"], env=connector.environment
        )
        try:
            until(lambda: ask(connector.storage, {"command": "stop-cycle"}) == {"stopping": True})
            until(lambda: connector.logged("cycle.finished"))
            idle = connector.run("cmdlet", "Stop-ADSyncSyncCycle")
            following = connector.run("cmdlet", "Start-ADSyncSyncCycle | Format-List RunResult")
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(PATIENCE)

    assert (idle.returncode, idle.stdout) == (0, "")
    assert next(event["result"] for event in connector.logged("cycle.finished")) == (
        "stopped-user-termination"
    )
    assert following.stdout.split()[-1:] in (["success"], ["completed-export-errors"]), (
        following.stderr
    )
    assert len(connector.objects()) > total * 0.9
