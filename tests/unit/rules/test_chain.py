"""The contributions of rules meet in a chain, and one of them wins."""

from __future__ import annotations

import pytest

from connector.model import ObjectType, StagedEntry
from connector.rules.compilation import compile_rules
from connector.rules.flow import Flowed, flow
from connector.rules.rule import Flow, Merge, Rule
from connector.rules.sync_error import FlowError

USER = ObjectType.USER
ADDRESSES = ["SMTP:ann@contoso.com", "smtp:a@contoso.com"]


def entry(**attributes):
    lists = {
        name.lower(): [value] if isinstance(value, str) else value
        for name, value in attributes.items()
    }
    return StagedEntry("anchor", USER, "cn=ann", "cn=ann", "", {"samaccountname": ["ann"], **lists})


def rule(*flows, precedence=50, **fields):
    return Rule(fields.pop("name", f"Rule {precedence}"), USER, precedence, flows, **fields)


def says(to, value, **fields):
    return Flow(to, value=value, **fields)


def chain(*rules, disabled=()):
    compiled = compile_rules(rules, disabled=disabled, base_dn="dc=contoso,dc=com")
    assert not compiled.mistakes
    return compiled.chain


def flowed(*rules, told=None, disabled=(), **attributes):
    found = flow(
        entry(**attributes), "contoso.com", (), chain(*rules, disabled=disabled), lambda: told
    )
    assert isinstance(found, Flowed), found
    return found.object.properties


def failure(*rules, **attributes):
    found = flow(entry(**attributes), "contoso.com", (), chain(*rules))
    assert isinstance(found, FlowError), found
    return found


# --- who wins -----------------------------------------------------------------------------------


def test_the_rule_with_the_lowest_precedence_wins_in_whatever_order_the_rules_come():
    first = rule(says("companyName", '"first"'), precedence=40)
    second = rule(says("companyName", '"second"'), precedence=50)

    found = [flowed(*rules)["companyName"] for rules in ((first, second), (second, first))]

    assert found == ["first", "first"]


def test_a_rule_behind_the_default_rules_is_asked_where_these_have_nothing():
    last = rule(says("department", '"last"'), precedence=201)

    found = [flowed(last, **given).get("department") for given in ({}, {"department": "IT"})]

    assert found == ["last", "IT"]


def test_null_asks_the_rules_behind_it():
    mine = rule(says("department", 'IIF([title]="boss","Board",NULL)'))

    found = [flowed(mine, title=title, department="IT")["department"] for title in ("boss", "x")]

    assert found == ["Board", "IT"]


def test_an_empty_text_is_no_value():
    assert flowed(rule(says("department", '""')), department="IT")["department"] == "IT"


def test_authoritative_null_ends_the_chain_with_nothing():
    mine = rule(says("department", "AuthoritativeNull"))
    behind = rule(says("department", '"behind"'), precedence=60)

    assert "department" not in flowed(mine, behind, department="IT", told={"department": "IT"})


def test_ignore_this_flow_leaves_what_the_cloud_has():
    mine = rule(
        says("companyName", "IgnoreThisFlow"), says("extensionAttribute3", "IgnoreThisFlow")
    )
    told = {"companyName": "Old", "onPremisesExtensionAttributes": {"extensionAttribute3": "three"}}

    found = flowed(mine, told=told, extensionAttribute1="one")

    assert found["companyName"] == "Old"
    assert found["onPremisesExtensionAttributes"] == {
        "extensionAttribute1": "one",
        "extensionAttribute3": "three",
    }


def test_ignore_this_flow_asks_the_rules_behind_it():
    mine = rule(says("companyName", "IgnoreThisFlow"))

    assert flowed(mine, told={"companyName": "Old"}, company="New")["companyName"] == "New"


def test_a_new_object_gets_nothing_of_a_flow_that_is_ignored():
    assert "companyName" not in flowed(rule(says("companyName", "IgnoreThisFlow")))


def test_the_scope_of_a_rule_decides_for_whom_it_holds():
    mine = rule(says("companyName", '"Contoso"'), scope=("department EQUAL IT", "title EQUAL boss"))
    given = [{"department": "it"}, {"title": "Boss"}, {"department": "HR"}]

    found = [flowed(mine, **attributes).get("companyName") for attributes in given]

    assert found == ["Contoso", "Contoso", None]


def test_the_scope_of_a_rule_may_ask_where_the_entry_stands():
    here, there = (
        rule(says(to, '"Contoso"'), precedence=number, scope=(text,))
        for number, to, text in (
            (50, "companyName", "dn STARTSWITH cn=Ann"),
            (51, "department", "distinguishedName CONTAINS ou=guests"),
        )
    )

    found = flowed(here, there)

    assert (found.get("companyName"), found.get("department")) == ("Contoso", None)


def test_a_disabled_rule_contributes_nothing():
    assert "companyName" not in flowed(rule(says("companyName", '"x"'), disabled=True))


