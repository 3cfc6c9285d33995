"""Whatever rules say of whatever an entry has, the order of a file decides nothing and nothing breaks."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.model import CloudObject, ObjectType, StagedEntry
from connector.rules.compilation import compile_rules
from connector.rules.flow import Flowed, flow
from connector.rules.rule import Flow, Merge, Rule
from connector.rules.sync_error import FlowError
from connector.values.canonical import canonical
from tests.properties.test_expressions import EXPRESSIONS, TEXTS

USER = ObjectType.USER
TARGETS = ["givenName", "accountEnabled", "extensionAttribute3", "extension_badge", "otherMails"]
SAID = st.one_of(
    EXPRESSIONS,
    st.sampled_from(["NULL", "AuthoritativeNull", "IgnoreThisFlow", 'Error("x")', "[cn]", "True"]),
)
FLOWS = st.builds(
    lambda to, text, once: Flow(to, value=text, once=once),
    st.sampled_from(TARGETS),
    SAID,
    st.booleans(),
)
ADDRESSES = st.builds(
    lambda text: Flow("proxyAddresses", value=text, merge=Merge.MERGE_CASE_INSENSITIVE), SAID
)
RULES = st.lists(
    st.builds(
        lambda place, one, scope: Rule(str(place), USER, place, (one,), scope),
        st.sampled_from([*range(1, 9), *range(201, 209)]),
        st.one_of(FLOWS, ADDRESSES),
        st.sampled_from([(), ("cn ISNOTNULL",), ("title EQUAL m", "cn EQUAL 1")]),
    ),
    max_size=5,
    unique_by=lambda rule: rule.name,
)
ENTRIES = st.dictionaries(
    st.sampled_from(["cn", "title", "proxyaddresses", "givenname", "extensionattribute3"]),
    # A byte that is not UTF-8 stands in what is staged as a surrogate of its own.
    st.lists(TEXTS.map(lambda text: text.replace("\ud800", "\udcff")), min_size=1, max_size=3),
)
TOLD = st.one_of(st.none(), st.just({"givenName": "Old", "otherMails": ["o"]}))


@given(RULES, ENTRIES, TOLD, st.randoms())
def test_the_order_of_rules_decides_nothing_and_what_fails_is_a_sync_error(
    rules: list[Rule], attributes: dict[str, list[str]], told: Any, chance: Any
) -> None:
    usable = [rule for rule in rules if not compile_rules([rule]).mistakes]
    mixed = chance.sample(usable, len(usable))
    entry = StagedEntry("a", USER, "cn=a", "cn=a", "", {"samaccountname": ["a"], **attributes})

    found = [
        flow(entry, "x.com", (), compile_rules(each).chain, lambda: told)
        for each in (usable, mixed)
    ]

    assert found[0] == found[1]
    assert isinstance(found[0], Flowed | FlowError)
    if isinstance(found[0], Flowed):
        assert written(found[0].object)


def written(item: CloudObject) -> str:
    """Write an object as an export does, which takes nothing but JSON's values."""
    return canonical(item.properties)
