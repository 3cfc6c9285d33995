"""A synchronization rule as a value: for whom it holds, when it is asked, and what flows."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from connector.model import ObjectType

    Constant = str | bool | int | tuple[str, ...]

FIRST, LAST = 1, 999
"""The precedences that a rule of the user may have, without those of the default rules."""

DEFAULTS = range(100, 201)
"""The precedences that belong to the default rules."""


class Merge(StrEnum):
    """What becomes of the values of several rules: one rule wins, or they are put together."""

    UPDATE = "Update"
    MERGE = "Merge"
    MERGE_CASE_INSENSITIVE = "MergeCaseInsensitive"


class Flow(NamedTuple):
    """One attribute flow; exactly one of ``source``, ``value`` and ``constant`` is not None.

    ``to`` is the target as it is written, ``source`` an attribute of the directory, ``value`` an
    expression. With ``once`` it applies when an object is made, and never after.
    """

    to: str
    source: str | None = None
    value: str | None = None
    constant: Constant | None = None
    once: bool = False
    merge: Merge = Merge.UPDATE


class Rule(NamedTuple):
    """A rule for the objects of one type; ``kind`` is its ``from``.

    The rule with the lowest ``precedence`` is asked first. ``scope`` are filters as they are written, of
    which an object must meet one; without any, the rule holds for all. ``default`` marks the rules that
    the program brings.
    """

    name: str
    kind: ObjectType
    precedence: int
    flows: tuple[Flow, ...] = ()
    scope: tuple[str, ...] = ()
    description: str = ""
    disabled: bool = False
    default: bool = False
