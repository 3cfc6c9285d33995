"""Say which objects of the tenant are wanted, and in which order, without a word of a database.

A server of lists (Graph) writes what is asked for as a ``Selection``; a store finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

# --- values of an object ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """A field of ``TenantObject`` by its name; ``second`` cuts a moment to the second."""

    name: str
    second: bool = False


@dataclass(frozen=True, slots=True)
class Shadow:
    """A property of the shadow, or one of a complex property: a text, or a flag as 0 or 1."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class First:
    """The first of these that the object has."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Anchored:
    """A value of an object with a source anchor; others do not have it."""

    value: Value


@dataclass(frozen=True, slots=True)
class Constant:
    """A text that all have; None for what nothing has."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a list of texts, or a field of one: of a provisioning error."""

    name: str = ""
    second: bool = False


Value = Column | Shadow | First | Anchored | Constant | Element
NOTHING = Constant(None)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts in a property of the shadow, or in ``proxies``."""

    name: str


Elements = Texts | Literal["errors", "licence", "none"]
"""The elements of a collection; ``licence`` is one of each licensed user, without fields of its own."""

# --- conditions -------------------------------------------------------------------------------

Sign = Literal["gt", "ge", "lt", "le"]
How = Literal["startswith", "endswith", "contains", "words"]


@dataclass(frozen=True, slots=True)
class Equal:
    """Whether a value is this one; with None, whether the object does not have it.

    ``folded`` compares as addresses are compared; ``other`` is folded then.
    """

    value: Value
    other: str | int | None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Ordered:
    """Whether a value stands before or after this one; what an object does not have stands nowhere."""

    value: Value
    sign: Sign
    other: str | int
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a value has a folded text in it; ``words`` asks for words that begin with its words."""

    value: Value
    how: How
    text: str


@dataclass(frozen=True, slots=True)
class Has:
    """Whether a collection has an element, or one that meets a condition."""

    elements: Elements
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


@dataclass(frozen=True, slots=True)
class All:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    conditions: tuple[Condition, ...]


Condition = Equal | Ordered | Match | Has | Not | All | Either
"""True or false for each object: what it does not have equals nothing, and differs from everything."""

# --- selections -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Live:
    """The objects that are there, of a type or of all."""

    type: str | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """The soft-deleted objects of a type, or of all."""

    type: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """The groups that an object is a member of (``up``), or the members of a group.

    The order is that in which the objects came. With ``type`` only those of one.
    """

    number: int
    up: bool
    transitive: bool
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Led:
    """The manager of an object (``up``), or the users and contacts whose manager it is.

    The groups that it manages are not among these. With ``type`` only those of one.
    """

    number: int
    up: bool
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Nobody:
    """No object at all."""


Among = Live | Deleted | Linked | Led | Nobody
Order = Literal["display_name", "upn", "created"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Objects among some, those alone that meet a condition.

    ``upn`` is the UPN that each of them holds, where that is known: a store may look it up. ``order``
    is by folded texts, each with whether it falls; the number of the object comes last. Where it is
    empty, the order is that of ``among``: by name, or of the memberships.
    """

    among: Among
    condition: Condition | None = None
    upn: str | None = None
    order: tuple[tuple[Order, bool], ...] = ()


Keys = tuple[str | int, ...]
"""Where an object stands in an order: the values that it is ordered by, then its number."""


class Page(NamedTuple):
    """Numbers of objects, and the keys of the last one where there are more after it."""

    numbers: list[int]
    last: Keys | None
