"""The default rules have the names and the places that the documents give them."""

from __future__ import annotations

from connector.model import ObjectType
from connector.rules.default_flows import FLOWS
from connector.rules.defaults import DEFAULT_RULES
from connector.rules.rule import DEFAULTS


def test_they_stand_in_the_order_of_the_documents():
    """docs/sources.md 4.4."""
    assert [(each.rule.precedence, name, str(each.rule.kind)) for name, each in DEFAULT_RULES.items()] == [
        (100, "In from AD - User Join", "user"),
        (102, "In from AD - User AccountEnabled", "user"),
        (104, "In from AD - User Common from Exchange", "user"),
        (106, "In from AD - User Common", "user"),
        (108, "In from AD - User Exchange", "user"),
        (112, "In from AD - Group Join", "group"),
        (113, "In from AD - Group Exchange", "group"),
        (114, "In from AD - Group Common", "group"),
        (115, "In from AD - Contact Join", "contact"),
        (116, "In from AD - Contact Common", "contact"),
    ]  # fmt: skip


def test_their_precedences_are_those_of_default_rules():
    assert {each.rule.precedence for each in DEFAULT_RULES.values()} <= {*DEFAULTS}


def test_every_compiled_flow_belongs_to_one_of_them():
    for kind in ObjectType:
        said = {
            flow.to
            for each in DEFAULT_RULES.values()
            if each.rule.kind is kind
            for flow in each.rule.flows
        }
        computed = {row.property for row in FLOWS[kind]} - {"onPremisesExtensionAttributes"}

        assert computed - said == set()


def test_what_the_language_cannot_say_is_noted():
    join = DEFAULT_RULES["In from AD - Group Join"]

    assert join.notes == dict.fromkeys(
        ("onPremisesSamAccountName", "onPremisesSecurityIdentifier", "onPremisesDomainName"),
        "the connector alone sets it: a rule of your own cannot flow to it",
    )
