"""Check the Graph properties that an administrator gives to an object."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from connector.errors import TenantRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

IMMUTABLE_ID = "onPremisesImmutableId"
EXTENSIONS = "onPremisesExtensionAttributes"
_LISTS = frozenset({"businessPhones", "otherMails", "proxyAddresses"})
_EXTENSION = re.compile(r"extensionAttribute([1-9]|1[0-5])")
_FLAGS = frozenset({"accountEnabled", "mailEnabled", "securityEnabled"})
_RECIPIENT = frozenset({"displayName", "mail", "mailNickname", "proxyAddresses"})
_PERSON = frozenset(
    {
        "businessPhones",
        "city",
        "companyName",
        "country",
        "department",
        "givenName",
        "jobTitle",
        "mobilePhone",
        "officeLocation",
        "postalCode",
        "state",
        "streetAddress",
        "surname",
        "targetAddress",
    }
)
# A source anchor can be given to users only (docs/sources.md 5.4).
SETTABLE: Mapping[str, frozenset[str]] = {
    "user": _RECIPIENT
    | _PERSON
    | {
        "accountEnabled",
        "description",
        "employeeId",
        "employeeType",
        "faxNumber",
        EXTENSIONS,
        IMMUTABLE_ID,
        "otherMails",
        "preferredLanguage",
        "usageLocation",
        "userPrincipalName",
        "userType",
    },
    "group": _RECIPIENT | {"description", "mailEnabled", "securityEnabled"},
    "contact": _RECIPIENT | _PERSON,
}


def typed(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties with the types that Graph has, after a check.

    ``kind`` is the type of the object. Values are texts or lists of texts, extension attributes texts by
    name; an empty text or list stands for no value and stays as it is. Raises TenantRefused for a property that the type does
    not have, with the nearest name, and for a value that the property cannot hold.
    """
    return {_known(kind, name): _value(name, value) for name, value in given.items()}


def merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties with those that are given; extension attributes that are not named stay."""
    after = {**before, **given}
    if given.get(EXTENSIONS):
        some = {**before.get(EXTENSIONS, {}), **given[EXTENSIONS]}
        after[EXTENSIONS] = {name: text for name, text in some.items() if text}
    return after


def _known(kind: str, name: str) -> str:
    settable = sorted(SETTABLE[kind])
    if name in settable:
        return name
    folded = {known.lower(): known for known in settable}
    nearest = get_close_matches(name.lower(), folded, n=1)
    hint = (
        f"Did you mean {folded[nearest[0]]}?" if nearest else f"There are: {', '.join(settable)}."
    )
    raise TenantRefused(f"A {kind} has no property {name!r} that can be set. {hint}")


def _value(name: str, value: Any) -> Any:
    if name == EXTENSIONS:
        return _extensions(value)
    values = list(value) if isinstance(value, list | tuple) else [value]
    for text in values:
        _check_text(name, text)
    if name in _LISTS:
        return [text for text in values if text != ""]
    if len(values) != 1:
        raise TenantRefused(f"{name} takes one value, and {len(values)} were given.")
    [one] = values
    return _flag(name, one) if name in _FLAGS and one != "" and not isinstance(one, bool) else one


def _extensions(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(map(_EXTENSION.fullmatch, value)):
        raise TenantRefused(f"{EXTENSIONS} takes extensionAttribute1 to 15, each with a text.")
    for name, text in value.items():
        _check_text(name, text)
    return dict(value)


def _check_text(name: str, text: Any) -> None:
    """Raise TenantRefused for what is not text, or holds NUL or bytes that are not UTF-8."""
    if isinstance(text, bool) and name in _FLAGS:
        return
    if not isinstance(text, str):
        raise TenantRefused(f"{name} takes a text, not {text!r}.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise TenantRefused(f"The value of {name} is no UTF-8 text: {text!r}.") from error
    if "\0" in text:
        raise TenantRefused(f"The value of {name} has a NUL character: {text!r}.")


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise TenantRefused(f"{name} is true or false, not {text!r}.")
    return text.lower() == "true"
