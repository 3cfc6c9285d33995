"""All that is wrong with rules is told at once."""

from __future__ import annotations

import pytest

from connector.model import ObjectType
from connector.rules.compilation import compile_rules
from connector.rules.rule import Flow, Merge, Rule

USER, GROUP = ObjectType.USER, ObjectType.GROUP


def rule(*flows, name="Mine", kind=USER, precedence=50, **fields):
    return Rule(name, kind, precedence, flows, **fields)


def said(*rules, **options):
    return [each.sentence for each in compile_rules(rules, **options).mistakes]


PICTURE = "is not read by rules; they can ask whether it is there: IsPresent, IsNull, IsNullOrEmpty"


def test_a_rule_may_ask_whether_there_is_a_picture():
    asks = Flow("city", value='IIF(IsPresent([thumbnailPhoto]),"seen","unseen")')

    assert said(rule(asks)) == []


def test_the_mistakes_of_all_flows_are_told_each_with_its_place():
    mine = rule(
        Flow("givenName", value="Trim(Pcase([givenName]))"), Flow("surname", value="Left([sn],")
    )

    found = compile_rules([mine]).mistakes

    assert [(each.rule, each.target, each.place and each.place.at) for each in found] == [
        ("Mine", "givenName", 5),
        ("Mine", "surname", 10),
    ]


def test_a_mistake_in_a_scope_is_told_with_its_place():
    scope = "ou EQUAL x AND co LIKE Denmark"
    found = compile_rules([rule(Flow("city", source="l"), scope=(scope,))]).mistakes

    assert [(each.expression, each.place and each.place[:2]) for each in found] == [
        (scope, (18, 4))
    ]


@pytest.mark.parametrize(
    ("flow", "sentence"),
    [
        (Flow("givenNam", constant="x"), "a user has no givenNam; did you mean givenName?"),
        (Flow("givenname", constant="x"), "a user has no givenname; did you mean givenName?"),
        (Flow("id", constant="x"), "id is for the tenant to set, and no rule flows to it"),
        (
            Flow("manager", source="secretary"),
            "manager comes from its default rule alone, and no other flows to it",
        ),
        (Flow("accountEnabled", constant="x"), 'constant: "x" is not True or False'),
        (Flow("city"), "a flow has exactly one of from, value and constant"),
        (Flow("city", source="userPassword"), "userPassword is a secret, which no rule reads"),
        (
            Flow("city", source="l", merge=Merge.MERGE),
            "Merge is for proxyAddresses and businessPhones",
        ),
        (Flow("city", source="a b"), "'a b' is not the name of an attribute"),
        (Flow("city", source="thumbnailPhoto"), f"thumbnailPhoto {PICTURE}"),
        (
            Flow("city", value='IIF(IsPresent([thumbnailPhoto]),Len([ThumbnailPhoto]),"")'),
            f"thumbnailPhoto {PICTURE}",
        ),
        (
            Flow("cloudFiltered", constant="True", once=True),
            "cloudFiltered is asked each time, and not once",
        ),
        (
            Flow("city", value="Guid()"),
            "Guid gives another value each time, which only a flow with once may have",
        ),
    ],
)
def test_a_flow_that_cannot_be_is_a_mistake(flow, sentence):
    assert said(rule(flow)) == [sentence]


@pytest.mark.parametrize(
    "name",
    ["objectType", "onPremisesDomainName", "sourceAnchor", "extension_", "extension_1", "manager"],
)
def test_what_is_not_a_target_is_a_mistake(name):
    assert len(said(rule(Flow(name, constant="x")))) == 1


def test_chance_is_for_flows_that_apply_once():
    assert said(rule(Flow("city", value="Guid()", once=True))) == []


def test_rules_have_names_and_places_of_their_own():
    flow = Flow("city", constant="x")
    found = said(
        rule(flow, name="A", precedence=10),
        rule(flow, name="B", precedence=10),
        rule(flow, name="B", precedence=11),
        rule(flow, name="C", precedence=150),
        rule(Flow("displayName", constant="x"), name="D", kind=GROUP, precedence=10),
    )

    assert found == [
        "precedence 10 is that of the rule 'A', too",
        "precedence is 150; it is from 1 to 99, or from 201 to 999: those between belong to the default rules",
        "2 rules have this name",
    ]


def test_rules_of_one_target_have_the_same_merge_type():
    found = said(
        rule(Flow("proxyAddresses", source="mail", merge=Merge.MERGE), name="A", precedence=10),
        rule(Flow("proxyAddresses", source="mail"), name="B", precedence=11),
    )

    assert found == [
        "merge is Update, and Merge in the rule 'A': all rules of a target have the same"
    ]


def test_a_hundred_directory_extensions_are_the_most():
    flows = [Flow(f"extension_x{number}", constant="x") for number in range(101)]

    assert said(rule(*flows)) == ["101 directory extensions; 100 are the most"]


def test_a_default_rule_that_is_disabled_has_to_be_one():
    assert "this is not a default rule" in said(disabled=["In from AD - User Commons"])[0]


def test_an_expression_that_fails_for_many_is_a_warning():
    found = compile_rules([rule(Flow("city", value="Item([l],1)"))])

    assert (found.mistakes, [each.target for each in found.warnings]) == ((), ["city"])


def test_facts_are_those_that_a_result_depends_on():
    one, other = (
        rule(Flow("city", source="l"), name=name, precedence=n) for name, n in (("A", 1), ("B", 2))
    )
    off = rule(Flow("city", constant="x"), name="C", precedence=3, disabled=True)

    def facts(*rules):
        return compile_rules(rules).chain.facts

    assert facts(one, other) == facts(other, one._replace(description="new"), off)
    assert facts(one) != facts(one._replace(precedence=9))
    assert not compile_rules([off]).chain
