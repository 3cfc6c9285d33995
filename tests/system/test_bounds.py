"""What is too long, too large, or has nowhere to go is cut or refused; it is never a bug."""

from __future__ import annotations

import shlex
import stat
import subprocess
import sys

import pytest

from tests.fakes import SUFFIX
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld

MEGABYTE = 1_000_000
LONGEST_LINE = 20_000
FULL, CLOSED = ">/dev/full", ">&-"


@pytest.fixture(scope="module")
def synced(tmp_path_factory):
    """A connector that has synced ann, and a user whose UPN and description are a megabyte."""
    world = SlapdWorld(tmp_path_factory.mktemp("slapd"))
    world.user("ann", proxyAddresses=["SMTP:ann@contoso.com"])
    world.user("bob", proxyAddresses=["SMTP:bob@contoso.com", "smtp:" + "c" * MEGABYTE + "@x.com"])
    world.user("eve", proxyAddresses=["SMTP:eve@contoso.com", "smtp:" + "c" * MEGABYTE + "@x.com"])
    world.user("big", upn="b" * MEGABYTE + "@contoso.com")
    world.user("long", upn="d" * 100_000 + "@contoso.com")
    connector = CommandLine(
        tmp_path_factory.mktemp("connector"),
        {"url": world.slapd.url, "bind_dn": world.slapd.admin, "password": world.password},
        log={"format": "text"},
    )
    done = connector.run("sync")
    assert done.returncode == 1, done.stderr
    yield connector, done
    world.close()


@pytest.fixture
def unsynced(tmp_path):
    """A connector without a directory."""
    return CommandLine(tmp_path, {"url": "ldap://127.0.0.1:1"})


def test_a_long_value_is_cut_in_the_log_and_after_the_sync(synced):
    connector, sync = synced

    assert max(map(len, connector.log.read_text().splitlines())) < LONGEST_LINE
    assert max(map(len, sync.stdout.splitlines())) < LONGEST_LINE
    assert "characters)" in sync.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("errors",),
        ("errors", "--json"),
        ("errors", "--portal"),
        ("errors", "--portal", "--json"),
        ("errors", "--kind", "export", "--sort", "value"),
        ("history", "--object", "d" * 100_000),
        ("explain", f"cn=bob,ou=people,{SUFFIX}"),
        ("explain", f"cn=big,ou=people,{SUFFIX}"),
        ("explain", f"cn=bob,ou=people,{SUFFIX}", "--json"),
        ("explain", "d" * 100_000),
        ("show", "d" * 100_000),
        ("objects",),
        ("lint",),
        ("lint", "--json"),
        ("verify",),
        ("sync", "--dry-run"),
        ("sync", "--dry-run", "--json"),
        ("sync",),
        ("sync", "--json"),
        ("log",),
        ("log", "--json"),
        ("cmdlet", "Get-MsolUser | Format-List"),
        ("cmdlet", "Get-MsolUser | ConvertTo-Json -Compress"),
        ("cmdlet", "Get-MsolDirSyncProvisioningError -ErrorCategory PropertyConflict"),
        ("cmdlet", "Get-" + "M" * 90_000),
    ],
    ids=lambda arguments: " ".join(arguments)[:60],
)
def test_a_long_value_is_cut_wherever_it_is_shown(synced, arguments):
    connector, _ = synced

    done = connector.run(*arguments)

    assert done.returncode in {0, 1, 2}, done.stderr
    assert max(map(len, (done.stdout + done.stderr).splitlines()), default=0) < LONGEST_LINE


def test_errors_are_still_searched_by_the_whole_value(synced):
    connector, _ = synced

    found = connector.json("errors", "--search", "c" * 100_000)  # an argument holds 128 KiB
    exact = connector.json("errors", "--value", "d" * 100_000 + "@contoso.com")

    assert {row["propertyCausingError"] for row in found} == {"ProxyAddresses"}
    assert [row["object"]["displayName"] for row in exact] == ["Long"]


def test_a_log_that_a_command_makes_is_for_its_user_alone(synced):
    connector, _ = synced

    assert stat.S_IMODE(connector.log.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "arguments",
    [
        ("errors", "--max", "9" * 20),
        ("errors", "--max", "9" * 5000),
        ("errors", "--portal", "--max", "9" * 20),
        ("history", "9" * 20),
        ("history", "-9" + "9" * 20),
        ("history", "--max", str(2**63)),
        ("history", "--object", "ann", "--max", "9" * 20),
        ("daemon", "stop", "--timeout", "inf"),
        ("daemon", "stop", "--timeout", "nan"),
        ("tenant", "clock", "advance", "9" * 20 + "d"),
        ("log", "--since", "9" * 20 + "d"),
    ],
    ids=lambda arguments: " ".join(arguments)[:60],
)
def test_a_number_of_more_than_64_bits_is_a_usage_error(unsynced, arguments):
    done = unsynced.run(*arguments)

    assert (done.returncode, "internal error" in done.stderr) == (2, False)
    assert done.stderr


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("safety", {"delete_threshold": 10**30}),
        ("safety", {"delete_threshold": 10**4000}),
        ("schedule", {"history": "999999999d"}),
        ("log", {"rotate_size": 2**63}),
        ("tenant", {"random_seed": -(2**64)}),
    ],
)
def test_a_setting_out_of_range_is_named(tmp_path, table, values):
    done = CommandLine(tmp_path, {"url": "ldap://127.0.0.1:1"}, **{table: values}).run("status")

    assert done.returncode == 2
    assert next(iter(values)) in done.stderr


def test_a_setting_of_thousands_of_digits_is_a_problem_of_the_file(unsynced):
    with unsynced.settings.open("a") as file:
        file.write(f"\n[safety]\ndelete_threshold = {'9' * 5000}\n")

    done = unsynced.run("status")

    assert done.returncode == 2
    assert "a number has too many digits" in done.stderr


@pytest.mark.parametrize("redirection", [FULL, CLOSED, f"{CLOSED} <&-"])
@pytest.mark.parametrize(
    "arguments",
    ["--help", "--version", "objects --json", "status", "errors", "check", "cmdlet Get-Command"],
)
def test_output_that_goes_nowhere_is_told(unsynced, arguments, redirection):
    done = shell(unsynced, arguments, redirection)

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("connector: standard output: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&-", f"2>&- {FULL}"])
def test_without_another_stream_a_command_works_as_far_as_it_can(unsynced, redirection):
    done = shell(unsynced, "status", redirection)

    assert done.returncode == (2 if redirection.endswith(f" {FULL}") else 0)


def test_a_usage_error_that_nobody_can_read_is_still_one(unsynced):
    assert shell(unsynced, "errors --max x", "2>/dev/full").returncode == 2


def test_a_closed_output_is_no_place_for_a_database(unsynced):
    done = shell(unsynced, "sync", f"{CLOSED} 2>&-")

    assert done.returncode == 2
    assert unsynced.json("history")[0]["result"] == "no-start-connection"


def shell(connector: CommandLine, arguments: str, redirection: str):
    """Run a command in a shell that redirects its streams."""
    return subprocess.run(
        ["sh", "-c", f"{shlex.quote(sys.executable)} -m connector {arguments} {redirection}"],
        env=connector.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
