"""Any filter over users: trees of the grammar, the text of a tree, and a tenant to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from connector.web.graph.filter.tree import (
    And,
    Compare,
    Elements,
    In,
    Match,
    Moment,
    Not,
    Or,
    Size,
)
from connector.web.graph.properties import EXCHANGE_SKU
from tests.unit.tenant.verbs import World, user

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from connector.tenant.postgresql.server import Server
    from connector.web.graph.filter.tree import Node

# Names that differ in case, accents and signs of SQL; what folds to more letters; what LIKE would expand.
NAMES = (
    "ann",
    "ANN",
    "Änn",
    "änn",
    "Straße",
    "STRASSE",
    "100% _",
    "100%",
    "o'b",
    "%",
    "_",
    "ſ",
    "K",
    "",
)
_TEXTS = {
    "displayName": NAMES,
    "department": NAMES,
    "jobTitle": NAMES,
    "mail": ("u1@contoso.com", "U2@CONTOSO.COM", "none"),
    "userPrincipalName": ("u1@contoso.com", "U2@Contoso.com", "none", ""),
    "usageLocation": ("DE", "de", "US"),
    "employeeType": ("x",),
    "userType": ("member", "Guest"),
    "onPremisesExtensionAttributes/extensionAttribute1": NAMES,
    "onPremisesUserPrincipalName": ("u1@contoso.com", "U2@Contoso.com"),
}
_FLAGS = ("accountEnabled", "onPremisesSyncEnabled", "showInAddressList")
_MOMENTS = {
    "createdDateTime": ("2026-11-23T08:01:00", "2026-11-23T08:01:00.500000", "2026-11-23T08:02:00"),
    "onPremisesLastSyncDateTime": ("2026-11-23T08:01:00", "2020-01-01T00:00:00"),
    "employeeHireDate": ("2020-01-01T00:00:00",),
}
_ELEMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "proxyAddresses": {"": ("smtp:shared@contoso.com", "SMTP:u1@contoso.com", "x", "")},
    "businessPhones": {"": ("+49 1", "+49 2", "")},
    "otherMails": {"": ("x",)},
    "onPremisesProvisioningErrors": {
        "category": ("PropertyConflict", "x"),
        "propertyCausingError": ("UserPrincipalName", "ProxyAddresses", "x"),
        "value": ("smtp:shared@contoso.com", "U1@contoso.com", "x"),
    },
    "assignedLicenses": {"skuId": (EXCHANGE_SKU, "x")},
}
_OPERATORS = st.sampled_from(("eq", "ne", "gt", "ge", "lt", "le"))
_EQUALS = st.sampled_from(("eq", "ne"))
_FUNCTIONS = st.sampled_from(("startswith", "endswith", "contains"))


def make_tenant(place: Path | Server) -> World:
    """Make a tenant whose users have every kind of value, and none."""
    world = World(place, known_issues=())
    world.export(
        *(
            user(
                f"u{number}",
                None,
                *["smtp:shared@contoso.com"][: number % 3],
                **_given(number),
            )
            for number in range(28)
        )
    )
    world.export(user("v1", "u1@contoso.com", "SMTP:u2@contoso.com", displayName="v1"))
    world.tenant.administrator.license("u4@contoso.com", assign=True)
    properties = {"displayName": "Cloud", "userPrincipalName": "cloud@contoso.com"}
    world.tenant.administrator.add("user", properties)
    return world


def _given(number: int) -> dict[str, Any]:
    found: dict[str, Any] = {"displayName": NAMES[number % len(NAMES)] or "none"}
    if number % 2:
        found["department"] = NAMES[(number // 2) % len(NAMES)]
        found["accountEnabled"] = number % 4 == 1
    if number % 3 == 0:
        found["mail"] = f"u{number}@contoso.com"
        found["businessPhones"] = ["+49 1", "+49 2"][: 1 + number % 2]
    if number % 5 == 0:
        found["onPremisesExtensionAttributes"] = {"extensionAttribute1": NAMES[number % 7]}
        found["usageLocation"] = "DE"
    return {name: value for name, value in found.items() if value != ""}


def _about(path: tuple[str, ...], values: Sequence[str]) -> st.SearchStrategy[Node]:
    some = st.sampled_from(values)
    return st.one_of(
        st.builds(Compare, st.just(path), _OPERATORS, some),
        st.builds(Compare, st.just(path), _EQUALS, st.none()),
        st.builds(In, st.just(path), st.lists(some, min_size=1, max_size=3).map(tuple)),
        st.builds(Match, _FUNCTIONS, st.just(path), some),
    )


def _joined(leaves: st.SearchStrategy[Node], size: int) -> st.SearchStrategy[Node]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
            st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        ),
        max_leaves=size,
    )


def _within(fields: dict[str, tuple[str, ...]]) -> st.SearchStrategy[Node]:
    leaves = [_about((name,) if name else (), values) for name, values in fields.items()]
    return _joined(st.one_of(leaves), 3)


def _leaves() -> st.SearchStrategy[Node]:
    found: list[st.SearchStrategy[Any]] = [
        _about(tuple(path.split("/")), values) for path, values in _TEXTS.items()
    ]
    for name in _FLAGS:
        value = st.one_of(st.booleans(), st.none())
        found.append(st.builds(Compare, st.just((name,)), _EQUALS, value))
    for name, moments in _MOMENTS.items():
        moment = st.builds(Moment, st.sampled_from(moments))
        found.append(st.builds(Compare, st.just((name,)), _OPERATORS, moment))
    for name, fields in _ELEMENTS.items():
        found.append(st.builds(Size, st.just((name,)), st.booleans()))
        found.append(st.builds(Elements, st.just((name,)), _within(fields)))
    return st.one_of(found)


TREES = _joined(_leaves(), 6)


def printed(node: Node, spelled: Callable[[str], str] = str, at: str = "") -> str:
    """Write a tree as a filter; ``spelled`` chooses the case of each word, ``at`` is the variable of ``any``."""
    match node:
        case And(conditions) | Or(conditions):
            word = spelled("and" if isinstance(node, And) else "or")
            return f" {word} ".join(f"({printed(each, spelled, at)})" for each in conditions)
        case Not(condition):
            return f"{spelled('not')} ({printed(condition, spelled, at)})"
        case Elements(path, condition):
            return f"{'/'.join(path)}/{spelled('any')}(x:{printed(condition, spelled, 'x')})"
        case Size(path, empty):
            return f"{'/'.join(path)}/$count {spelled('eq' if empty else 'ne')} 0"
        case _:
            return _printed(node, "/".join([*filter(None, [at]), *node.path]), spelled)


def _printed(node: Compare | In | Match, path: str, spelled: Callable[[str], str]) -> str:
    match node:
        case Compare(_, operator, value):
            return f"{path} {spelled(operator)} {_literal(value)}"
        case In(_, values):
            return f"{path} {spelled('in')} ({', '.join(map(_literal, values))})"
        case Match(function, _, text):
            return f"{spelled(function)}({path},{_literal(text)})"


def _literal(value: Any) -> str:
    match value:
        case Moment(text):
            return f"{text}Z"
        case bool():
            return str(value).lower()
        case None:
            return "null"
        case _:
            return f"'{str(value).replace(chr(39), chr(39) * 2)}'"
