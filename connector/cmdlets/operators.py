"""Compare values as PowerShell's operators do, and read members of objects."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from fnmatch import translate
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Any

from connector.cmdlets import texts
from connector.errors import CmdletFailed
from connector.values import moments
from connector.values.collation import name_key

if TYPE_CHECKING:
    from collections.abc import Callable

_LENGTHS = ("count", "length")
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "eq": eq,
    "ne": ne,
    "gt": gt,
    "ge": ge,
    "lt": lt,
    "le": le,
}
_TEXTUAL = tuple(f"{no}{name}" for name in ("like", "match") for no in ("", "not"))
_LISTS = tuple(f"{no}{name}" for name in ("contains", "in") for no in ("", "not"))
_PLAIN = (*_ORDERED, *_TEXTUAL, *_LISTS)
OPERATORS = (*_PLAIN, *(f"{case}{name}" for case in "ci" for name in _PLAIN))
"""All comparisons; those with a c before them mind the case."""


def is_true(value: Any) -> bool:
    """Tell whether PowerShell takes a value for true; a list of one value is as that value."""
    if isinstance(value, list):
        return is_true(value[0]) if len(value) == 1 else bool(value)
    return bool(value)


def compare(operator: str, left: Any, right: Any) -> Any:
    """Return what an operator gives; a list on the left gives those of its values that fit."""
    name = operator.lower()
    minds_case = name.startswith("c") and name not in _PLAIN
    if name not in _PLAIN:
        name = name[1:]
    if name in _LISTS:
        value, values = (right, left) if name.endswith("contains") else (left, right)
        return _is_in(value, values, minds_case) is not name.startswith("not")
    if isinstance(left, list):
        return [each for each in left if _holds(name, each, right, minds_case)]
    return _holds(name, left, right, minds_case)


def joined(value: Any, separator: Any) -> str:
    """Return the values of a list as one text, with a separator between them."""
    values = value if isinstance(value, list) else [value]
    return texts.whole(separator).join(map(texts.whole, values))


def member(value: Any, name: str) -> Any:
    """Return a member of an object, in any case; a list gives that of each of its objects."""
    low = name.lower()
    if isinstance(value, dict):
        found = next((part for key, part in value.items() if key.lower() == low), None)
        return 1 if found is None and low == "count" else found
    if isinstance(value, list):
        if low in _LENGTHS:
            return len(value)
        found = [member(each, name) for each in value]
        parts = [part for each in found for part in (each if isinstance(each, list) else [each])]
        return [part for part in parts if part is not None]
    single = {"count": int(value is not None), "value": value}
    return len(value) if low == "length" and isinstance(value, str) else single.get(low)


def item(value: Any, index: int) -> Any:
    """Return one of a list's values, None beyond its end; a single value is its own first."""
    values = value if isinstance(value, list) else [value]
    return values[index] if -len(values) <= index < len(values) else None


def sort_key(value: Any) -> tuple[Any, ...]:
    """Return what values of any kind are sorted by: nothing, numbers, times, then names."""
    match value:
        case None:
            return (0,)
        case bool() | int() | float():
            return 1, value
        case timedelta():
            return 2, value
        case datetime():
            return 3, value
        case _:
            text = texts.text(value)
            return 4, name_key(text), text


def _is_in(value: Any, values: Any, minds_case: bool) -> bool:  # noqa: FBT001 - internal
    some = values if isinstance(values, list) else [values]
    return any(_holds("eq", each, value, minds_case) for each in some)


def _holds(name: str, left: Any, right: Any, minds_case: bool) -> bool:  # noqa: FBT001 - internal
    if name in _TEXTUAL:
        pattern = _pattern(name.removeprefix("not"), texts.text(right), minds_case)
        return (pattern.search(texts.text(left)) is not None) is not name.startswith("not")
    one, other = _alike(left, right, minds_case)
    if one is None or other is None:
        same = one is other
        return {"eq": same, "ne": not same}.get(name, False)
    return _ORDERED[name](one, other)


def _pattern(name: str, text: str, minds_case: bool) -> re.Pattern[str]:  # noqa: FBT001 - internal
    written = translate(text) if name == "like" else text
    try:
        return re.compile(
            written if name == "match" else f"^{written}", 0 if minds_case else re.IGNORECASE
        )
    except re.error as error:
        raise CmdletFailed(f'parsing "{text}" - {error}.') from error


def _alike(left: Any, right: Any, minds_case: bool) -> tuple[Any, Any]:  # noqa: FBT001 - internal
    """Return two values in a form in which they can be compared: the kind of the left one."""
    if left is None or right is None:
        return left, right
    if isinstance(left, bool):
        return left, is_true(right)
    if isinstance(left, int | float) and (number := _number(right)) is not None:
        return left, number
    if isinstance(left, datetime) and (moment := _moment(right)) is not None:
        return left, moment
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        return left, right
    both = texts.text(left), texts.text(right)
    return both if minds_case else (both[0].lower(), both[1].lower())


def _number(value: Any) -> int | float | None:
    if isinstance(value, int | float):
        return value
    try:
        return float(str(value))
    except ValueError:
        return None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    for form in ("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S"):
        try:
            return datetime.strptime(str(value), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        found = moments.read(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
