"""Show objects as PowerShell shows them: as a table, as a list, or as JSON.

An object is a mapping of property names to values; any other value, such as a Boolean, stands for itself.
A property that is asked for is a name, in which * stands for any letters, or one that is calculated.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

from connector.cmdlets.texts import span, text
from connector.values import moments
from connector.values.printable import cut_within, json_line, json_text, printable
from connector.values.screen import columns_of, padded, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from connector.cmdlets.expressions import Calculated

    Wanted = Sequence[str | Calculated]

# PowerShell shows objects with more properties as a list.
_WIDEST_TABLE = 4


def shown(
    items: Sequence[Any], view: Sequence[str] = (), *, width: int | None = None
) -> Iterator[str]:
    """Show objects in the default form; ``view`` names the columns of a table."""
    rows = [item for item in items if isinstance(item, dict)]
    if len(rows) < len(items):
        yield from (printable(text(item)) for item in items)
    elif view:
        yield from table(items, view, width=width)
    elif rows and len(rows[0]) <= _WIDEST_TABLE:
        yield from table(items, width=width)
    else:
        yield from listing(items, width=width)


def table(
    items: Sequence[Any], wanted: Wanted = (), *, heads: bool = True, width: int | None = None
) -> Iterator[str]:
    """Write a table whose columns are as wide as their widest value.

    Where this is wider than ``width``, write a list instead.
    """
    if not items:
        return
    columns = _columns(items, wanted)
    cells = [[printable(text(of(item))) for of in columns.values()] for item in items]
    names = [printable(name) for name in columns]
    above = [names, ["-" * len(name) for name in names]] if heads else []
    widths = [max(map(columns_of, column)) for column in zip(*above, *cells, strict=True)]
    if width is not None and sum(widths) + len(widths) - 1 > width:
        yield from listing(items, wanted, width=width)
        return
    yield ""
    for row in (*above, *cells):
        filled = (padded(cell, room) for cell, room in zip(row, widths, strict=True))
        yield " ".join(filled).rstrip()
    yield ""


def listing(
    items: Sequence[Any], wanted: Wanted = (), *, width: int | None = None
) -> Iterator[str]:
    """Write a property a line, and an empty line after each object.

    A value that ``width`` has no room for goes on below, at its words.
    """
    if not items:
        return
    columns = _columns(items, wanted)
    names = max(map(len, columns), default=0)
    for item in items:
        yield ""
        for name in columns if wanted or not isinstance(item, dict) else item:
            value = printable(text(columns[name](item)))
            lines = [value] if width is None else wrapped(value, max(width - names - 3, 1))
            yield f"{printable(name).ljust(names)} : {lines[0]}"
            yield from (f"{' ' * names}   {line}" for line in lines[1:])
    yield ""


def as_json(items: Sequence[Any], *, compress: bool, as_array: bool) -> Iterator[str]:
    """Write JSON: one object alone, several as a list, nothing for none."""
    plain = [cut_within(_plain(item)) for item in items]
    if not plain and not as_array:
        return
    value = plain if as_array or len(plain) != 1 else plain[0]
    yield json_line(value) if compress else json_text(value)


def selected(items: Sequence[Any], wanted: Wanted = ()) -> list[dict[str, Any]]:
    """Return objects reduced to some of their properties.

    Names ignore case; a name that no object has is there, and empty.
    """
    columns = _columns(items, wanted)
    return [{name: of(item) for name, of in columns.items()} for item in items]


def _columns(items: Sequence[Any], wanted: Wanted) -> dict[str, Callable[[Any], Any]]:
    """Return the properties to show, all or the wanted ones, each with what gives its value."""
    there = list(dict.fromkeys(name for item in items for name in _names(item)))
    found: dict[str, Callable[[Any], Any]] = {}
    for each in wanted or there:
        if not isinstance(each, str):
            found[each.name] = each.of
            continue
        matching = [name for name in there if fnmatchcase(name.lower(), each.lower())]
        for name in matching or ([] if "*" in each else [each]):
            found.setdefault(name, partial(_value, name=name))
    return found


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
            return span(value)
        case _:
            return value
