"""Give exported rules precedences that rules of the user's own may have.

In an export the default rules have the numbers from 100 on, and so have rules that were made without a
number of their own. Here 100 to 200 belong to the default rules. A rule keeps its number where it can;
else it gets the nearest one that keeps the order: before the default rules, or behind them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.rules.rule import DEFAULTS, FIRST, LAST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connector.model import ObjectType

_BEFORE = range(FIRST, DEFAULTS.start)
_BEHIND = range(DEFAULTS.stop, LAST + 1)


class Wished(NamedTuple):
    """A rule of a type with its number in the export; ``before`` says on which side it stands."""

    name: str
    kind: ObjectType
    precedence: int
    before: bool


def numbered(rules: Iterable[Wished]) -> dict[str, int]:
    """Return the precedences by name; a rule for which no number is free has none.

    Rules of a type get different numbers, in the order of those that they had.
    """
    ordered = sorted(rules, key=lambda rule: (rule.precedence, rule.name))
    found: dict[str, int] = {}
    for kind in dict.fromkeys(rule.kind for rule in ordered):
        before = [rule for rule in ordered if rule.kind is kind and rule.before]
        behind = [rule for rule in ordered if rule.kind is kind and not rule.before]
        behind = before[len(_BEFORE) :] + behind
        found |= _upwards(before[: len(_BEFORE)], _BEFORE)
        found |= _upwards(behind[: len(_BEHIND)], _BEHIND)
    return found


def _upwards(rules: Sequence[Wished], places: range) -> dict[str, int]:
    """Give each rule its own number where it is free, and leave room for those behind it."""
    found: dict[str, int] = {}
    lowest = places.start
    for position, rule in enumerate(rules):
        highest = places.stop - (len(rules) - position)
        found[rule.name] = min(max(rule.precedence, lowest), highest)
        lowest = found[rule.name] + 1
    return found
