"""Rules are written as TOML that reads back as the same rule, whatever their texts hold."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from connector.model import ObjectType
from connector.rules.rule import Flow, Merge, Rule
from connector.rules.written import as_json, as_toml

RULE = Rule(
    "Names in proper case",
    ObjectType.USER,
    50,
    (
        Flow("givenName", value='PCase(Trim([givenName])) & "!"'),
        Flow("companyName", source="o"),
        Flow("usageLocation", constant="DE", once=True),
        Flow("proxyAddresses", source="otherMailbox", merge=Merge.MERGE_CASE_INSENSITIVE),
        Flow("accountEnabled", constant=True),
    ),
    ("givenName ISNOTNULL", "department EQUAL IT AND co EQUAL Denmark"),
    "For the newcomers.",
    disabled=True,
)


def test_a_rule_is_written_as_the_settings_have_it():
    assert as_toml(RULE) == (
        "[[rules]]\n"
        'name = "Names in proper case"\n'
        'description = "For the newcomers."\n'
        "disabled = true\n"
        'from = "user"\n'
        "precedence = 50\n"
        'scope = ["givenName ISNOTNULL", "department EQUAL IT AND co EQUAL Denmark"]\n'
        "flows = [\n"
        """  { to = "givenName", value = 'PCase(Trim([givenName])) & "!"' },\n"""
        '  { to = "companyName", from = "o" },\n'
        '  { to = "usageLocation", constant = "DE", once = true },\n'
        '  { to = "proxyAddresses", from = "otherMailbox", merge = "MergeCaseInsensitive" },\n'
        '  { to = "accountEnabled", constant = true },\n'
        "]\n"
    )


def test_a_flow_with_a_note_is_a_comment():
    rule = Rule("Mine", ObjectType.USER, 1, (Flow("a", source="b"), Flow("c", source="d")))

    assert as_toml(rule, {"a": "not\nhere"}) == (
        '[[rules]]\nname = "Mine"\nfrom = "user"\nprecedence = 1\nflows = [\n'
        '  # not here:\n  # { to = "a", from = "b" },\n  { to = "c", from = "d" },\n]\n'
    )


def test_json_has_every_key_of_a_flow():
    assert as_json(RULE)["flows"][1] == {
        "to": "companyName",
        "from": "o",
        "value": None,
        "constant": None,
        "once": False,
        "merge": "Update",
    }


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
FLOWS = st.one_of(
    st.builds(Flow, TEXTS, source=TEXTS),
    st.builds(Flow, TEXTS, value=TEXTS, once=st.booleans()),
    st.builds(
        Flow,
        TEXTS,
        constant=st.one_of(TEXTS, st.booleans(), st.integers(-9, 9), st.lists(TEXTS).map(tuple)),
        merge=st.sampled_from(Merge),
    ),
)
RULES = st.builds(
    Rule,
    TEXTS,
    st.sampled_from(ObjectType),
    st.integers(1, 999),
    st.lists(FLOWS, max_size=3).map(tuple),
    st.lists(TEXTS, max_size=2).map(tuple),
    TEXTS,
    st.booleans(),
)


@given(RULES)
def test_toml_reads_back_as_the_same_rule(rule):
    [read] = tomllib.loads(as_toml(rule))["rules"]
    usual = {"from": None, "value": None, "constant": None, "once": False, "merge": "Update"}
    flows = [usual | flow for flow in read["flows"]]

    expected = as_json(rule)
    del expected["default"]
    description = {"description": rule.description} if rule.description else {}
    assert {"disabled": False, "scope": [], **read, "flows": flows} == expected | description
