"""Prepare the attribute flow of entries that show the same attributes: a Shape.

A Shape does for such an entry what ``Scope`` and ``flow`` do, with everything decided beforehand that the
names of the attributes decide; rules of the user's own come on top. It takes entries that have one text in each attribute, but for those that
flow as a list.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NoReturn

from connector.model import ObjectType
from connector.rules import transforms
from connector.rules.chain import NO_RULES
from connector.rules.flow import flows_of
from connector.rules.scope import glance
from connector.rules.sync_error import FlowFailed
from connector.rules.transforms import Source
from connector.values.addresses import fold
from connector.values.canonical import canonical, write_sorted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connector.rules.chain import Chain
    from connector.rules.flow import Row

    Attributes = Mapping[str, Sequence[str]]
    Compute = Callable[[Attributes, str], Any]

# A uid that is the name of an account as it stands (``accounts``), in a UPN too.
_is_plain_name = re.compile(r"[a-zA-Z0-9](?:[\w.-]{0,62}[a-zA-Z0-9])?", re.ASCII).fullmatch
# Without a value of these ``flow`` has to take a closer look.
_NEEDED = frozenset({"userPrincipalName", "thumbnailPhoto"})
_new = tuple.__new__


class Shape:
    """The flow of the entries of one type that show attributes of these names."""

    def __init__(
        self,
        kind: ObjectType,
        names: Sequence[str],
        *,
        domain: str,
        domains: Sequence[str],
        chain: Chain = NO_RULES,
    ) -> None:
        self._kind = kind
        part = chain.part(kind)
        self._chain = chain if part.links or part.filtering else None
        # What the cloud has decides, and that is not known here.
        self._needs_told = part.has_once
        self._may_be_left_out = glance(kind, names)
        # All properties in their order, those filled in that have the same value everywhere.
        self._empty: dict[str, Any] = {}
        self._computed: list[tuple[str, Compute]] = []
        sources: dict[str, str] = {}
        for row in flows_of(kind, tuple(names), chain.disabled):
            there = [name for name in row.names if name in names]
            if row.transform is transforms.domain_name and not domain:
                continue
            self._empty[row.property] = None
            if row.transform is transforms.text:
                sources[row.property] = there[0]
            elif row.transform is transforms.domain_name:
                self._empty[row.property] = domain
            elif row.transform is transforms.account_enabled and not there:
                self._empty[row.property] = True
            else:
                compute = _prepared(row, there[0] if there else "", domain, domains)
                self._computed.append((row.property, compute))
        self._texts = list(sources)
        self._sources = getter([*sources.values()])
        self._lacks_upn = kind is ObjectType.USER and "userPrincipalName" not in self._empty

    def properties(self, attributes: Attributes, dn: str) -> str | None:
        """Return the canonical text of an object's properties.

        None where a rule may leave the entry out, and where ``flow`` has to take a closer look.
        """
        if self._lacks_upn or self._needs_told or self._may_be_left_out(attributes, dn):
            return None
        texts = [text.strip() for (text,) in self._sources(attributes)]
        if not all(texts):
            return None
        properties = self._empty.copy()
        properties.update(zip(self._texts, texts, strict=True))
        for name, compute in self._computed:
            value = compute(attributes, dn)
            if value is not None:
                properties[name] = value
            elif name in _NEEDED:
                return None
            else:
                del properties[name]
        if self._chain is not None:
            return self._by_rules(self._chain, attributes, dn, properties)
        return write_sorted(properties)

    def _by_rules(
        self, chain: Chain, attributes: Attributes, dn: str, properties: dict[str, Any]
    ) -> str | None:
        """Let the rules of the user's own have their say."""
        kind = self._kind
        try:
            if chain.filtered(kind, attributes, dn, is_text=True) is not None:
                return None
            chain.flowed(kind, attributes, dn, properties, _ask_for_told)
        except (_ToldMatters, FlowFailed):
            return None
        lacks_upn = kind is ObjectType.USER and "userPrincipalName" not in properties
        return None if lacks_upn else canonical(properties)


class _ToldMatters(Exception):
    """What the cloud has decides on a property."""


def _ask_for_told() -> NoReturn:
    raise _ToldMatters


def getter(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    """Return what gets the values of these attributes."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda attributes: [attributes[name] for name in names]


def _prepared(row: Row, first: str, domain: str, domains: Sequence[str]) -> Compute:
    """Return how a property is computed of whose sources ``first`` is the first one that is present."""
    transform, names = row.transform, row.names

    def general(attributes: Attributes, dn: str) -> Any:
        # Past the constructor, which takes as long as many a transform.
        return transform(_new(Source, (attributes, dn, domain, domains)), names)

    shorten = _SHORTER.get(transform)
    return shorten(first, names, domain, general) if shorten else general


def _name(_first: str, _names: Sequence[str], _domain: str, _general: Compute) -> Compute:
    return lambda _, dn: dn


def _texts(first: str, _names: Sequence[str], _domain: str, general: Compute) -> Compute:
    def texts(attributes: Attributes, dn: str) -> Any:
        text = attributes[first][0].strip()
        return [text] if text else general(attributes, dn)

    return texts


def _addresses(first: str, _names: Sequence[str], _domain: str, general: Compute) -> Compute:
    """Take addresses as they are where no two differ by case only."""

    def addresses(attributes: Attributes, dn: str) -> Any:
        texts = [text.strip() for text in attributes[first]]
        keys = {*map(fold, texts)}
        if len(keys) < len(texts) or "" in keys:
            return general(attributes, dn)
        return sorted(texts)

    return addresses


def _extensions(_first: str, _names: Sequence[str], _domain: str, general: Compute) -> Compute:
    """Sort the names, of which ten comes before two."""

    def extensions(attributes: Attributes, dn: str) -> Any:
        found = general(attributes, dn)
        return None if found is None else {name: found[name] for name in sorted(found)}

    return extensions


def _picture(_first: str, _names: Sequence[str], _domain: str, general: Compute) -> Compute:
    def picture(attributes: Attributes, dn: str) -> Any:
        found = general(attributes, dn)
        return found if found and found["bytes"] <= transforms.LARGEST_PICTURE else None

    return picture


def _account(first: str, names: Sequence[str], _domain: str, general: Compute) -> Compute:
    def account(attributes: Attributes, dn: str) -> Any:
        (text,) = attributes[first]
        if first == names[0]:
            return text.strip() or general(attributes, dn)
        return text if _is_plain_name(text) else general(attributes, dn)

    return account


def _upn(first: str, names: Sequence[str], domain: str, general: Compute) -> Compute:
    upn_name, account_name, uid_name, _ = names

    def given(attributes: Attributes, dn: str) -> Any:
        (text,) = attributes[first]
        return text if text.strip() else general(attributes, dn)

    def made(attributes: Attributes, dn: str) -> Any:
        (text,) = attributes[first]
        return f"{text}@{domain}" if _is_plain_name(text) else general(attributes, dn)

    if first == upn_name:
        return given
    return made if domain and first in (account_name, uid_name) else general


_SHORTER: dict[Any, Callable[[str, Sequence[str], str, Compute], Compute]] = {
    transforms.account_name: _account,
    transforms.distinguished_name: _name,
    transforms.extension_attributes: _extensions,
    transforms.picture: _picture,
    transforms.proxy_addresses: _addresses,
    transforms.texts: _texts,
    transforms.user_principal_name: _upn,
}
