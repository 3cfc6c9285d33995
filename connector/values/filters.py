"""Scoping filters of the operator's own: clauses on attributes, as the rules editor has them.

``department EQUAL Sales AND title NOTSTARTSWITH Temp``: all clauses of a text must hold; of several
texts one must. The operators are those of declarative provisioning; comparisons ignore case. A value
in double quotes is taken as it stands, with an ``AND`` in it too; a quote inside is written twice.
"""

from __future__ import annotations

import operator as compare_by
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.values.addresses import fold
from connector.values.withheld import is_withheld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*(?:;binary)?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(?:[.][0-9]{1,300})?", re.ASCII)
_MEMBER_OF = ("ISMEMBEROF", "ISNOTMEMBEROF")
_CLAUSE = re.compile(r"(\S+)\s+([A-Z_]+)(?:\s+(.*\S))?", re.DOTALL)
_QUOTED = r'"(?:[^"]|"")*"'
# What begins with a quote and is not one quoted value is a value with quotes in it.
_PART = re.compile(rf"(\S+\s+[A-Z_]+\s+{_QUOTED}|.*?)(?:(\s+AND\s+)|\Z)", re.DOTALL)
_NEEDS_QUOTES = re.compile(rf"\s+AND\s|{_QUOTED}\Z", re.DOTALL)


DNS = ("dn", "distinguishedname")
"""The names in lower case, under which rules and filters find the DN of an entry."""


class Clause(NamedTuple):
    """One condition; ``attribute`` in lower case, ``negated`` turns what ``operator`` says round."""

    attribute: str
    operator: str
    negated: bool
    value: str


class Misread(ValueError):
    """A filter cannot be read; ``length`` characters from ``at`` on, counted from 0, are wrong."""

    def __init__(self, at: int, length: int, sentence: str) -> None:
        super().__init__(sentence)
        self.at = at
        self.length = length


def parse(text: str) -> tuple[Clause, ...]:
    """Read the clauses of one filter; raises Misread with a sentence that names what is wrong."""
    return tuple(_clauses(text))


def written(value: str) -> str:
    """Return a value as it stands in a filter, in quotes where it needs them."""
    if _NEEDS_QUOTES.search(value):
        return '"' + value.replace('"', '""') + '"'
    return value


def _clauses(text: str) -> Iterator[Clause]:
    at, end = len(text) - len(text.lstrip()), len(text.rstrip())
    more: str | None = " AND "
    while more is not None:
        found = _PART.match(text, at, max(at, end))
        if found is None:  # the second half of the pattern takes whatever there is
            return
        yield _parse(found[1], at)
        at, more = found.end(), found[2]


def _parse(text: str, at: int) -> Clause:
    match = _CLAUSE.fullmatch(text)
    if match is None:
        raise Misread(at, len(text), f"{text!r} is not a clause such as `department EQUAL Sales`")

    def misread(group: int, sentence: str) -> Misread:
        # What is missing is missing at the end of its clause.
        start = match.start(group) if match[group] else len(text)
        return Misread(at + start, len(match[group] or " "), sentence)

    attribute, operator, value = match[1], match[2], _unquoted(match[3] or "")
    name = _POSITIVE.get(operator, operator)
    if operator in _MEMBER_OF:
        raise misread(
            2,
            f"{operator} is not an operator here: put the members into a unit of their own, or into the pilot group",
        )
    if name not in _OPERATORS:
        known = ", ".join([*_OPERATORS, *_POSITIVE])
        raise misread(2, f"{operator!r} is not an operator; there are {known}")
    if not _NAME.fullmatch(attribute):
        raise misread(1, f"{attribute!r} is not the name of an attribute")
    if is_withheld(attribute):
        raise misread(1, f"{attribute} holds a secret, so no filter can ask for it")
    if bool(value) is (name == "ISNULL"):
        raise misread(3, f"{operator} takes {'no' if name == 'ISNULL' else 'a'} value: {text!r}")
    if name == "ISBITSET" and not value.isdigit():
        raise misread(3, f"{operator} takes a whole number, not {value!r}")
    return Clause(attribute.partition(";")[0].lower(), name, operator in _POSITIVE, value)


def _unquoted(value: str) -> str:
    if re.fullmatch(_QUOTED, value, re.DOTALL):
        return value[1:-1].replace('""', '"')
    return value


def holds(clause: Clause, attributes: Mapping[str, Sequence[str]], dn: str) -> bool:
    """Tell whether an entry meets a clause; of several values one must, for a negation none."""
    given = (dn,) if clause.attribute in DNS else attributes.get(clause.attribute, ())
    values = [value.strip() for value in given]
    values = [value for value in values if value]
    if clause.operator == "ISNULL":
        return bool(values) is clause.negated
    met = _OPERATORS[clause.operator]
    return any(met(value, clause.value) for value in values) is not clause.negated


def _is_bit_set(value: str, mask: str) -> bool:
    try:
        return bool(int(value) & int(mask))
    except ValueError:
        return False


def _is_in(value: str, listed: str) -> bool:
    return fold(value) in {fold(item.strip()) for item in listed.split(";")}


def _in_order(compare: Callable[[Any, Any], bool]) -> Callable[[str, str], bool]:
    """Compare two numbers as numbers, and anything else as texts."""

    def met(value: str, other: str) -> bool:
        if _NUMBER.fullmatch(value) and _NUMBER.fullmatch(other):
            return compare(Decimal(value), Decimal(other))
        return compare(fold(value), fold(other))

    return met


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "EQUAL": lambda value, wanted: fold(value) == fold(wanted),
    "CONTAINS": lambda value, part: fold(part) in fold(value),
    "STARTSWITH": lambda value, part: fold(value).startswith(fold(part)),
    "ENDSWITH": lambda value, part: fold(value).endswith(fold(part)),
    "ISIN": _is_in,
    "ISBITSET": _is_bit_set,
    "LESSTHAN": _in_order(compare_by.lt),
    "LESSTHAN_OR_EQUAL": _in_order(compare_by.le),
    "GREATERTHAN": _in_order(compare_by.gt),
    "GREATERTHAN_OR_EQUAL": _in_order(compare_by.ge),
    "ISNULL": lambda value, _: not value,
}
_POSITIVE = {
    "NOTEQUAL": "EQUAL",
    "NOTCONTAINS": "CONTAINS",
    "NOTSTARTSWITH": "STARTSWITH",
    "NOTENDSWITH": "ENDSWITH",
    "ISNOTIN": "ISIN",
    "ISNOTBITSET": "ISBITSET",
    "ISBITNOTSET": "ISBITSET",
    "ISNOTNULL": "ISNULL",
}
