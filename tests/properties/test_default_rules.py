"""The default rules say in the language what the compiled functions compute."""

from __future__ import annotations

from base64 import b64encode
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connector.model import ObjectType, StagedEntry
from connector.rules.defaults import CLOUD_FILTERED, DEFAULT_RULES
from connector.rules.expression import compiled, parameters
from connector.rules.flow import SPELLINGS, FlowError, flow
from connector.rules.language.evaluation import Surroundings
from connector.rules.language.values import ExpressionFailed, listed
from connector.rules.scope import Scope
from connector.values import filters

BASE = "dc=contoso,dc=com"
DOMAIN = "contoso.com"
SURROUNDINGS = Surroundings(parameters(BASE))
SID = b"\x01\x02\0\0\0\0\0\x05\x20\0\0\0\x20\x02\0\0"
BEGINNINGS = ["AAD_", "msol_", "CAS_", "SystemMailbox{", "SUPPORT_388945a0", "User_", "smtp:", "SIP:"]  # fmt: skip
PIECES = [*BEGINNINGS, "a", "B", "7", "}", "@", " ", "\t", "-", "é", "(MSOL)", "x" * 450]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join)
NUMBERS = st.sampled_from(
    ["0", "1", "2", "514", "-2147483646", "-7", "4", "1073741824", "2684354560", "none", " 512 "]
)
TRUTHS = st.sampled_from(["TRUE", "true", "FALSE", " True ", "x"])
SPECIAL = {
    "useraccountcontrol": NUMBERS,
    "grouptype": NUMBERS,
    "msexchrecipienttypedetails": NUMBERS,
    "iscriticalsystemobject": TRUTHS,
    "msexchhidefromaddresslists": TRUTHS,
    "objectsid": st.just(b64encode(SID).decode()),
    "uid": st.from_regex(r"(AAD_|MSOL_|CAS_)?[a-z][a-z0-9]{0,5}", fullmatch=True),
}
READ = {*SPELLINGS, *SPECIAL, "admindescription"}
VALUES: dict[str, st.SearchStrategy[tuple[str, ...]]] = {
    name: SPECIAL.get(name, TEXTS).map(lambda value: (value,)) for name in sorted(READ)
}
VALUES["proxyaddresses"] = st.lists(TEXTS, min_size=1, max_size=4, unique_by=str.casefold).map(
    lambda some: tuple(sorted(some))
)
DNS = st.sampled_from([f"uid=ann,{BASE}", rf"cn=Ann\0ACNF:1-2,{BASE}", f"cn=CNF:x,{BASE}"])
ENTRIES = st.builds(
    lambda kind, dn, attributes: StagedEntry("anchor", kind, dn, dn, "", attributes),
    st.sampled_from([*ObjectType]),
    DNS,
    st.fixed_dictionaries({}, optional=VALUES),
)


@cache
def expression(text):
    return compiled(text)


def given_by(entry, text):
    """What an expression gives for a staged entry: a list of values."""
    attributes = {**entry.attributes, "dn": (entry.dn,)}
    if "objectsid" in attributes:
        attributes["objectsid"] = (SID,)
    return [*listed(expression(text).evaluate(attributes, SURROUNDINGS))]


def in_the_language(entry):
    """The properties that the default rules give, as lists of values without empty texts."""
    found: dict[str, list[object]] = {}
    for rule, _, _ in DEFAULT_RULES.values():
        for each in rule.flows if rule.kind is entry.type else ():
            if each.to != CLOUD_FILTERED:
                values = [value for value in given_by(entry, each.value) if value != ""]
                found |= {each.to: values} if values else {}
    return found


def computed(entry):
    """The properties that the compiled functions give, in the same shape."""
    flowed = flow(entry, DOMAIN)
    if isinstance(flowed, FlowError):
        return flowed.error
    properties = dict(flowed.object.properties)
    properties |= properties.pop("onPremisesExtensionAttributes", {})
    return {
        name: value if isinstance(value, list) else [value] for name, value in properties.items()
    }


@given(ENTRIES)
@example(StagedEntry("a", ObjectType.USER, f"uid=a,{BASE}", "", "", {"useraccountcontrol": ("2",)}))
def test_the_values_are_the_same(entry):
    expected = computed(entry)
    if isinstance(expected, str):
        with pytest.raises(ExpressionFailed, match=expected):
            in_the_language(entry)
    else:
        found = in_the_language(entry)

        assert {name: sorted(values, key=str) for name, values in found.items()} == {
            name: sorted(values, key=str) for name, values in expected.items()
        }


@given(ENTRIES)
def test_the_same_entries_are_left_out(entry):
    [join] = [
        rule for rule, _, _ in DEFAULT_RULES.values()
        if rule.kind is entry.type and rule.flows[0].to == CLOUD_FILTERED
    ]  # fmt: skip
    clauses = [clause for text in join.scope for clause in filters.parse(text)]
    in_scope = all(filters.holds(clause, entry.attributes) for clause in clauses)
    filtered = in_scope and given_by(entry, join.flows[0].value) == [True]

    assert (not in_scope or filtered) is (Scope().verdict(entry) is not None)
