"""Exported rules are read and translated; what cannot be taken is named, and never taken in part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import ObjectType
from connector.rules.compilation import compile_rules
from connector.rules.importing.document import LARGEST, Document, Unreadable, read
from connector.rules.importing.translation import Default, Left, Report, Taken, translated
from connector.rules.rule import Flow, Merge, Rule

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
        + mapping("companyName", "<attr>department</attr>")
        + mapping("usageLocation", "DE", once=' execute-once="true"')
        + mapping("proxyAddresses", "<attr>mail</attr>", merge="MergeCaseInsensitive")
    )
    scope = group(("givenName", "ISNOTNULL", ""), ("co", "EQUAL", "Denmark")) + group(
        ("department", "NOTSTARTSWITH", "Temp &amp; Co")
    )

    found = report(rule(flows, scope=scope, disabled="True", sourceObjectType="inetOrgPerson"))

    assert found == Report(
        (
            Taken(
                Rule(
                    "Ours",
                    ObjectType.USER,
                    50,
                    (
                        Flow("givenName", value="PCase([givenName])"),
                        Flow("companyName", source="department"),
                        Flow("usageLocation", constant="DE", once=True),
                        Flow("proxyAddresses", source="mail", merge=Merge.MERGE_CASE_INSENSITIVE),
                    ),
                    (
                        "givenName ISNOTNULL AND co EQUAL Denmark",
                        "department NOTSTARTSWITH Temp & Co",
                    ),
                    disabled=True,
                ),
                "Ours",
                50,
            ),
        ),
        (),
        (),
    )


def test_rules_come_in_the_order_of_precedence():
    flow = mapping(source="x")
    found = report(rule(flow, name="B", precedence="9"), rule(flow, name="A", precedence="70"))

    assert [each.name for each in found.taken] == ["B", "A"]


def test_a_rule_of_microsoft_is_told_and_taken_only_when_asked_for():
    tag = {"immutable_tag": "Microsoft.X.001", "disabled": "true"}
    join = rule(mapping(source="x"), name="In from AD - User Join", **tag)
    other = rule(mapping(source="x"), name="In from AD - User Telephone", **tag)

    assert report(join, other) == Report(
        (),
        (
            Default("In from AD - User Join", here=True, disabled=True),
            Default("In from AD - User Telephone", here=False, disabled=True),
        ),
        (),
    )
    assert [each.rule.name for each in report(join, other, everything=True).taken] == [
        "In from AD - User Join (exported)",
        "In from AD - User Telephone",
    ]


def test_what_is_taken_compiles_together():
    rules = [
        rule(mapping("proxyAddresses", "<attr>mail</attr>", merge="Merge"), name="A"),
        rule(mapping("proxyAddresses", "<attr>mail</attr>") + mapping("title", "x"), name="B"),
        rule(mapping("proxyAddresses", "<attr>mail</attr>"), name="C", precedence="60"),
    ]
    found = report(*rules)

    assert compile_rules([each.rule for each in found.taken]).mistakes == ()
    assert [(each.name, [flow.to for flow in each.rule.flows]) for each in found.taken] == [
        ("A", ["proxyAddresses"]),
        ("B", ["title"]),
    ]
    said = "merge is Update, and Merge in the rule 'A': all rules of a target have the same"
    assert found.left == (
        Left("B", "proxyAddresses", said),
        Left("C", "proxyAddresses", said),
        Left("C", None, "none of its flows can be taken"),
    )


def test_precedences_of_the_default_rules_are_exchanged_in_order():
    flow = mapping(source="x")
    own = [
        rule(flow, name=name, precedence=precedence)
        for name, precedence in [
            ("A", "98"),
            ("B", "99"),
            ("C", "105"),
            ("D", "150"),
            ("E", "300"),
            ("F", "2000"),
        ]
    ]
    microsoft = rule(flow, name="In from AD - User Common", precedence="106", immutable_tag="M")

    found = report(*own, microsoft)
    assert {each.name: (each.precedence, each.rule.precedence) for each in found.taken} == {
        "A": (98, 97),
        "B": (99, 98),
        "C": (105, 99),
        "D": (150, 201),
        "E": (300, 300),
        "F": (2000, 999),
    }


def test_a_rule_that_the_default_rules_overtake_is_named():
    rules = [
        rule(mapping(source="<attr>cn</attr>"), name=f"R{n}", precedence=n) for n in range(1, 102)
    ]

    found = report(*rules)

    places = {each.name: each.rule.precedence for each in found.taken}
    why = "the default rules are asked before it: the precedences in front of them are taken"
    assert (places["R99"], places["R100"], places["R101"]) == (99, 201, 202)
    assert found.left == (Left("R100", None, why), Left("R101", None, why))


def test_rules_without_a_precedence_are_named_in_the_order_that_they_had():
    rules = [
        rule(mapping(source="<attr>cn</attr>"), name=f"R{n}", precedence=n)
        for n in range(201, 1003)
    ]

    found = report(*rules)

    why = "no precedence is free for it"
    assert found.left == tuple(Left(f"R{n}", None, why) for n in (1000, 1001, 1002))


def test_rules_of_different_types_may_have_one_number():
    flow = mapping("displayName", "x")
    found = report(rule(flow, name="A"), rule(flow, name="B", sourceObjectType="group"))

    assert [each.rule.precedence for each in found.taken] == [50, 50]


def test_a_value_of_a_scope_that_has_an_and_in_it_is_quoted():
    found = report(rule(mapping(source="<attr>o</attr>"), scope=group(("o", "EQUAL", "a AND b"))))

    assert [taken.rule.scope for taken in found.taken] == [('o EQUAL "a AND b"',)]


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
            {"scope": group(("o", "EQUAL", "a&#10;b"))},
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
            "Now gives another value each time, which only a flow with once may have",
        ),
        (mapping(merge="Replace", source="x"), "the merge type Replace is not taken"),
        (mapping(source="<attr>a</attr><attr>b</attr>"), "it has several attributes and no expression"),
        (mapping(), "it has no source"),
    ],
)  # fmt: skip
def test_a_flow_that_cannot_be_taken_is_left(flow, reason):
    found = report(rule(flow + mapping("title", "x")))

    assert found.left == (Left("Ours", "givenName", reason),)
    assert [each.to for each in found.taken[0].rule.flows] == ["title"]


def test_what_a_target_cannot_take_is_left():
    found = left(
        rule(mapping("authOrig", "x") + mapping("accountEnabled", "perhaps") + mapping(source="x"))
    )

    assert found == (
        Left("Ours", "authOrig", "a user has no authOrig"),
        Left("Ours", "accountEnabled", 'constant: "perhaps" is not True or False'),
    )


def test_joins_and_passwords_are_named_and_the_rest_is_taken():
    joins = "<conditions><condition><csAttribute>mail</csAttribute></condition></conditions>"
    found = report(rule(mapping(source="x"), joins=joins, EnablePasswordSync="true"))

    assert [each.reason for each in found.left] == [
        "it joins objects; there is one directory here, and its objects are not joined",
        "it synchronizes passwords, which nothing here does",
    ]
    assert len(found.taken[0].rule.flows) == 1


def test_the_second_rule_of_a_name_is_left():
    flow = mapping(source="x")
    found = left(rule(flow), rule(flow, precedence="51"))

    assert found == (Left("Ours", None, "another rule has this name"),)


def test_a_group_without_conditions_holds_for_every_object():
    found = report(rule(mapping(source="x"), scope=group(("o", "ISNULL", "")) + group()))

    assert found.taken[0].rule.scope == ()


def test_a_document_may_hold_several_rules_and_connectors():
    text = (
        f"<saved>{rule()}<x>{rule(name='B')}</x><ma-data><id>{CLOUD.upper()}</id>"
        f"<category>Extensible2</category></ma-data>"
        f"<ma-data><id>{NOTHING}</id><category>AD</category></ma-data></saved>"
    )
    found = read(text.encode("utf-16"))

    assert ([each.name for each in found.rules], found.clouds) == (["Ours", "B"], (CLOUD,))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("declared", ["", "utf-8", "utf-16", "windows-1252"])
def test_a_byte_order_mark_tells_the_encoding_whatever_is_declared(encoding, declared):
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    mark = "\ufeff" if encoding == "utf-16-be" else ""

    found = read((mark + head + rule(name="Größe – 大")).encode(encoding))

    assert [each.name for each in found.rules] == ["Größe – 大"]


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
        (b"<synchronizationRule>" + b"<a/>" * 200_001, "its rules have more than 200,000 elements"),
        (b" " * (LARGEST + 1), "it has more than 64 MB, which no export has"),
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
