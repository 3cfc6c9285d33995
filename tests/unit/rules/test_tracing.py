"""A person can see which rule decided on a property, and why the others did not."""

from __future__ import annotations

from connector.model import ObjectType
from connector.rules.compilation import compile_rules
from connector.rules.rule import Flow, Merge, Rule
from connector.rules.tracing import Lost, Traced, trace
from connector.rules.transforms import Source

USER = ObjectType.USER
COMMON, EXCHANGE = "In from AD - User Common", "In from AD - User Exchange"


def rule(*flows, precedence=50, **fields):
    return Rule(fields.pop("name", f"Rule {precedence}"), USER, precedence, flows, **fields)


def traced(name, *rules, told=None, disabled=(), **attributes):
    given = {key.lower(): [value] for key, value in attributes.items()}
    compiled = compile_rules(rules, disabled=disabled)
    assert not compiled.mistakes
    found = trace(compiled.chain, USER, Source(given, "cn=ann", "contoso.com"), lambda: told)
    return next((one for one in found if one.property == name), None)


def test_the_rule_that_won_says_what_it_saw_and_the_default_rule_lost():
    mine = rule(Flow("givenName", value="PCase([givenName])"), name="Mine")

    assert traced("givenName", mine, givenName="anne") == Traced(
        "givenName",
        "Anne",
        "Mine",
        {"givenName": ["anne"]},
        (Lost(COMMON, "anne", "Mine is asked first"),),
    )


def test_each_rule_that_lost_has_its_reason():
    rules = (
        rule(Flow("department", constant="x"), precedence=1, scope=("title EQUAL boss",)),
        rule(Flow("department", value="NULL"), precedence=2),
        rule(Flow("department", value="IgnoreThisFlow"), precedence=3),
        rule(Flow("department", constant="x", once=True), precedence=4),
        rule(Flow("department", constant="z"), precedence=201),
        rule(Flow("department", value='Error("no")'), precedence=202),
    )

    assert traced("department", *rules, told={}, department="IT") == Traced(
        "department",
        "IT",
        COMMON,
        {"department": ["IT"]},
        (
            Lost("Rule 1", None, "its scope does not take the object"),
            Lost("Rule 2", None, "it has no value"),
            Lost("Rule 3", None, "it leaves what the cloud has (IgnoreThisFlow)"),
            Lost("Rule 4", None, "it applies when an object is made (once)"),
            Lost("Rule 201", "z", f"{COMMON} is asked first"),
            Lost(
                "Rule 202",
                None,
                "no (rule 'Rule 202', department); correct the object, or the rule",
            ),
        ),
    )


def test_what_the_cloud_keeps_is_the_word_of_the_rule_that_ignores_the_flow():
    mine = rule(Flow("companyName", value="IgnoreThisFlow"), name="Mine")

    assert traced("companyName", mine, told={"companyName": "Old"}) == Traced(
        "companyName", "Old", "Mine", {}, (Lost(COMMON, None, "it has no value"),)
    )


def test_authoritative_null_is_a_decision_without_a_value():
    mine = rule(Flow("department", value="AuthoritativeNull"), name="Mine")

    found = traced("department", mine, department="IT")

    assert (found.value, found.rule, [lost.value for lost in found.others]) == (
        None,
        "Mine",
        ["IT"],
    )


def test_the_values_of_several_rules_stand_together():
    mine = rule(Flow("proxyAddresses", source="mail", merge=Merge.MERGE), name="Mine")

    found = traced("proxyAddresses", mine, mail="a", proxyAddresses="b")

    assert found.value == ["a", "b"]
    assert found.others == (
        Lost("In from AD - User Common from Exchange", ["b"], "its values are taken, too"),
    )


def test_a_default_rule_that_is_disabled_lost():
    mine = rule(Flow("extensionAttribute2", constant="two"), name="Mine")

    found = traced("extensionAttribute2", mine, disabled=[EXCHANGE], extensionAttribute2="x")

    assert found.others == (Lost(EXCHANGE, None, "the rule is disabled"),)


def test_without_rules_of_the_users_own_the_default_rules_stand_alone():
    assert traced("surname", sn="Lee") == Traced("surname", "Lee", COMMON, {"sn": ["Lee"]})
