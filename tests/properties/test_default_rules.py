"""The default rules say in the language what the compiled functions compute."""

from __future__ import annotations

import tomllib
from base64 import b64encode
from functools import cache

from hypothesis import assume, example, given
from hypothesis import strategies as st

from connector.model import ObjectType, StagedEntry
from connector.rules.compilation import compile_rules
from connector.rules.default_flows import DEFAULT_NAMES, SPELLINGS
from connector.rules.defaults import CLOUD_FILTERED, DEFAULT_RULES
from connector.rules.flow import ACCOUNT_NAME_MISSING, flow
from connector.rules.rule import Flow, Rule
from connector.rules.scope import Scope
from connector.rules.sync_error import FlowError, FlowFailed
from connector.rules.targets import EXTENSION_ATTRIBUTES
from connector.rules.written import as_toml
from connector.values import filters

BASE = "dc=contoso,dc=com"
DOMAIN = "contoso.com"
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
# A picture flows by a default rule alone, so that no other one can give what it gives.
READ = {*SPELLINGS, *SPECIAL, "admindescription"} - {"thumbnailphoto"}
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


def read_back(default, precedence):
    """A default rule as one of the user's own, read from its TOML."""
    notes = {to: note for to, note in default.notes.items() if to != "userPrincipalName"}
    [table] = tomllib.loads(as_toml(default.rule, notes))["rules"]
    return Rule(
        f"{table['name']} of my own",
        ObjectType(table["from"]),
        precedence,
        tuple(Flow(flow["to"], value=flow["value"]) for flow in table["flows"]),
        tuple(table["scope"]),
    )


@cache
def chain():
    """The default rules as rules of the user's own, in place of those that are compiled."""
    own = [read_back(default, place) for place, default in enumerate(DEFAULT_RULES.values(), 1)]
    compiled = compile_rules(own, disabled=DEFAULT_NAMES, base_dn=BASE)

    assert compiled.mistakes == ()
    return compiled.chain


def flowed(entry, *chains):
    """What flows of an entry, but for what the connector alone sets."""
    try:
        found = flow(entry, DOMAIN, (), *chains)
    except FlowFailed as failed:
        found = failed.error
    if isinstance(found, FlowError):
        return ACCOUNT_NAME_MISSING if ACCOUNT_NAME_MISSING in str(found) else str(found)
    properties = found.object.properties
    ours = [
        name
        for name in properties
        if name.startswith("onPremises") and name != EXTENSION_ATTRIBUTES
    ]
    return {name: value for name, value in properties.items() if name not in ours}


@given(ENTRIES)
@example(StagedEntry("a", ObjectType.USER, f"uid=a,{BASE}", "", "", {"useraccountcontrol": ("2",)}))
def test_read_back_as_rules_of_the_users_own_they_give_the_same_values(entry):
    in_scope = all(
        filters.holds(clause, entry.attributes, entry.dn)
        for clause in filters.parse(next(iter(DEFAULT_RULES.values())).rule.scope[0])
    )
    assume(in_scope)

    assert flowed(entry, chain(), lambda: None) == flowed(entry)


@given(ENTRIES)
def test_the_same_entries_are_left_out(entry):
    [join] = [
        rule for rule, _, _ in DEFAULT_RULES.values()
        if rule.kind is entry.type and rule.flows[0].to == CLOUD_FILTERED
    ]  # fmt: skip
    clauses = [clause for text in join.scope for clause in filters.parse(text)]
    in_scope = all(filters.holds(clause, entry.attributes, entry.dn) for clause in clauses)
    filtered = in_scope and chain().filtered(entry.type, entry.attributes, entry.dn)

    assert (not in_scope or filtered is not None) is (Scope().verdict(entry) is not None)
