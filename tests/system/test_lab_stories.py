"""The sentences of every story hold on a private slapd, and each story can fail."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connector.lab.stories import STORIES
from connector.settings import KNOWN_ISSUES
from tests.system.playing import playing
from tests.unit.cli.exported import exported

# A setting against a story, and the sentence that no longer holds.
AGAINST = [
    ("upn", "tenant.resiliency=false", "the UPN of User B is quarantined"),
    ("proxy", "tenant.resiliency=false", "one value each of the group and of the contact is"),
    ("first-attempt", "tenant.resiliency=false", "`connector sync` ends with 0; it ended with 1"),
    ("sweep", "schedule.sweep=30d", "within the hour User B signs in as User@contoso.com"),
    ("exchange-licence", "tenant.resiliency=false", "a contact that wants it is quarantined"),
    ("cmdlets", "tenant.resiliency=false", "DuplicateUPNResiliency is enabled"),
    ("monday-mail", "mail.host=mail.invalid mail.to=a@b.example", "a mail came"),
    ("old-behavior", "tenant.resiliency=true", "User B is not created at all"),
    (
        "upn-and-proxy-held-by-group",
        "tenant.known_issues=none",
        "`connector sync` ends with 1; it ended with 0",
    ),
    (
        "upn-and-proxy-held-by-group",
        "tenant.known_issues=upn-and-proxy-held-by-group",
        "the address is quarantined, and Joe is there",
    ),
    ("group-pair-fails-first", "tenant.known_issues=none", "the other one, Blue, fails"),
    (
        "group-pair-fails-first",
        "tenant.known_issues=group-pair-fails-first",
        "Grey is quarantined at once",
    ),
    (
        "restore-not-quarantined",
        "tenant.known_issues=none",
        "`connector sync` ends with 1; it ended with 0",
    ),
    (
        "restore-not-quarantined",
        "tenant.known_issues=restore-not-quarantined",
        "Ann is back, and the address is quarantined",
    ),
    ("computed-upn-not-released", "tenant.known_issues=none", "Bob keeps his digits"),
    (
        "computed-upn-not-released",
        "tenant.known_issues=computed-upn-not-released",
        "Bob signs in as joe@contoso.onmicrosoft.com",
    ),
    ("portal-same-message", "tenant.known_issues=none", "both show a message, and it is the same"),
    ("portal-same-message", "tenant.known_issues=true", "User B alone shows a message"),
    (
        "portal-own-display-name",
        "tenant.known_issues=none",
        "the message for User B says that User B has the UPN",
    ),
    ("portal-own-display-name", "tenant.known_issues=true", "it says that User A has it"),
    ("admin-center", "tenant.resiliency=false", "both users of the conflict are listed"),
    ("connect-health", "tenant.resiliency=false", "values in quarantine are listed"),
    ("delete-guard", "safety.delete_threshold=500", "ends with 3; it ended with 0"),
    ("empty-read", "directory.filter=(objectClass=*)", "ends with 3; it ended with 0"),
    ("restore", "tenant.soft_deleted_hold_values=true", "ends with 0; it ended with 1"),
    ("swap", "tenant.verified_domains=fabrikam.com", "they have swapped their UPNs"),
    ("admin-role", "tenant.block_soft_match=true", "`connector sync` ends with 0; it ended with 1"),
    ("admin-role", "tenant.resiliency=false", "Owner is in the tenant"),
    ("repair-match", "tenant.block_hard_match_takeover=true", "ends with 0; it ended with 1"),
    ("rules", "directory.filter=(uid=nobody)", "Ann is in the tenant"),
    ("own-rules", "directory.filter=(!(uid=lee))", "it names who would be taken out"),
    ("contoso", "tenant.resiliency=false", "each conflicting value is one error in the log"),
]


def story(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command; its temporary files are in ``folder``."""
    return subprocess.run(
        [sys.executable, "-m", "connector", "lab", "story", *arguments],
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", STORIES)
def test_a_story_holds_what_it_says_and_leaves_nothing(name, tmp_path):
    done = story(name, "--engine", "slapd", "--json", folder=tmp_path)

    [outcome] = json.loads(done.stdout)
    assert (outcome["missed"], done.returncode) == (None, 0), done.stderr
    assert len(outcome["sentences"]) >= 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "settings", "sentence"), AGAINST)
def test_a_setting_against_a_story_is_seen(name, settings, sentence, tmp_path):
    against = [word for setting in settings.split() for word in ("--set", setting)]

    done = story(name, "--engine", "slapd", *against, folder=tmp_path)

    assert done.returncode == 1
    assert re.search(rf"^{name}: this does not hold: .*{sentence}", done.stderr, re.MULTILINE)
    assert list(tmp_path.iterdir()) == []


def test_the_demonstration_checks_fifteen_outcomes(tmp_path):
    done = story("contoso", "--engine", "slapd", folder=tmp_path)

    assert done.stdout.count("\n  ok: ") == 15
    assert "\nThe story is over; everything went as it should.\nWhat to type next:\n" in done.stdout


def test_every_story_can_fail():
    assert {name for name, _, _ in AGAINST} == set(STORIES)


def test_every_known_issue_is_switched_both_ways():
    switched = [name for name, settings, _ in AGAINST if "known_issues" in settings]

    assert sorted(switched) == sorted([*KNOWN_ISSUES, *KNOWN_ISSUES])


def test_a_story_shows_what_is_changed_what_is_run_and_what_holds(tmp_path):
    done = story("swap", "--engine", "slapd", folder=tmp_path)

    assert "== Two users swap their names (swap)" in done.stdout
    assert "    replace: userPrincipalName\n    userPrincipalName: two@contoso.com\n" in done.stdout
    assert re.search(r"^\$ connector sync\nRun 1 \(delta\): success in ", done.stdout, re.MULTILINE)
    assert "  ok: they have swapped their UPNs\n" in done.stdout
    assert "\nThe story is over; everything went as it should.\nWhat to type next:\n" in done.stdout


