"""``connector check`` looks at settings, storage and directory, and goes on after a failure."""

from __future__ import annotations

import re
import socket
import sqlite3
from contextlib import closing

import pytest

from connector.directory.check_result import CheckResult
from connector.settings import load
from connector.settings.models import TENANT_FILE
from connector.tenant.service import open_tenant
from tests.fakes import MemoryDirectory


@pytest.fixture
def directory() -> MemoryDirectory:
    return MemoryDirectory()


@pytest.fixture
def diagnosing(connector, directory, monkeypatch):
    """A command whose directory gives these results."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    connector.file.write_text(f'{connector.file.read_text()}[web]\nlisten = "{listen}"\n')
    monkeypatch.setattr("connector.directory.open_directory", lambda _, **__: directory)

    def diagnose(*findings: CheckResult):
        monkeypatch.setattr("connector.directory.diagnose.diagnose", lambda _, __: list(findings))
        return connector

    return diagnose


WELL = CheckResult("connect", ok=True, detail="ldap://localhost")


def lines(done, name: str) -> list[str]:
    """The lines of a check about one thing, with the advice under each."""
    found: list[str] = []
    for line in done.out.splitlines():
        if line.startswith("        ") and found:
            found.append(line.strip())
        elif line[8:].startswith(f"{name}:"):
            found.append(line)
        elif found:
            break
    return found


def test_all_is_well(diagnosing, directory):
    directory.user("ann", "ann@contoso.onmicrosoft.com")
    connector = diagnosing(WELL)

    done = connector("check")

    assert done.code == 0
    assert done.out.splitlines() == [
        f"ok      settings: {connector.file}",
        f"ok      storage: {connector.storage}",
        f"ok      log: {connector.log}",
        "ok      connect: ldap://localhost",
        "ok      objects: 1 user, 0 groups, 0 contacts to sync",
        "ok      domain: contoso.onmicrosoft.com: 1 user, verified",
    ]


def test_a_check_leaves_nothing_behind(diagnosing):
    connector = diagnosing(WELL)
    before = sorted(connector.file.parent.rglob("*"))

    connector("check")

    assert sorted(connector.file.parent.rglob("*")) == before


def test_a_check_changes_no_database(diagnosing, connector):
    connector("status")
    open_tenant(connector.storage / TENANT_FILE, load(connector.file, {}).tenant).close()
    before = {path: path.read_bytes() for path in connector.storage.glob("*.db")}

    diagnosing(WELL)("check")

    assert {path: path.read_bytes() for path in connector.storage.glob("*.db")} == before


def test_entries_that_a_sync_would_leave_out_are_counted(diagnosing, directory):
    for number in range(3):
        directory.add(f"cn=app{number},dc=contoso,dc=com", ["top", "applicationProcess"])
    directory.add("cn=door,dc=contoso,dc=com", ["device", "ipHost"])
    directory.add("cn=odd,dc=contoso,dc=com", ["inetOrgPerson"], cn="odd")
    directory.user("ann", "ann@contoso.onmicrosoft.com")

    done = diagnosing(WELL)("check")

    assert lines(done, "left out") == [
        "ok      left out: 1 by the rule no-account-name (1 user)",
        "ok      left out: 4 not a user, group or contact (3 applicationProcess, 1 device+ipHost)",
    ]


def test_a_directory_without_any_object_is_a_warning(diagnosing, directory):
    directory.add("cn=app,dc=contoso,dc=com", ["applicationProcess"])

    done = diagnosing(WELL)("check")

    assert done.code == 0
    assert lines(done, "objects") == [
        (
            "ok      objects: warning: no object is synced: 1 entry of the directory left out; "
            "see connector objects --excluded"
        )
    ]


def test_a_domain_that_is_not_verified_comes_with_the_line_that_verifies_it(diagnosing, directory):
    directory.user("ann")
    directory.user("bob")
    directory.user("cid", "cid@fabrikam.com")
    connector = diagnosing(WELL)
    connector.file.write_text(
        connector.file.read_text().replace(
            "[storage]", 'verified_domains = ["fabrikam.com"]\n[storage]'
        )
    )

    done = connector("check")

    assert done.code == 0
    assert lines(done, "domain") == [
        (
            "ok      domain: warning: contoso.com: 2 users, not verified: the UPN of each will be in "
            "contoso.onmicrosoft.com"
        ),
        'connector tenant domains add contoso.com, or verified_domains = ["contoso.com"] in [tenant]',
        "ok      domain: fabrikam.com: 1 user, verified",
    ]


def test_a_domain_that_the_tenant_verified_itself_counts(diagnosing, directory):
    directory.user("ann")
    connector = diagnosing(WELL)
    connector("tenant", "domains", "add", "contoso.com")

    assert lines(connector("check"), "domain") == ["ok      domain: contoso.com: 1 user, verified"]


def test_a_pilot_group_is_looked_up_among_the_entries(diagnosing, directory):
    ann = directory.user("ann", "ann@contoso.onmicrosoft.com")
    directory.user("bob")
    pilot = directory.group("pilot", [ann])
    connector = diagnosing(WELL)
    connector.file.write_text(
        connector.file.read_text().replace("[tenant]", f'pilot_group = "{pilot}"\n[tenant]')
    )

    done = connector("check")

    assert lines(done, "objects") == ["ok      objects: 1 user, 0 groups, 0 contacts to sync"]
    assert lines(done, "left out") == [
        "ok      left out: 2 not in the pilot group (1 group, 1 user)"
    ]


def test_an_address_that_is_taken_is_a_warning(diagnosing):
    connector = diagnosing(WELL)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        connector.file.write_text(
            re.sub(r"127\.0\.0\.1:[0-9]+", address, connector.file.read_text())
        )

        done = connector("check")

    assert done.code == 0
    assert lines(done, "web")[0].startswith(
        f"ok      web: warning: {address}: Address already in use"
    )


def test_a_log_that_is_full_fails(diagnosing):
    connector = diagnosing(WELL)
    connector.file.write_text(connector.file.read_text().replace('"connector.log"', '"/dev/full"'))

    done = connector("check")

    assert done.code == 2
    assert lines(done, "log") == ["FAILED  log: log.file: /dev/full: No space left on device"]


def test_a_password_of_the_mail_server_that_cannot_be_read_fails(diagnosing, tmp_path):
    connector = diagnosing(WELL)
    (tmp_path / "secret").mkdir()
    mail = '[mail]\nhost = "localhost"\nuser = "a"\nto = ["a@b.c"]\npassword_file = "secret"\n'
    connector.file.write_text(connector.file.read_text() + mail)

    done = connector("check")

    assert done.code == 2
    assert lines(done, "mail password") == [
        f"FAILED  mail password: mail.password_file: {tmp_path}/secret: Is a directory"
    ]


def test_a_folder_of_mails_that_is_not_one_fails(diagnosing):
    connector = diagnosing(WELL)
    connector.storage.mkdir()
    (connector.storage / "mail").write_text("in the way")

    done = connector("check")

    assert done.code == 2
    assert lines(done, "mail")[0].startswith(f"FAILED  mail: {connector.storage}/mail: ")


def test_a_database_that_is_locked_fails(diagnosing, connector):
    connector("tenant", "sweep")
    with closing(sqlite3.connect(connector.storage / TENANT_FILE)) as other:
        other.execute("BEGIN EXCLUSIVE")

        done = diagnosing(WELL)("check")

    assert done.code == 2
    assert "database is locked" in lines(done, "storage")[0]


def test_a_failure_of_the_directory_comes_with_advice_and_exit_code_4(diagnosing):
    done = diagnosing(CheckResult("bind", ok=False, detail="refused", advice="Check bind_dn."))(
        "check"
    )

    assert done.code == 4
    assert done.out.splitlines()[3:] == ["FAILED  bind: refused", "        Check bind_dn."]


def test_a_storage_that_cannot_be_used_does_not_end_the_check(diagnosing):
    connector = diagnosing(CheckResult("connect", ok=True, detail="fine", advice=""))
    connector.storage.write_text("in the way")

    done = connector("check", "--json")

    assert done.code == 2
    assert [(found["name"], found["ok"]) for found in done.json] == [
        ("settings", True),
        ("storage", False),
        ("log", True),
        ("connect", True),
        ("objects", True),
    ]


def test_a_password_that_cannot_be_read_is_told(diagnosing):
    connector = diagnosing()
    connector.file.write_text(
        connector.file.read_text().replace("[tenant]", 'bind_dn = "cn=a"\n[tenant]')
    )

    done = connector("check")

    assert done.code == 2
    assert "FAILED  directory password: directory.password_file: required" in done.out


def test_files_of_the_web_that_cannot_be_used_fail_and_what_they_hold_is_not_shown(diagnosing):
    connector = diagnosing(WELL)
    folder = connector.file.parent
    (folder / "tokens.json").write_text('[{"name": "backup", "role": "reader", "token": "short"}]')
    (folder / "password").write_text("")
    connector.file.write_text(
        f'{connector.file.read_text()}tokens_file = "{folder}/tokens.json"\n'
        f'admin_password_file = "{folder}/password"\n'
    )

    done = connector("check")

    assert done.code == 2
    assert lines(done, "web tokens") == [
        f"FAILED  web tokens: web.tokens_file: {folder}/tokens.json: item 1: token: must have at least 20 characters"
    ]
    [password] = lines(done, "web password")
    assert password.startswith("FAILED  web password: web.admin_password_file:")
