"""Rules are compared by name, and each difference is told."""

from __future__ import annotations

import pytest

from connector.model import ObjectType
from connector.rules.comparison import compared, side_of, side_of_export
from connector.rules.importing.document import Mapping, SyncRule
from connector.rules.rule import Flow, Rule

RULE = Rule("Ours", ObjectType.USER, 50, (Flow("givenName", value="PCase([givenName])"),))
EXPORTED = SyncRule(
    "Ours", "", "", "Inbound", False, "{1}", "inetOrgPerson", 50,
    (Mapping("givenName", ("givenName",), expression="PCase([givenName])"),), 0, (), False,
)  # fmt: skip
USUAL = {"from": None, "value": None, "constant": None, "once": False, "merge": "Update"}


def exported(*rules):
    return side_of_export(rules, ())


def test_equal_rules_have_no_differences():
    assert compared(side_of([RULE], ()), exported(EXPORTED)) == {
        "here": [],
        "there": [],
        "changed": [],
    }


def test_a_rule_of_one_side_is_named():
    found = compared(side_of([RULE], ()), exported(EXPORTED._replace(name="Theirs")))

    assert found == {"here": ["Ours"], "there": ["Theirs"], "changed": []}


@pytest.mark.parametrize(
    ("change", "what", "here", "there"),
    [
        ({"precedence": 60}, "precedence", 50, 60),
        ({"disabled": True}, "disabled", False, True),
        ({"source_type": "group"}, "from", "user", "group"),
        ({"description": "x"}, "description", "", "x"),
        (
            {"mappings": (*EXPORTED.mappings, Mapping("title", constant="Boss", once=True))},
            "flow title",
            None,
            {**USUAL, "constant": "Boss", "once": True},
        ),
        ({"mappings": ()}, "flow givenName", {**USUAL, "value": "PCase([givenName])"}, None),
    ],
)
def test_each_difference_is_told(change, what, here, there):
    found = compared(side_of([RULE], ()), exported(EXPORTED._replace(**change)))

    assert found["changed"] == [
        {"name": "Ours", "differences": [{"what": what, "here": here, "there": there}]}
    ]


def test_of_a_default_rule_it_counts_whether_it_is_disabled():
    join = EXPORTED._replace(name="In from AD - User Join", tag="M", precedence=100)
    theirs = exported(
        join, EXPORTED._replace(name="Out to AD - User Join", tag="M", direction="Outbound")
    )

    assert compared(side_of([], ()), theirs) == {"here": [], "there": [], "changed": []}
    assert compared(side_of([], [join.name]), theirs)["changed"] == [
        {
            "name": join.name,
            "differences": [{"what": "disabled", "here": True, "there": False}],
        }
    ]
    assert compared(side_of([], None), theirs)["changed"] == []


def test_two_exports_are_compared_with_all_that_they_have():
    outbound = EXPORTED._replace(name="Out to AAD - User Join", tag="M", direction="Outbound")

    found = compared(exported(outbound), exported(outbound._replace(precedence=51), EXPORTED))

    assert found["there"] == ["Ours"]
    assert [each["name"] for each in found["changed"]] == [outbound.name]
