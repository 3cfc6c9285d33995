"""Show objects as PowerShell shows them: as a table, as a list, or as JSON.

An object is a mapping of property names to values; any other value, such as a Boolean, stands for itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from connector.values import moments
from connector.values.printable import cut, cut_within, json_line, json_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# PowerShell shows objects with more properties as a list.
_WIDEST_TABLE = 4


def shown(items: Sequence[Any], view: Sequence[str] = ()) -> Iterator[str]:
    """Show objects in the default form; ``view`` names the columns of a table."""
    rows = [item for item in items if isinstance(item, dict)]
    if len(rows) < len(items):
        yield from (printable(text(item)) for item in items)
    elif view:
        yield from table(items, view)
    elif rows and len(rows[0]) <= _WIDEST_TABLE:
        yield from table(items)
    else:
        yield from listing(items)


def table(items: Sequence[Any], wanted: Sequence[str] = ()) -> Iterator[str]:
    """Write a table whose columns are as wide as their widest value."""
    if not items:
        return
    names = properties(items, wanted)
    cells = [[printable(text(_value(item, name))) for name in names] for item in items]
    heads = [printable(name) for name in names]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    yield ""
    for row in (heads, ["-" * len(head) for head in heads], *cells):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield " ".join(padded).rstrip()
    yield ""


def listing(items: Sequence[Any], wanted: Sequence[str] = ()) -> Iterator[str]:
    """Write a property a line, and an empty line after each object."""
    if not items:
        return
    names = properties(items, wanted)
    width = max(map(len, names), default=0)
    for item in items:
        yield ""
        for name in names if wanted or not isinstance(item, dict) else item:
            yield f"{printable(name).ljust(width)} : {printable(text(_value(item, name)))}"
    yield ""


def as_json(items: Sequence[Any], *, compress: bool, as_array: bool) -> Iterator[str]:
    """Write JSON: one object alone, several as a list, nothing for none."""
    plain = [cut_within(_plain(item)) for item in items]
    if not plain and not as_array:
        return
    value = plain if as_array or len(plain) != 1 else plain[0]
    yield json_line(value) if compress else json_text(value)


def properties(items: Sequence[Any], wanted: Sequence[str] = ()) -> list[str]:
    """Return the names to show: all, or the wanted ones (``*`` matches any letters).

    Names ignore case; a name that no object has is shown empty.
    """
    there = list(dict.fromkeys(name for item in items for name in _names(item)))
    if not wanted:
        return there
    found: list[str] = []
    for pattern in wanted:
        matching = [name for name in there if fnmatchcase(name.lower(), pattern.lower())]
        found += matching or ([] if "*" in pattern else [pattern])
    return list(dict.fromkeys(found))


def selected(items: Sequence[Any], wanted: Sequence[str]) -> list[dict[str, Any]]:
    """Return objects reduced to some of their properties."""
    names = properties(items, wanted)
    return [{name: _value(item, name) for name in names} for item in items]


def text(value: object) -> str:
    """Write a value as PowerShell does; a long one is cut."""
    match value:
        case None:
            return ""
        case timedelta():
            return _span(value)
        case datetime():
            return f"{value.month}/{value.day}/{value:%Y} {value.hour % 12 or 12}:{value:%M:%S %p}"
        case list():
            return f"{{{', '.join(map(text, value))}}}"
        case dict():
            return f"@{{{'; '.join(f'{name}={text(part)}' for name, part in value.items())}}}"
        case _:
            return cut(str(value))


def _span(span: timedelta) -> str:
    minutes, seconds = divmod(span.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days = f"{span.days}." if span.days else ""
    return f"{days}{hours:02}:{minutes:02}:{seconds:02}"


def _names(item: Any) -> Mapping[str, Any] | tuple[str, ...]:
    return item if isinstance(item, dict) else ("Value",)


def _value(item: Any, name: str) -> Any:
    if not isinstance(item, dict):
        return item
    if name in item:
        return item[name]
    return next((value for key, value in item.items() if key.lower() == name.lower()), None)


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(part) for name, part in value.items()}
        case list():
            return [_plain(part) for part in value]
        case datetime():
            return moments.shortest(value)
        case timedelta():
            return _span(value)
        case _:
            return value
