"""Compute the object that the cloud should have of a staged entry: attribute flow.

A flow is a row of a table, so that a value can be traced back to its rule. The rules, and their names,
are those of Azure AD Connect's default configuration (build 1.1.130.0), read for plain LDAP: ``uid``
stands in for sAMAccountName, the domain of the base DN for that of the forest.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain as chained
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.model import CloudObject, ObjectType
from connector.rules import transforms
from connector.rules.default_flows import FLOWS, PICTURE
from connector.rules.sync_error import FlowError, FlowFailed
from connector.rules.transforms import Source, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from connector.model import StagedEntry
    from connector.rules.chain import Chain, Told

    Value = str | bool | list[str] | dict[str, str] | dict[str, str | int]

_NONE: frozenset[str] = frozenset()
ACCOUNT_NAME_MISSING = "AccountName is not present"
_NO_NAME = "no userPrincipalName, and no sAMAccountName or uid to make one of; set one of them"
TOO_LARGE = "ExceededAllowedLength"
NOT_UTF8 = "Value is not UTF-8"


_NAMES_AND_ADDRESSES = frozenset(
    (
        "userPrincipalName",
        "sAMAccountName",
        "uid",
        "mail",
        "mailNickname",
        "proxyAddresses",
        "targetAddress",
    )
)


class FlowWarning(NamedTuple):
    """A value that was left out; the object flows without it."""

    attribute: str
    value: str
    message: str


class Flowed(NamedTuple):
    """The object as the cloud should have it, and the values that were left out."""

    object: CloudObject
    warnings: tuple[FlowWarning, ...] = ()


def _nothing_told() -> None:
    return None


def flow(
    entry: StagedEntry,
    domain: str,
    domains: Sequence[str] = (),
    chain: Chain | None = None,
    told: Told = _nothing_told,
) -> Flowed | FlowError:
    """Compute the cloud object of an entry that is in scope.

    ``domain`` is that of the base DN, for users without a UPN; ``domains`` are the verified ones, for
    a base DN without a domain. ``chain`` has the rules of the user's own, which may ask what the cloud was
    ``told``. A value that is not UTF-8 is left out with a warning. In a name or an address it is an error: an object must not flow under half a name.
    """
    attributes = entry.attributes
    warnings: tuple[FlowWarning, ...] = ()
    is_text = _is_utf8(chained.from_iterable(attributes.values()))
    if not is_text:
        unreadable = _unreadable(entry)
        for warning in unreadable:
            if warning.attribute in _NAMES_AND_ADDRESSES:
                return FlowError(NOT_UTF8, *warning)
        attributes = {
            name: kept
            for name, values in attributes.items()
            if (kept := [*filter(_is_text, values)])
        }
        warnings = tuple(unreadable)
    source = Source(attributes, entry.dn, domain, domains)
    disabled = chain.disabled if chain else _NONE
    properties = by_default(entry.type, source, disabled)
    if too_large := _too_large(properties):
        return too_large
    if chain:
        try:
            chain.flowed(entry.type, entry.attributes, entry.dn, properties, told, is_text=is_text)
        except FlowFailed as failed:
            return failed.error
    if entry.type is ObjectType.USER and "userPrincipalName" not in properties:
        return FlowError(ACCOUNT_NAME_MISSING, "userPrincipalName", None, _NO_NAME)
    return Flowed(CloudObject(entry.anchor, entry.type, properties), warnings)


def _too_large(properties: Mapping[str, Any]) -> FlowError | None:
    size = properties.get(PICTURE, {}).get("bytes", 0)
    if size <= transforms.LARGEST_PICTURE:
        return None
    limit = transforms.LARGEST_PICTURE
    message = f"thumbnailPhoto has {size:,} bytes, more than {limit:,}; put a smaller picture there"
    return FlowError(TOO_LARGE, PICTURE, None, message)


def by_default(
    kind: ObjectType, source: Source, disabled: frozenset[str] = _NONE
) -> dict[str, Value]:
    """Compute what the default rules give, but for those that are disabled."""
    attributes = source.attributes
    properties: dict[str, Value] = {}
    for name, lone, names, transform in flows_of(kind, tuple(attributes), disabled):
        # Most properties are the text of one attribute: no call for those.
        value = (lone and attributes[lone][0].strip()) or transform(source, names)
        if value is not None:
            properties[name] = value
    return properties


class Row(NamedTuple):
    """A flow for entries with certain attributes; ``lone`` is the only source of a plain text."""

    property: str
    lone: str | None
    names: tuple[str, ...]
    transform: Callable[[Source, tuple[str, ...]], Value | None]


@lru_cache(maxsize=4096)
def flows_of(
    kind: ObjectType, present: tuple[str, ...], disabled: frozenset[str] = _NONE
) -> tuple[Row, ...]:
    """Return the flows that can have a value where these attributes are present, by property.

    Those of ``disabled`` rules are left out. Cached, because the entries of a directory have few combinations of attributes, and each lacks many
    of the attributes that flow.
    """
    rows = []
    for row in sorted(FLOWS[kind], key=lambda row: row.property):
        there = [name for name in row.names if name in present]
        if row.rule not in disabled and (there or row.always):
            lone = there[0] if row.transform is text and len(there) == 1 else None
            rows.append(Row(row.property, lone, row.names, row.transform))
    return tuple(rows)


def _is_utf8(values: Iterable[str]) -> bool:
    joined = "".join(values)
    return joined.isascii() or _is_text(joined)


def _is_text(value: str) -> bool:
    """Tell whether a value holds no lone surrogate, the mark of bytes that are not UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unreadable(entry: StagedEntry) -> list[FlowWarning]:
    """Return a warning for each value that is not UTF-8 in the attributes of default rules."""
    spelled = {
        name: source
        for row in FLOWS[entry.type]
        for name, source in zip(row.names, row.sources, strict=True)
    }
    found = []
    for name, source in spelled.items():
        for value in entry.attributes.get(name, ()):
            if not _is_text(value):
                shown = value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
                message = f"{source} holds a value that is not UTF-8; correct it in the directory"
                found.append(FlowWarning(source, shown, message))
    return found
