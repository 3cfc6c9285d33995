"""Which known issue an error is follows from the object, the holder and the value."""

from __future__ import annotations

import pytest

from connector.report.known_issue import known_issue

ALL = (
    "upn-and-proxy-held-by-group",
    "group-pair-fails-first",
    "restore-not-quarantined",
    "computed-upn-not-released",
)
JOE = "joe@contoso.com"


def row(kind, object_type, holder_type, property_="ProxyAddresses", value=f"smtp:{JOE}"):
    holder = holder_type and {"objectType": holder_type}
    return {
        "kind": kind,
        "error": "AttributeValueMustBeUnique" if kind == "export" else "Quarantined",
        "propertyCausingError": property_,
        "value": value,
        "object": {"objectType": object_type, "userPrincipalName": JOE},
        "conflictsWith": holder,
    }


@pytest.mark.parametrize(
    ("error", "asked", "deleted", "name"),
    [
        (row("export", "user", "group"), JOE, False, ALL[0]),
        (row("export", "user", "group", value="smtp:other@contoso.com"), JOE, False, None),
        (row("export", "user", "contact"), JOE, False, None),
        (row("export", "group", "group"), "", False, ALL[1]),
        (row("export", "group", "user"), "", False, None),
        (row("export", "user", "user"), JOE, True, ALL[2]),
        (row("export", "user", None), JOE, True, None),
        (
            row("quarantine", "user", None, "UserPrincipalName", JOE),
            "joe@corp.local",
            False,
            ALL[3],
        ),
        (row("quarantine", "user", None, "UserPrincipalName", JOE), "JOE@contoso.com", False, None),
        (
            row("quarantine", "user", "user", "UserPrincipalName", JOE),
            "joe@corp.local",
            False,
            None,
        ),
        (row("quarantine", "user", None), JOE, False, None),
    ],
)
def test_an_error_is_a_known_issue_or_none(error, asked, deleted, name):
    found = known_issue(error, ALL, asked=asked, deleted=deleted)

    assert (found and found["name"]) == name
    assert known_issue(error, (), asked=asked, deleted=deleted) is None


def test_the_switch_leaves_the_others_on():
    found = known_issue(row("export", "group", "group"), ALL[:2], asked="", deleted=False)

    assert found is not None
    assert found["switch"] == 'tenant.known_issues = ["upn-and-proxy-held-by-group"]'
