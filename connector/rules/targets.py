"""The targets that a rule of the user's own may have, and how a value is made what a target holds.

Targets are the properties that ``connector show`` has of an object, known by their names in Graph and by
those that the metaverse and Active Directory give them; a directory extension; and ``cloudFiltered``.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from connector.model import ObjectType
from connector.rules import transforms
from connector.rules.default_flows import FLOWS
from connector.rules.language.values import ExpressionFailed, listed, text, truth
from connector.values.addresses import ProxyAddress, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connector.rules.language.values import Value

EXTENSION_ATTRIBUTES = "onPremisesExtensionAttributes"
"""The property that has extensionAttribute1 to 15 inside."""

EXTENSION = "extension_"
"""How the name of a directory extension begins."""

MOST_EXTENSIONS = 100
"""Directory extensions that the objects of a type may have."""

LONGEST_EXTENSION = 250
"""Characters of a value of a directory extension."""

_NEAR = 0.6
_EXTENSION_NAME = re.compile(r"extension_[A-Za-z][A-Za-z0-9_]{0,119}", re.ASCII)


class Holds(Enum):
    """What a target holds."""

    TEXT = "one text"
    FLAG = "true or false"
    TEXTS = "a list"


class Target(NamedTuple):
    """A target; with ``inside`` it is a part of ``onPremisesExtensionAttributes``.

    ``longest`` are the characters that a text may have, None where that is for the tenant to say.
    """

    name: str
    holds: Holds = Holds.TEXT
    inside: bool = False
    longest: int | None = None


CLOUD_FILTERED = Target("cloudFiltered", Holds.FLAG)
"""The target that takes an object out of the sync."""

_PROXIES = "proxyAddresses"
MERGED = (_PROXIES, "businessPhones")
"""The targets whose values may come from several rules."""

_OTHER_NAMES = {
    "company": "companyName",
    "employeeID": "employeeId",
    "facsimileTelephoneNumber": "faxNumber",
    "l": "city",
    "mobile": "mobilePhone",
    "physicalDeliveryOfficeName": "officeLocation",
    "sn": "surname",
    "st": "state",
    "telephoneNumber": "businessPhones",
    "title": "jobTitle",
}
_FLAGS = frozenset(("accountEnabled", "mailEnabled", "securityEnabled"))
_LISTS = frozenset((*MERGED, "otherMails"))
# What a user has that no default rule flows to.
_MORE = {ObjectType.USER: ("otherMails", "userType"), ObjectType.GROUP: (), ObjectType.CONTACT: ()}
# References and pictures are made in a way of their own.
_NOT_SET = frozenset(("manager", "managedBy", "thumbnailPhoto"))
_ANCHORS = frozenset(
    ("sourceanchor", "immutableid", "ms-ds-consistencyguid", "objectguid", "sourceanchorbinary")
)
_OF_THE_TENANT = frozenset(("id", "objectType"))


def _targets(kind: ObjectType) -> dict[str, Target]:
    """Return the targets of a type by each of their names."""
    names = [row.property for row in FLOWS[kind] if not row.property.startswith("onPremises")]
    found = {CLOUD_FILTERED.name: CLOUD_FILTERED}
    for name in sorted({*names, *_MORE[kind]} - _NOT_SET):
        holds = Holds.FLAG if name in _FLAGS else Holds.TEXTS if name in _LISTS else Holds.TEXT
        found[name] = Target(name, holds)
    found |= {other: found[name] for other, name in _OTHER_NAMES.items() if name in found}
    if any(row.transform is transforms.extension_attributes for row in FLOWS[kind]):
        for number in range(1, 16):
            name = f"extensionAttribute{number}"
            found[name] = Target(name, inside=True)
    return found


TARGETS = {kind: _targets(kind) for kind in ObjectType}
"""The targets of each type by their names, but for directory extensions."""


def target(kind: ObjectType, written: str) -> Target:
    """Return the target of this name.

    Raises ValueError, with a sentence, for what no rule can set; it names the nearest target.
    """
    if found := TARGETS[kind].get(written):
        return found
    if written.startswith(EXTENSION):
        if _EXTENSION_NAME.fullmatch(written):
            return Target(written, longest=LONGEST_EXTENSION)
        raise ValueError(
            f"{written} is not the name of a directory extension: behind {EXTENSION} stands a letter, "
            "then letters, digits and _"
        )
    if written in _NOT_SET:
        raise ValueError(f"{written} comes from its default rule alone, and no other flows to it")
    if written in _OF_THE_TENANT:
        raise ValueError(f"{written} is for the tenant to set, and no rule flows to it")
    if written.lower() in _ANCHORS:
        raise ValueError(
            f"{written} is the source anchor, which no rule sets: see sync.source_anchor"
        )
    if written.startswith("onPremises"):
        raise ValueError(f"{written} says where an object comes from, and no rule flows to it")
    raise ValueError(f"a {kind} has no {written}{_hint(written, TARGETS[kind])}")


def refused(kind: ObjectType, written: str) -> str | None:
    """Say why nothing can flow to a target, None where it can."""
    try:
        target(kind, written)
    except ValueError as error:
        return str(error)
    return None


def made(wanted: Target, value: Value) -> str | bool | list[str] | None:
    """Make a value what the target holds; None for no value, as an empty text is none.

    Raises ExpressionFailed where it cannot be made that.
    """
    values = listed(value)
    if wanted.holds is Holds.TEXTS:
        return as_list(wanted, map(_plain, values))
    if not values:
        return None
    if len(values) > 1:
        raise ExpressionFailed(f"{len(values)} values for {wanted.name}, which holds one")
    (one,) = values
    if wanted.holds is Holds.FLAG:
        return None if one == "" else truth(one)
    written = _plain(one)
    if wanted.longest is not None and len(written) > wanted.longest:
        raise ExpressionFailed(
            f"{len(written)} characters for {wanted.name}, which holds {wanted.longest}"
        )
    return written if written.strip() else None


def as_list(wanted: Target, values: Iterable[str]) -> list[str] | None:
    """Return the values of a list, each once; addresses in the form that the default rule gives them."""
    if wanted.name == _PROXIES:
        return merged([value.strip() for value in values], fold_case=True)
    return merged(values, fold_case=False)


def merged(values: Iterable[str], *, fold_case: bool) -> list[str] | None:
    """Put values together in order, each once, without empty ones; None for none.

    With ``fold_case`` one of those that differ by case only is kept: the one marked primary, else the
    first.
    """
    kept: dict[str, str] = {}
    for value in values:
        if not value.strip():
            continue
        key = fold(value) if fold_case else value
        before = kept.get(key)
        if before is None or (
            ProxyAddress.parse(value).is_primary and not ProxyAddress.parse(before).is_primary
        ):
            kept[key] = value
    return sorted(kept.values()) or None


def _plain(value: object) -> str:
    """Return a single value as text of the very type: a DN is a text, too."""
    written = text(value)  # type: ignore[arg-type]
    return written if type(written) is str else str(written)


def _hint(written: str, known: Sequence[str] | Iterable[str]) -> str:
    lower = {name.lower(): name for name in known}
    if written.lower() in lower:
        return f"; did you mean {lower[written.lower()]}?"
    near = get_close_matches(written.lower(), [*lower], n=1, cutoff=_NEAR)
    if near:
        return f"; did you mean {lower[near[0]]}?"
    shown = ", ".join(sorted(lower.values()))
    return f"; there are {shown}, and {EXTENSION}NAME"