def test_a_story_is_played_with_the_rules_of_ones_own_server(tmp_path):
    export = tmp_path / "exported" / "SynchronizationRules"
    export.mkdir(parents=True)
    filtering = (
        "<mapping><dest>cloudFiltered</dest><expression>IsPresent([sn])</expression></mapping>"
    )
    (export / "all.xml").write_text(exported("Nobody stays", flows=filtering), encoding="utf-8")
    (tmp_path / "temporary").mkdir()

    done = story(
        *("own-rules", "--engine", "slapd", "--export", str(export.parent)),
        folder=tmp_path / "temporary",
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "50          50        Nobody stays  1\n" in done.stdout
    assert "the guard stops the cycle" in done.stdout
    assert "  ok: without the rules all objects are what they were\n" in done.stdout
    assert list((tmp_path / "temporary").iterdir()) == []


CHANCE = re.compile(
    r"20\d\d-[\d:.T-]+Z|(?<![\d.])\d+\.\d+(?![\d.])|process \d+|127\.0\.0\.1:\d+|connector-story\.\w+"
)


def test_a_story_has_the_same_winners_and_names_each_time(tmp_path):
    told = [
        CHANCE.sub("", story("contoso", "--engine", "slapd", folder=tmp_path).stdout)
        for _ in range(2)
    ]

    assert [line.split() for line in told[0].splitlines()] == [
        line.split() for line in told[1].splitlines()
    ]


# A story that hangs ends so, and with it the test.
PATIENCE = 120.0


def at_a_terminal(key: bytes, folder: Path) -> tuple[int, str]:
    """Play a story with pauses, and press a key at each; return its exit code and all that it shows."""
    ours, theirs = pty.openpty()
    # A key that is pressed too early is lost, so it is pressed again.
    with subprocess.Popen(
        [sys.executable, "-m", "connector", "lab", "story", "swap", "--engine", "slapd", "--pause"],
        env={**os.environ, "TMPDIR": str(folder), "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown, deadline = b"", time.monotonic() + PATIENCE
        while True:
            if time.monotonic() > deadline:
                process.kill()
            if select.select([ours], [], [], 0.3)[0]:
                if not (read := read_from(ours)):
                    break
                shown += read
            elif shown.endswith(b" --\x1b[0m"):
                os.write(ours, key)
    os.close(ours)
    return process.returncode, re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())


def read_from(terminal: int) -> bytes:
    """Read what is there; nothing at the end, which Linux tells by an error."""
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b""


def test_with_a_pause_each_command_and_each_change_waits_for_a_key(tmp_path):
    code, shown = at_a_terminal(b" ", tmp_path)

    before = [re.split(r"\r\n", part)[-2] for part in shown.split("  -- press a key to go on")[:-1]]
    assert [line.strip() for line in before] == [
        "proxyAddresses: SMTP:two@contoso.com",
        "$ connector sync",
        "-",
        "$ connector sync",
    ]
    assert (code, "everything went as it should." in shown) == (0, True)


@pytest.mark.parametrize("key", [b"q", b"\x03", b"\x04"])
def test_a_pause_can_end_the_story_and_nothing_stays(key, tmp_path):
    code, shown = at_a_terminal(key, tmp_path)

    assert (code, "$ connector sync" in shown) == (130, False)
    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_is_none_is_told(tmp_path):
    done = story("swap", "--engine", "slapd", "--set", "tenant.colour=blue", folder=tmp_path)

    assert "CONNECTOR__TENANT__COLOUR: unknown setting" in done.stdout
    assert done.returncode == 1


def test_settings_of_the_users_own_connector_do_not_reach_a_story(tmp_path, monkeypatch):
    monkeypatch.setenv("CONNECTOR__TENANT__RESILIENCY", "false")
    monkeypatch.setenv("CONNECTOR_CONFIG", str(tmp_path / "none.toml"))

    done = story("upn", "--engine", "slapd", "--json", folder=tmp_path)

    assert done.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_story_that_is_told_to_end_leaves_nothing(number, tmp_path):
    with playing(tmp_path, "all", "--engine", "slapd") as (process, folder):
        server = int((folder / "slapd" / "slapd.pid").read_text())

        os.killpg(process.pid, number)

    assert process.returncode == (130 if number is signal.SIGINT else 128 + number)
    assert list(tmp_path.iterdir()) == []
    assert not Path(f"/proc/{server}").exists()


def test_a_place_that_is_served_can_be_looked_at(tmp_path):
    options = ["--engine", "slapd", "--serve"]
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "connector", "lab", "story", "swap", *options],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as playing:
        assert playing.stdout
        while not (
            found := re.search(r"CONNECTOR_CONFIG=(\S+)", line := playing.stdout.readline())
        ):
            assert line, "it ended before it could be looked at"
        status = daemon_status(found[1])
        playing.send_signal(signal.SIGTERM)
        playing.stdout.read()

    assert status in {"idle", "running"}
    assert list(tmp_path.iterdir()) == []


def daemon_status(settings: str) -> str:
    """Ask until the daemon answers."""
    for _ in range(100):
        done = subprocess.run(
            [sys.executable, "-m", "connector", "daemon", "status", "--json"],
            env={**os.environ, "CONNECTOR_CONFIG": settings},
            capture_output=True,
            check=True,
        )
        if (state := json.loads(done.stdout)["state"]) != "stopped":
            return str(state)
        time.sleep(0.1)
    return "stopped"
