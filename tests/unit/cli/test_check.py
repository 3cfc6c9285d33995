"""``connector check`` looks at settings, storage and directory, and goes on after a failure."""

from __future__ import annotations

import pytest

from connector.directory.check_result import CheckResult


@pytest.fixture
def diagnosing(connector, monkeypatch):
    """A command whose directory gives these results."""

    def diagnose(*findings: CheckResult):
        monkeypatch.setattr("connector.directory.diagnose.diagnose", lambda _, __: list(findings))
        return connector

    return diagnose


def test_all_is_well(diagnosing):
    connector = diagnosing(CheckResult("connect", ok=True, detail="ldap://localhost", advice=""))

    done = connector("check")

    assert done.code == 0
    assert done.out.splitlines() == [
        f"ok      settings: {connector.file}",
        f"ok      storage: {connector.storage}",
        "ok      connect: ldap://localhost",
    ]


def test_a_failure_of_the_directory_comes_with_advice_and_exit_code_4(diagnosing):
    done = diagnosing(CheckResult("bind", ok=False, detail="refused", advice="Check bind_dn."))(
        "check"
    )

    assert done.code == 4
    assert done.out.splitlines()[2:] == ["FAILED  bind: refused", "        Check bind_dn."]


def test_a_storage_that_cannot_be_used_does_not_end_the_check(diagnosing):
    connector = diagnosing(CheckResult("connect", ok=True, detail="fine", advice=""))
    connector.storage.write_text("in the way")

    done = connector("check", "--json")

    assert done.code == 2
    assert [(found["name"], found["ok"]) for found in done.json] == [
        ("settings", True),
        ("storage", False),
        ("connect", True),
    ]


def test_a_password_that_cannot_be_read_is_told(diagnosing):
    connector = diagnosing()
    connector.file.write_text(
        connector.file.read_text().replace("[tenant]", 'bind_dn = "cn=a"\n[tenant]')
    )

    done = connector("check")

    assert done.code == 2
    assert "FAILED  directory password: directory.password_file: required" in done.out
