"""Whole screens, as people see them on terminals of 80 and of 200 columns."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.model import ObjectType, SyncObject, SyncOperation
from connector.settings import load
from connector.settings.models import TENANT_FILE
from connector.tenant.service import open_tenant

NOON = datetime(2017, 9, 7, 12, 32, 1, 250, tzinfo=UTC)
NARROW, WIDE = 80, 200
HEAD = (
    "Kind        Object  Property           Value            Held by       Since                 "
    "Attempts  Key"
)
ADVICE = (
    "Change or remove the value on one of the two objects in the directory and sync; the next hourly "
    "sweep (or `connector tenant sweep`) gives it to the object that waits."
)


def row(number):
    """The line of one of those that wait."""
    return (
        f"quarantine  {f'Joe {number}':6}  UserPrincipalName  joe@contoso.com  Joe 0 (user)  "
        f"2017-09-07T12:32:01Z  1         joe{number:03d}=="
    )


@pytest.fixture
def waiting(connector):
    """A storage with a user that others want to be; the function says how many."""

    def wait(number):
        text = connector.file.read_text()
        domains = 'verified_domains = ["contoso.com"]\nrandom_seed = 1\n'
        connector.file.write_text(text.replace("[storage]", f"{domains}[storage]"))
        settings = load(connector.file, {}).tenant
        connector("status")
        tenant = open_tenant(connector.storage / TENANT_FILE, settings, clock=lambda: NOON)
        for position in range(number + 1):
            name = f"Joe {position}"
            shown = {
                "displayName": name,
                "accountEnabled": True,
                "userPrincipalName": "joe@contoso.com",
                "onPremisesDistinguishedName": f"uid=joe{position},ou=users,dc=contoso,dc=com",
            }
            joe = SyncObject(ObjectType.USER, SyncOperation.SET, f"joe{position:03d}==", shown)
            tenant.export(str(position), [joe])
        tenant.close()
        return connector

    return wait


def test_errors_on_a_narrow_screen_are_blocks(waiting):
    assert waiting(2).on_a_screen(NARROW, "errors").splitlines() == [
        "Kind      quarantine",
        "Object    Joe 1",
        "Property  UserPrincipalName",
        "Value     joe@contoso.com",
        "Held by   Joe 0 (user)",
        "Since     2017-09-07T12:32:01Z",
        "Attempts  1",
        "Key       joe001==",
        "",
        "Kind      quarantine",
        "Object    Joe 2",
        "Property  UserPrincipalName",
        "Value     joe@contoso.com",
        "Held by   Joe 0 (user)",
        "Since     2017-09-07T12:32:01Z",
        "Attempts  1",
        "Key       joe002==",
        "",
        "Change or remove the value on one of the two objects in the directory and sync;",
        "  the next hourly sweep (or `connector tenant sweep`) gives it to the object",
        "  that waits.",
    ]


def test_errors_on_a_wide_screen_are_a_table(waiting):
    assert waiting(2).on_a_screen(WIDE, "errors").splitlines() == [
        HEAD,
        row(1),
        row(2),
        ADVICE,
    ]


def test_of_three_hundred_that_want_one_value_ten_are_listed(waiting):
    lines = waiting(300).on_a_screen(WIDE, "errors").splitlines()

    assert lines == [
        HEAD,
        *map(row, range(1, 11)),
        "and 290 more objects with joe@contoso.com: connector errors --value joe@contoso.com",
        ADVICE,
    ]


def test_all_are_listed_in_a_pipe_and_when_asked_for(waiting):
    connector = waiting(12)
    asked = ["errors", "--value", "joe@contoso.com"]

    listed = [
        connector("errors").out,
        connector.on_a_screen(WIDE, *asked),
        connector.on_a_screen(WIDE, "errors", "--max", "12"),
    ]

    assert [text.count("quarantine  ") for text in listed] == [12, 12, 12]


def run(number):
    """The answer to a sync that quarantined so many values."""
    counts = {"updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0}
    steps = [
        {"name": name, "result": "success", "adds": 303, "seconds": 0.25, **counts}
        for name in ("directory-import", "cloud-import", "synchronization", "export")
    ]
    steps[1]["adds"] = 0
    steps[3] |= {
        "result": "completed-export-errors",
        "unchanged": 2,
        "errors": 1,
        "quarantined": number,
    }
    quarantined = [
        {
            "kind": "quarantine",
            "name": f"Joe {position}",
            "attribute": "UserPrincipalName",
            "value": "joe@contoso.com",
            "held_by": "Johanna Mustermann of Accounts",
        }
        for position in range(1, number + 1)
    ]
    return {
        "run": 1,
        "policy": "initial",
        "started": "2026-01-05T08:00:00.000000Z",
        "result": "completed-export-errors",
        "seconds": 1.5,
        "steps": steps,
        "errors": quarantined,
        "notes": ["Left out: 2 entries are not synced: connector objects --excluded"],
        "next": [f"{number} values quarantined: connector errors"],
    }


@pytest.fixture
def synced(connector, monkeypatch):
    """A command whose sync quarantined so many values."""

    def answer(number):
        monkeypatch.setattr("connector.cli.opening.carry_out", lambda *_, **__: run(number))
        return connector

    return answer


def test_a_sync_on_a_narrow_screen(synced):
    assert synced(2).on_a_screen(NARROW, "sync").splitlines() == [
        "Run 1 (initial): completed-export-errors in 1.50 s",
        "directory-import  success in 0.25 s: 303 adds",
        "cloud-import      success in 0.25 s",
        "synchronization   success in 0.25 s: 303 adds",
        "export            completed-export-errors in 0.25 s: 303 adds, 2 unchanged, 1",
        "                  error, 2 quarantined",
        "Quarantined: UserPrincipalName joe@contoso.com of Joe 1, held by Johanna",
        "  Mustermann of Accounts",
        "Quarantined: UserPrincipalName joe@contoso.com of Joe 2, held by Johanna",
        "  Mustermann of Accounts",
        "Left out: 2 entries are not synced: connector objects --excluded",
        "Next: 2 values quarantined: connector errors",
    ]


def test_a_sync_on_a_wide_screen(synced):
    assert synced(2).on_a_screen(WIDE, "sync").splitlines() == [
        "Run 1 (initial): completed-export-errors in 1.50 s",
        "Step              Result                   Adds  Unchanged  Errors  Quarantined  Seconds",
        "directory-import  success                  303   0          0       0            0.25",
        "cloud-import      success                  0     0          0       0            0.25",
        "synchronization   success                  303   0          0       0            0.25",
        "export            completed-export-errors  303   2          1       2            0.25",
        "Quarantined: UserPrincipalName joe@contoso.com of Joe 1, held by Johanna Mustermann of Accounts",
        "Quarantined: UserPrincipalName joe@contoso.com of Joe 2, held by Johanna Mustermann of Accounts",
        "Left out: 2 entries are not synced: connector objects --excluded",
        "Next: 2 values quarantined: connector errors",
    ]


@pytest.mark.parametrize(("number", "rest"), [(10, []), (11, [1]), (300, [290])])
def test_a_sync_names_ten_errors_and_counts_the_rest(synced, number, rest):
    lines = synced(number)("sync").out.splitlines()

    named = [line for line in lines if line.startswith("Quarantined: ")]
    counted = [line for line in lines if line.startswith("and ")]
    assert len(named) == 10
    assert counted == [
        f"and {more} more error{'s' if more > 1 else ''}: connector errors" for more in rest
    ]
