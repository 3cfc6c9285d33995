"""The one pass over an entry gives the same as staging and deciding, byte for byte, or leaves it to them."""

from __future__ import annotations

from marshal import dumps, loads
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connector.lab import generator
from connector.model import DirectoryEntry, ObjectType, StagedEntry, Work
from connector.rules.chain import NO_RULES, Chain
from connector.rules.compilation import chain_of, compile_rules
from connector.rules.default_flows import DEFAULT_NAMES
from connector.rules.rule import Flow, Merge, Rule
from connector.rules.ruleset import Decision, Rules
from connector.rules.targets import refused
from connector.settings.models import DirectorySettings
from connector.values.canonical import canonical
from connector.values.entries import READ, load, stage
from connector.values.ldif import parse
from connector.values.reads import AUTO, reads

if TYPE_CHECKING:
    from connector.values.staged import Staged

CLASSES = [
    ("top", "person", "organizationalPerson", "inetOrgPerson"),
    ("top", "person", "organizationalPerson", "user"),
    ("person", "posixAccount"),
    ("groupOfNames",),
    ("posixGroup",),
    ("top", "contact"),
    ("organizationalUnit",),
    ("device",),
]
BEGINNINGS = [
    "AAD_",
    "msol_",
    "CAS_",
    "SystemMailbox{",
    "SUPPORT_388945a0",
    "User_",
    "smtp:",
    "SMTP:",
]
PIECES = [
    *BEGINNINGS,
    *("a", "B", "7", "1", "2", "-2147483646", "2684354560", "TRUE", "true", "(MSOL)", "}"),
    *(" ", "  ", "\t", "@", "\\", ".", ",", '"', "+", "=", "#", "\x00", "\x1f", "\x7f", "/", "_"),
    *("é", "ß", "ſ", "K", "İ", "\u2028", "\ufffd", "😀", "e\u0301", "contoso.com", "S-1-5-21-1"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=5).map(lambda some: "".join(some).encode())
PLAIN = st.from_regex(r"[a-z][a-z0-9 .@_-]{0,9}", fullmatch=True).map(str.encode)
ODD = st.one_of(st.text(max_size=5).map(str.encode), st.binary(max_size=30))
VALUES = st.one_of(*[PLAIN] * 6, *[TEXTS] * 3, ODD)
FEW = st.one_of(*[VALUES.map(lambda value: [value])] * 9, st.lists(VALUES, max_size=4))
NAMES = sorted({*READ} - {"objectclass"})
ALONE = PLAIN.map(lambda value: [value])
ATTRIBUTES = st.builds(
    lambda usual, others: {**usual, **others},
    st.fixed_dictionaries({"uid": ALONE}, optional={"mail": ALONE, "mailnickname": ALONE}),
    st.dictionaries(st.sampled_from(NAMES), FEW, max_size=9),
)
DNS = st.one_of(
    st.just("uid=ann,ou=users,dc=contoso,dc=com"),
    st.lists(st.sampled_from(["CNF:", r"\0A", "cn=", "ou=", "\udcff", *PIECES]), max_size=6).map(
        "".join
    ),
)
ENTRIES = st.builds(
    lambda uuid, dn, classes, attributes: DirectoryEntry(
        uuid, dn, {"objectclass": [name.encode() for name in classes], **attributes}
    ),
    st.binary(min_size=16, max_size=16),
    DNS,
    st.sampled_from(CLASSES),
    ATTRIBUTES,
)
BASES = st.sampled_from(["dc=contoso,dc=com", "o=contoso"])
DOMAINS = ["fabrikam.com", "contoso.com"]


OWN = [
    Flow("givenName", value="PCase(Trim([givenName]))"),
    Flow(
        "department",
        value='IIF([title]="a",AuthoritativeNull,IIF([title]="B",IgnoreThisFlow,NULL))',
    ),
    Flow("companyName", source="l"),
    Flow("officeLocation", source="whenCreated"),
    Flow("state", value="IIF(IsPresent([objectGUID]),ConvertToBase64([objectGUID]),[entryCSN])"),
    Flow("extensionAttribute2", value='[uid] & "x"'),
    Flow("extension_badge", source="employeeID"),
    Flow("proxyAddresses", source="mail", merge=Merge.MERGE_CASE_INSENSITIVE),
    Flow("mailNickname", value='Left([mail],InStr([mail],"@")-1)'),
    Flow("description", value='IIF([c]="a",Error("no"),[cn])'),
    Flow("city", value="[dn] & %Domain.FQDN%"),
    Flow("displayName", value='IIF(IsPresent([objectSid]),StringFromSid([objectSid]),"none")'),
    Flow("cloudFiltered", value='IIF([department]="a",True,NULL)'),
    Flow("usageLocation", constant="DE", once=True),
]
DISABLED = st.sets(st.sampled_from(DEFAULT_NAMES), max_size=1)


def chain_of_flows(flows: list[Flow], base: str, disabled: set[str], place: int) -> Chain:
    """Return a chain in which each flow is a rule of its own for each type that has the target."""
    rules = [
        Rule(f"{kind} {number}", kind, place + number, (flow,), ("cn ISNOTNULL", "uid ISNOTNULL"))
        for number, flow in enumerate(flows)
        for kind in ObjectType
        if refused(kind, flow.to) is None
    ]
    compiled = compile_rules(rules, disabled=disabled, base_dn=base)
    assert not compiled.mistakes
    return compiled.chain


def rules_of(base: str, chain: Chain = NO_RULES, anchor: str = AUTO) -> Rules:
    settings = DirectorySettings(url=("ldap://localhost",), base_dn=base)
    return Rules(settings, domains=DOMAINS, chain=chain, reads=reads(chain.reads, anchor))


def decide(rules: Rules, staged: Staged) -> Decision:
    assert staged.type is not None
    attributes = load(staged.attributes)
    entry = StagedEntry(
        staged.anchor, staged.type, staged.dn, staged.dn_key, staged.created, attributes
    )
    return rules.decide(Work(staged.anchor, [entry], None, len(staged.references), None))


def check(rules: Rules, entry: DirectoryEntry) -> bool:
    """Compare both ways; tell whether the one pass had properties to compare."""
    found = rules.one_pass().stage(entry)
    staged = stage(entry, rules.reads)

    assert found._replace(properties=None) == staged
    if found.properties is None:
        return False
    decision = decide(rules, staged)
    assert decision.export is not None
    assert (found.properties, (), ()) == (
        canonical(decision.export.properties),
        decision.warnings,
        decision.excluded,
    )
    return True


@given(ENTRIES, BASES)
@example(
    DirectoryEntry(
        bytes(16), "cn=x", {"objectclass": [b"user"], "samaccountname": [b"m\xc5\xbfol_x"]}
    ),
    "dc=contoso,dc=com",
)
@example(
    DirectoryEntry(
        bytes(16),
        "uid=ann",
        {
            "objectclass": [b"user"],
            "uid": [b"ann"],
            "proxyaddresses": [b"smtp:ann@contoso.com", b"SMTP:Ann@contoso.com"],
        },
    ),
    "dc=contoso,dc=com",
)
def test_one_pass_gives_the_same_as_staging_and_deciding(entry: DirectoryEntry, base: str) -> None:
    check(rules_of(base), entry)


@given(
    ENTRIES,
    BASES,
    st.lists(st.sampled_from(OWN), max_size=4, unique=True),
    DISABLED,
    st.sampled_from([1, 201]),
)
def test_one_pass_follows_the_rules_of_the_users_own(
    entry: DirectoryEntry, base: str, flows: list[Flow], disabled: set[str], place: int
) -> None:
    chain = chain_of_flows(flows, base, disabled, place)

    check(rules_of(base, chain), entry)
    if chain:
        told = loads(dumps(chain.facts))  # noqa: S302 - what the other process gets
        check(rules_of(base, chain_of(told)), entry)


@given(ENTRIES, BASES, st.sampled_from(["employeeID", "objectGUID", "uid", "mail"]))
def test_one_pass_takes_the_source_anchor_of_the_settings(
    entry: DirectoryEntry, base: str, anchor: str
) -> None:
    check(rules_of(base, anchor=anchor), entry)


@pytest.mark.parametrize("flows", [[], OWN[:1], OWN[4:6]])
def test_one_pass_takes_every_entry_that_is_not_unusual(flows: list[Flow]) -> None:
    base = "dc=contoso,dc=com"
    rules = rules_of(base, chain_of_flows(flows, base, set(), 1))
    compared = 0
    for number, record in enumerate(parse("".join(generator.entries(300)))):
        entry = DirectoryEntry(
            number.to_bytes(16, "big"),
            record.dn,
            {name.lower(): values for name, values in record.attributes.items()},
        )
        compared += check(rules, entry)

    assert compared == 300
