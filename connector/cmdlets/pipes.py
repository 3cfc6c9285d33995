"""The commands behind a pipe: choose properties, count, and format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from connector.cmdlets import formatting
from connector.cmdlets.binding import COUNT, NAMES, SWITCH, TEXT, Parameter, Signature

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """Turns objects into other objects."""

    signature: Signature
    run: Callable[[Sequence[Any], Given], list[Any]]
    help: str


@dataclass(frozen=True, slots=True)
class Format:
    """Turns objects into lines, and so comes last."""

    signature: Signature
    run: Callable[[Sequence[Any], Given], Iterator[str]]
    help: str


def select(items: Sequence[Any], given: Given) -> list[Any]:
    chosen = list(islice(items, given.get("First")))
    if (name := given.get("ExpandProperty")) is not None:
        return [part for row in formatting.selected(chosen, [name]) for part in _parts(row)]
    return formatting.selected(chosen, given["Property"]) if "Property" in given else chosen


def measure(items: Sequence[Any], _: Given) -> list[Any]:
    blank = dict.fromkeys(("Average", "Sum", "Maximum", "Minimum", "Property"))
    return [{"Count": len(items), **blank}]


def _parts(row: Mapping[str, Any]) -> list[Any]:
    return [
        part for value in row.values() for part in (value if isinstance(value, list) else [value])
    ]


def _json(items: Sequence[Any], given: Given) -> Iterator[str]:
    return formatting.as_json(
        items, compress=given.get("Compress", False), as_array=given.get("AsArray", False)
    )


_PROPERTY = Parameter("Property", NAMES, "The properties; * stands for any letters.", position=0)
_WRAP = (
    Parameter("AutoSize", SWITCH, "As wide as the values; always so here."),
    Parameter("Wrap", SWITCH, "Accepted; no column is too narrow here."),
)

PIPES: tuple[Choice | Format, ...] = (
    Choice(
        Signature(
            "Select-Object",
            (
                _PROPERTY,
                Parameter("First", COUNT, "Only so many objects."),
                Parameter(
                    "ExpandProperty", TEXT, "The values of one property.", excludes="Property"
                ),
            ),
            aliases=("Select",),
            ignores_case=True,
        ),
        select,
        "Choose properties, or the first objects.",
    ),
    Choice(
        Signature("Measure-Object", aliases=("Measure",), ignores_case=True),
        measure,
        "Count the objects.",
    ),
    Format(
        Signature("Format-List", (_PROPERTY,), aliases=("fl",), ignores_case=True),
        lambda items, given: formatting.listing(items, given.get("Property", ())),
        "Show a property a line.",
    ),
    Format(
        Signature("Format-Table", (_PROPERTY, *_WRAP), aliases=("ft",), ignores_case=True),
        lambda items, given: formatting.table(items, given.get("Property", ())),
        "Show a table.",
    ),
    Format(
        Signature(
            "ConvertTo-Json",
            (
                Parameter("Compress", SWITCH, "On one line."),
                Parameter("AsArray", SWITCH, "A list, whatever the number of objects."),
                Parameter("Depth", COUNT, "Accepted; everything is shown here."),
            ),
            ignores_case=True,
        ),
        _json,
        "Show JSON.",
    ),
)