def test_a_disabled_default_rule_contributes_nothing():
    found = flowed(
        disabled=["In from AD - User Exchange"],
        extensionAttribute1="one",
        mailNickname="ann",
        department="IT",
    )

    assert found.keys().isdisjoint({"onPremisesExtensionAttributes", "mailNickname"})
    assert found["department"] == "IT"


def test_a_user_whose_upn_a_rule_makes_needs_no_other():
    mine = rule(says("userPrincipalName", "[mail]"))
    made = flowed(mine, disabled=["In from AD - User AccountEnabled"], mail="a@contoso.com")

    assert made["userPrincipalName"] == "a@contoso.com"


# --- once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "expected"),
    [(None, "DE"), ({}, None), ({"usageLocation": "FR"}, "FR")],
    ids=["new", "there before the rule", "there with a value"],
)
def test_a_flow_with_once_gives_its_value_to_new_objects_alone(told, expected):
    mine = rule(Flow("usageLocation", constant="DE", once=True))

    assert flowed(mine, told=told).get("usageLocation") == expected


# --- values -------------------------------------------------------------------------------------


def test_a_direct_flow_takes_the_value_that_counts_as_it_stands():
    mine = rule(Flow("companyName", source="O"))

    assert flowed(mine, o=[" ", "Fabrikam ", "Litware"])["companyName"] == "Fabrikam "


def test_a_value_is_made_what_the_target_holds():
    mine = rule(
        says("accountEnabled", '"FALSE"'),
        says("employeeId", "40+2"),
        Flow("businessPhones", constant="1"),
        Flow("otherMails", source="otherMailbox"),
    )

    found = flowed(mine, otherMailbox=["b@contoso.com", "a@contoso.com"])

    assert {name: found[name] for name in ("accountEnabled", "employeeId", "businessPhones")} == {
        "accountEnabled": False,
        "employeeId": "42",
        "businessPhones": ["1"],
    }
    assert found["otherMails"] == ["a@contoso.com", "b@contoso.com"]


@pytest.mark.parametrize(
    ("to", "value"),
    [
        ("accountEnabled", '"perhaps"'),
        ("companyName", "[proxyAddresses]"),
        ("extension_badge", 'PadLeft("x",251,"x")'),
        ("companyName", "CDate([proxyAddresses])"),
    ],
)
def test_a_value_that_the_target_cannot_hold_is_a_sync_error(to, value):
    found = failure(rule(says(to, value), name="Mine"), proxyAddresses=ADDRESSES)

    assert found.error == "sync-rule-flow-failed"
    assert "Mine" in found.message
    assert to in found.message


def test_the_function_error_is_a_sync_error_with_its_text():
    found = failure(rule(says("department", 'IIF([title]="x",Error("no x"),NULL)')), title="x")

    assert (found.error, found.attribute) == ("sync-rule-error-function-triggered", "title")
    assert found.message.startswith("no x ")


def test_an_expression_sees_octets_and_the_name_of_an_entry():
    mine = rule(says("companyName", '[dn] & " " & ConvertToBase64([objectSid])'))

    assert flowed(mine, objectSid="AAEC")["companyName"].startswith("cn=ann ")


# --- several rules together -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("merge", "expected"),
    [
        (Merge.UPDATE, ["smtp:A@contoso.com", "smtp:x@contoso.com"]),
        (Merge.MERGE, sorted([*ADDRESSES, "smtp:A@contoso.com", "smtp:x@contoso.com"])),
        (
            Merge.MERGE_CASE_INSENSITIVE,
            ["SMTP:ann@contoso.com", "smtp:A@contoso.com", "smtp:x@contoso.com"],
        ),
    ],
)
def test_addresses_are_put_together_as_the_merge_type_says(merge, expected):
    mine = rule(Flow("proxyAddresses", source="otherMailbox", merge=merge))
    others = ["smtp:A@contoso.com", "smtp:x@contoso.com"]

    found = flowed(mine, otherMailbox=others, proxyAddresses=ADDRESSES)

    assert found["proxyAddresses"] == expected


def test_authoritative_null_ends_a_chain_that_is_put_together():
    mine = rule(Flow("proxyAddresses", constant="smtp:x@contoso.com", merge=Merge.MERGE))
    end = rule(says("proxyAddresses", "AuthoritativeNull", merge=Merge.MERGE), precedence=60)

    assert flowed(mine, end, proxyAddresses=ADDRESSES)["proxyAddresses"] == ["smtp:x@contoso.com"]


# --- cloudFiltered ------------------------------------------------------------------------------


@pytest.mark.parametrize(("title", "expected"), [("Secret", "Mine"), ("Boss", None), ("x", None)])
def test_cloud_filtered_takes_an_object_out(title, expected):
    mine = rule(says("cloudFiltered", 'IIF([title]="Secret",True,NULL)'), name="Mine")
    kept = rule(says("cloudFiltered", 'IIF([title]="Boss",False,NULL)'), precedence=51)
    every = rule(says("cloudFiltered", 'IIF([title]="Boss",True,NULL)'), precedence=52)
    found = chain(every, kept, mine).filtered(USER, {"title": [title]}, "cn=ann")

    assert found == expected
