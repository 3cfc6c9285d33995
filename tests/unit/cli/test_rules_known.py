"""``connector rules list`` and ``show`` know the default rules by their documented names."""

from __future__ import annotations

import tomllib

import pytest

from tests.unit.cli.conftest import SETTINGS

EXCHANGE = "In from AD - User Exchange"
OWN = """
[sync]
disabled_rules = ["In from AD - User Exchange"]

[[rules]]
name = "Mine"
from = "user"
precedence = 50
flows = [
  { to = "companyName", from = "company" },
]
"""
SCOPE = (
    "isCriticalSystemObject NOTEQUAL TRUE AND adminDescription NOTSTARTSWITH User_ "
    "AND adminDescription NOTSTARTSWITH Group_"
)


def test_rules_are_listed_in_the_order_in_which_they_are_asked(connector):
    listed = connector("rules", "list", "--json").json

    assert [rule["precedence"] for rule in listed] == sorted(rule["precedence"] for rule in listed)
    assert [{**rule, "flows": len(rule["flows"])} for rule in listed][4] == {
        "name": EXCHANGE,
        "precedence": 108,
        "from": "user",
        "default": True,
        "disabled": False,
        "scope": [SCOPE],
        "flows": 16,
    }


def test_the_table_says_which_rules_are_default_rules(connector):
    lines = connector("rules", "list").out.splitlines()

    assert lines[0].split() == ["Precedence", "From", "Name", "Flows", "State"]
    assert lines[-1] == (
        "116         contact  In from AD - Contact Common             20     default"
    )


def test_rules_of_ones_own_stand_among_the_default_rules(connector):
    connector.file.write_text(SETTINGS + OWN)

    listed = connector("rules", "list", "--json").json

    assert [(rule["name"], rule["default"]) for rule in listed][:2] == [
        ("Mine", False),
        ("In from AD - User Join", True),
    ]
    assert [rule["name"] for rule in listed if rule["disabled"]] == [EXCHANGE]
    assert connector("rules", "show", "mine", "--toml").out == OWN.partition("\n\n")[2]


def test_a_rule_is_shown_by_its_name_in_any_case(connector):
    done = connector("rules", "show", EXCHANGE.lower())

    assert done.code == 0
    assert "mailNickname          Trim([mailNickname])\n" in done.out


def test_the_flows_of_a_rule_have_notes(connector):
    flows = connector("rules", "show", "In from AD - User AccountEnabled", "--json").json["flows"]

    assert {flow["to"]: flow["note"] is None for flow in flows} == {
        "userPrincipalName": False,
        "accountEnabled": True,
    }


def test_a_rule_is_shown_as_toml(connector):
    done = connector("rules", "show", EXCHANGE, "--toml")

    [rule] = tomllib.loads(done.out)["rules"]
    assert (rule["name"], rule["precedence"], rule["flows"][0]) == (
        EXCHANGE,
        108,
        {"to": "mailNickname", "value": "Trim([mailNickname])"},
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [("User Commons", " Did you mean In from AD - User Common?"), ("%$#", "")],
)
def test_the_nearest_name_is_told(connector, name, hint):
    done = connector("rules", "show", name)

    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"connector: No rule has the name {name}.{hint} `connector rules list` shows all.\n"
    )


def test_a_backup_has_the_rules_as_they_can_be_put_back(connector, tmp_path):
    connector.file.write_text(SETTINGS + OWN)
    connector("status")
    connector("tenant", "sweep")

    done = connector("backup", str(tmp_path / "copy"))

    assert done.code == 0
    assert (tmp_path / "copy" / "rules.toml").read_text() == OWN.partition("\n\n")[2]
