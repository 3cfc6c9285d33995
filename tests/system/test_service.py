"""The connector as a service of systemd, on a booted machine: docs/service.md, and failures.

The commands of the document set the machine up, word for word.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests import documents
from tests.system import places
from tests.system.containers import engine, eventually
from tests.system.machine import DIRECTORY, WHEELS, machine, wheels

pytestmark = pytest.mark.containers

DOCUMENT = "docs/service.md"
SETTINGS = "/etc/connector/connector.toml"
PASSWORD = "/etc/connector/directory-password"
DROP_INS = "/etc/systemd/system/connector.service.d"
LOG = "/var/log/connector/connector.log"
STORAGE = "/var/lib/connector"
# A person types into an editor; the test has this one.
EDITOR = f"""#!/bin/sh
case $1 in
*-password) cp /srv/credentials/ldap-password "$1" ;;
*) sed -i -e 's|^url = .*|url = "ldaps://{DIRECTORY}:1636"|' \\
    -e 's|^# bind_dn = .*|bind_dn = "cn=connector,cn=services"|' "$1" ;;
esac
"""
# What would take minutes otherwise.
IMPATIENT = "[Service]\nWatchdogSec=2s\nRestartSec=1s\n"


@pytest.fixture(scope="module")
def booted(tmp_path_factory):
    folder = wheels(tmp_path_factory.mktemp("wheels"))
    with engine() as client, machine(client) as booted:
        booted.bring(folder, WHEELS)
        booted.done(f"ln -s {WHEELS}/directory_sync_connector-* /srv")
        booted.write("/usr/local/bin/editor", EDITOR, 0o755)
        yield booted


@pytest.fixture(scope="module")
def found(booted):
    """The broken promises of each part of the document, up to the removal."""
    parts = parts_of_the_document()
    return {title: otherwise(booted, parts[title]) for title in parts if title != "Remove"}


@pytest.fixture
def machine_(booted, found):
    """The machine as the document leaves it, except for an encrypted password."""
    booted.done(f"mkdir -p {DROP_INS} && rm -f {DROP_INS}/* && editor {PASSWORD}")
    booted.write(f"{DROP_INS}/impatient.conf", IMPATIENT)
    booted.done("systemctl daemon-reload && systemctl restart connector")
    return booted


def parts_of_the_document():
    """Its commands by the heading above them."""
    text = (documents.ROOT / DOCUMENT).read_text(encoding="utf-8")
    headings = {n: line[3:] for n, line in documents.prose(text) if line.startswith("## ")}
    parts: dict[str, list[documents.Command]] = {}
    for command in documents.commands(DOCUMENT, "systemd"):
        title = headings[max(line for line in headings if line < command.line)]
        parts.setdefault(title, []).append(command)
    return parts


def otherwise(booted, commands):
    return places.broken(DOCUMENT, commands, booted.run)


def next_run(booted):
    text = booted.json("daemon", "status")["nextRun"]
    return datetime.fromisoformat(text) if text else datetime.now(UTC)


def test_the_commands_of_the_document_do_what_it_says(found):
    assert [line for lines in found.values() for line in lines] == []
    assert "Install" in found


def test_the_unit_is_one_that_systemd_has_nothing_to_say_about(machine_):
    unit = "/etc/systemd/system/connector.service"
    done = machine_.run(f"systemd-analyze verify --man=no {unit}")
    rated = machine_.done(f"systemd-analyze security --offline=yes --no-pager {unit}")

    assert (done.code, done.printed) == (0, "")
    [exposure] = re.findall(r"exposure level .*: ([\d.]+)", rated)
    assert float(exposure) < 2.0


def test_the_service_is_ready_when_systemctl_says_so_and_tells_what_it_did(machine_):
    assert machine_.service("ActiveState") == "active"
    assert machine_.json("daemon", "status")["state"] in {"idle", "running"}
    eventually(lambda: machine_.service("StatusText").startswith("run "), "it has told of a run")


def test_it_reads_the_directory_over_tls_by_a_name_of_the_network(machine_):
    machine_.done("connector sync || [ $? -eq 1 ]")

    assert {"Team Red", "User B"} <= {each["displayName"] for each in machine_.json("objects")}


def test_a_daemon_that_was_killed_is_started_again_and_nothing_is_lost(machine_):
    before, process = machine_.json("objects"), machine_.service("MainPID")

    machine_.done(f"kill -9 {process}")

    eventually(lambda: machine_.service("MainPID") not in {process, "0"}, "it is started again")
    eventually(lambda: machine_.service("ActiveState") == "active", "it is ready again")
    assert machine_.json("objects") == before
    assert machine_.service("NRestarts") == "1"


def test_a_daemon_that_is_stuck_is_ended_and_the_journal_shows_where_it_was(machine_):
    process = machine_.service("MainPID")

    machine_.done(f"kill -STOP {process}")

    eventually(lambda: machine_.service("NRestarts") == "1", "the watchdog has ended it")
    eventually(lambda: machine_.service("ActiveState") == "active", "it is ready again")
    journal = machine_.done(f"journalctl --output cat _PID={process}")
    assert re.search(r"Fatal Python error: Aborted[\s\S]*daemon/\w+\.py", journal)


def test_a_daemon_that_is_idle_is_not_taken_for_stuck(machine_):
    machine_.done("sleep 5")

    assert machine_.service("NRestarts") == "0"


def test_a_reload_takes_what_was_changed(machine_):
    machine_.done(f"sed -i 's/^# delta = .*/delta = \"7d\"/' {SETTINGS}")
    machine_.done("systemctl reload connector")

    eventually(lambda: next_run(machine_) > datetime.now(UTC) + timedelta(6), "it waits a week")
    machine_.done(f"sed -i 's/^delta = .*/# delta = \"30m\"/' {SETTINGS}")


def test_a_reload_of_settings_that_cannot_be_used_fails_and_the_daemon_goes_on(machine_):
    process = machine_.service("MainPID")
    machine_.done(f"cp -p {SETTINGS} {SETTINGS}.good && echo '[directry]' >>{SETTINGS}")

    done = machine_.run("systemctl reload connector")

    machine_.done(f"mv {SETTINGS}.good {SETTINGS}")
    assert done.code == 1
    assert machine_.service("MainPID") == process
    journal = machine_.done("journalctl --unit connector --output cat --lines 5")
    assert "directry: unknown section; did you mean directory?" in journal


def test_settings_that_cannot_be_used_are_not_tried_again_and_again(machine_):
    machine_.done(f"cp -p {SETTINGS} {SETTINGS}.good && echo '[directry]' >>{SETTINGS}")

    done = machine_.run("systemctl restart connector; sleep 3")

    machine_.done(f"mv {SETTINGS}.good {SETTINGS}")
    assert machine_.service("Result") == "exit-code", done
    assert [machine_.service(name) for name in ("ExecMainStatus", "NRestarts")] == ["2", "0"]


def test_a_stop_ends_it_in_good_order(machine_):
    machine_.done("systemctl stop connector")

    assert [machine_.service(name) for name in ("Result", "ExecMainStatus")] == ["success", "0"]
    assert "daemon.stopped reason=SIGTERM" in machine_.done(f"tail -n 1 {LOG}")


def test_the_log_is_rotated_under_the_daemon(machine_):
    said = machine_.run("logrotate --debug /etc/logrotate.d/connector").printed
    before = machine_.done(f"cat {LOG}")

    machine_.done("logrotate --force /etc/logrotate.d/connector")
    machine_.done("connector sync || [ $? -eq 1 ]")

    rotated = machine_.done(f"cat {LOG}.1")
    machine_.done(f"rm {LOG}.*")
    assert "error" not in said
    assert rotated.startswith(before)
    assert "cycle.finished" in machine_.done(f"cat {LOG}")
    assert machine_.done(f"stat -c %U:%a {LOG}") == "connector:600\n"


def test_nothing_comes_to_belong_to_root(machine_):
    machine_.done(f"systemctl stop connector && rm -r {STORAGE}/* {LOG}")

    machine_.done("connector status && systemctl start connector && connector daemon status")

    assert machine_.done(f"find {STORAGE} /var/log/connector ! -user connector") == ""


def test_the_user_of_the_service_may_run_commands_wherever_it_stands_and_others_may_not(machine_):
    ours = machine_.run("connector status --json", user="connector")
    others = machine_.run("connector status", user="nobody")

    assert json.loads(ours.printed)["state"] in {"idle", "running"}
    assert others.code == 2
    assert f"{SETTINGS}: Permission denied" in others.printed


def test_a_password_that_only_root_can_read_is_handed_over(machine_):
    machine_.done(f"chown root:root {PASSWORD} && chmod 600 {PASSWORD}")
    machine_.done("systemctl restart connector")

    done = machine_.run("connector sync")

    machine_.done(f"chown root:connector {PASSWORD} && chmod 640 {PASSWORD}")
    assert done.code in {0, 1}, done


def test_without_the_file_of_a_password_it_does_not_start(machine_):
    machine_.done("mv /etc/connector/mail-password /srv")

    done = machine_.run("systemctl restart connector")

    machine_.done("mv /srv/mail-password /etc/connector")
    assert done.code == 1


def test_another_installation_changes_nothing(machine_):
    said = machine_.done("connector init --systemd").splitlines()

    assert [line.split()[0] for line in said[:9]] == [*["Kept"] * 4, *["Unchanged:"] * 5]


def test_what_the_document_removes_is_gone(machine_):
    found = otherwise(machine_, parts_of_the_document()["Remove"])
    left = machine_.run(
        "find / -xdev -name '*connector*' -not -path '/srv/*' -not -path '/var/backups/*'"
    )

    again = otherwise(machine_, parts_of_the_document()["Install"])
    assert (found, again) == ([], [])
    assert left.printed == ""
