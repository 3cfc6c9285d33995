"""Exported rules are read and translated; what cannot be taken is named, and never taken in part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.rules.importing.document import Document, Unreadable, read
from connector.rules.importing.translation import Default, Flow, Left, Report, Rule, translated

NOTHING = "{00000000-0000-0000-0000-000000000000}"
CLOUD = "{b0000000-0000-0000-0000-000000000001}"


def rule(mappings="", *, scope="", joins="", name="Ours", **fields):
    """The XML of a rule of users of our own."""
    texts = {
        "name": name,
        "description": "",
        "immutable-tag": "",
        "direction": "Inbound",
        "disabled": "False",
        "connector": NOTHING,
        "sourceObjectType": "user",
        "targetObjectType": "person",
        "linkType": "Join",
        "precedence": "50",
        "EnablePasswordSync": "false",
    }
    texts |= {key.replace("_", "-"): text for key, text in fields.items()}
    lines = "".join(f"<{tag}>{text}</{tag}>" for tag, text in texts.items())
    return (
        f"<synchronizationRule>{lines}<attribute-mappings>{mappings}</attribute-mappings>"
        f"<relationshipCriteria>{joins}</relationshipCriteria>"
        f"<synchronizationCriteria>{scope}</synchronizationCriteria></synchronizationRule>"
    )


def mapping(target="givenName", source="", expression="", merge="Update", once=""):
    value = f"<expression>{expression}</expression>" if expression else ""
    return (
        f"<mapping{once}><dest>{target}</dest><src>{source}</src>{value}"
        f"<valueMergeType>{merge}</valueMergeType></mapping>"
    )


def group(*clauses):
    scopes = "".join(
        f"<scope><csAttribute>{a}</csAttribute><csOperator>{o}</csOperator><csValue>{v}</csValue></scope>"
        for a, o, v in clauses
    )
    return f"<conditions>{scopes}</conditions>"


def report(*rules, **options):
    found = [each for text in rules for each in read(text.encode()).rules]
    return translated(found, **options)


def left(*rules, **options):
    return report(*rules, **options).left


def test_a_rule_is_taken_with_its_scope_and_its_flows():
    flows = (
        mapping(expression="PCase([givenName])")
        + mapping("companyName", "<attr>o</attr>")
        + mapping("usageLocation", "DE", once=' execute-once="true"')
        + mapping("proxyAddresses", "<attr>otherMailbox</attr>", merge="MergeCaseInsensitive")
    )
    scope = group(("givenName", "ISNOTNULL", ""), ("co", "EQUAL", "Denmark")) + group(
        ("department", "NOTSTARTSWITH", "Temp &amp; Co")
    )

    found = report(rule(flows, scope=scope, disabled="True", sourceObjectType="inetOrgPerson"))

    assert found == Report(
        (
            Rule(
                "Ours",
                "",
                True,
                "user",
                50,
                (
                    "givenName ISNOTNULL AND co EQUAL Denmark",
                    "department NOTSTARTSWITH Temp & Co",
                ),
                (
                    Flow("givenName", value="PCase([givenName])"),
                    Flow("companyName", attribute="o"),
                    Flow("usageLocation", constant="DE", once=True),
                    Flow("proxyAddresses", attribute="otherMailbox", merge="MergeCaseInsensitive"),
                ),
            ),
        ),
        (),
        (),
    )


def test_rules_come_in_the_order_of_precedence():
    found = report(rule(name="B", precedence="9"), rule(name="A", precedence="70"))

    assert [each.name for each in found.taken] == ["B", "A"]


def test_a_rule_of_microsoft_is_told_and_taken_only_when_asked_for():
    text = rule(immutable_tag="Microsoft.X.001", name="In from AD - User Join", disabled="true")

    assert report(text) == Report((), (Default("In from AD - User Join", True),), ())
    assert [each.name for each in report(text, everything=True).taken] == ["In from AD - User Join"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"direction": "Outbound"},
            "it is an outbound rule; what flows into the cloud follows from the inbound ones",
        ),
        ({"connector": CLOUD.upper()}, "it flows in from the cloud"),
        ({"sourceObjectType": "computer"}, "objects of the type computer are not synced"),
        ({"precedence": "soon"}, "it has no precedence"),
        ({"scope": group(("o", "ISMEMBEROF", "x"))}, "its scope uses ISMEMBEROF"),
        (
            {"scope": group(("o", "EQUAL", ""))},
            "its scope has a condition that is not whole: o EQUAL",
        ),
        (
            {"scope": group(("o", "EQUAL", "a AND b"))},
            "its scope compares o with a text that a filter cannot hold",
        ),
    ],
)
def test_a_rule_that_cannot_be_taken_as_a_whole_is_left(fields, reason):
    found = report(rule(mapping(source="<attr>o</attr>"), **fields), clouds={CLOUD})

    assert found == Report((), (), (Left("Ours", None, reason),))


@pytest.mark.parametrize(
    ("flow", "reason"),
    [
        (
            mapping(expression="Pcase([o])"),
            "Pcase is not a function; did you mean PCase?",
        ),
        (
            mapping(expression="Now()"),
            "Now gives another value each time, which a flow may have that is executed once",
        ),
        (mapping(merge="Replace", source="x"), "the merge type Replace is not taken"),
        (mapping(source="<attr>a</attr><attr>b</attr>"), "it has several attributes and no expression"),
        (mapping(), "it has no source"),
    ],
)  # fmt: skip
def test_a_flow_that_cannot_be_taken_is_left(flow, reason):
    found = report(rule(flow + mapping("title", "x")))

    assert found.left == (Left("Ours", "givenName", reason),)
    assert [each.to for each in found.taken[0].flows] == ["title"]


def test_what_a_target_cannot_take_is_left():
    found = left(rule(mapping(source="x")), refused=lambda to: f"there is no {to}" if to else None)

    assert found == (Left("Ours", "givenName", "there is no givenName"),)


def test_joins_and_passwords_are_named_and_the_rest_is_taken():
    joins = "<conditions><condition><csAttribute>mail</csAttribute></condition></conditions>"
    found = report(rule(mapping(source="x"), joins=joins, EnablePasswordSync="true"))

    assert [each.reason for each in found.left] == [
        "it joins objects; there is one directory here, and its objects are not joined",
        "it synchronizes passwords, which nothing here does",
    ]
    assert len(found.taken[0].flows) == 1


def test_the_second_rule_of_a_name_is_left():
    found = left(rule(), rule(precedence="51"))

    assert found == (Left("Ours", None, "another rule has this name"),)


def test_a_group_without_conditions_holds_for_every_object():
    assert report(rule(scope=group(("o", "ISNULL", "")) + group())).taken[0].scope == ()


def test_a_document_may_hold_several_rules_and_connectors():
    text = (
        f"<saved>{rule()}<x>{rule(name='B')}</x><ma-data><id>{CLOUD.upper()}</id>"
        f"<category>Extensible2</category></ma-data>"
        f"<ma-data><id>{NOTHING}</id><category>AD</category></ma-data></saved>"
    )
    found = read(text.encode("utf-16"))

    assert ([each.name for each in found.rules], found.clouds) == (["Ours", "B"], (CLOUD,))


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "it is not XML: no element found: line 1, column 0"),
        (b"<a>", "it is not XML: no element found: line 1, column 3"),
        (
            b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
            "it has a document type declaration, which no export has",
        ),
        (b"<a>" * 99, "elements stand more than 64 deep in each other"),
        (b'<?xml version="1.0" encoding="x-no"?><a/>', None),
    ],
)
def test_a_document_that_is_not_one_is_refused(octets, reason):
    with pytest.raises(Unreadable) as caught:
        read(octets)

    assert reason in (None, str(caught.value))


PIECES = st.sampled_from(
    ["<synchronizationRule>", "</synchronizationRule>", "<name>", "</name>", "<src/>", "&amp;", "&#0;", "<!--", "x"]
)  # fmt: skip


@given(st.one_of(st.binary(), st.lists(PIECES).map(lambda parts: "".join(parts).encode())))
def test_any_octets_are_read_or_refused(octets):
    try:
        found = read(octets)
    except Unreadable:
        found = Document((), ())

    assert isinstance(translated(found.rules, everything=True), Report)
