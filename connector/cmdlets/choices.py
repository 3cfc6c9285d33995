"""The commands behind a pipe that turn objects into other objects: choose, filter, sort, count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from connector.cmdlets import formatting, operators, texts
from connector.cmdlets.binding import (
    CONDITION,
    COUNT,
    NAMES,
    SWITCH,
    TEXT,
    TEXTS,
    Parameter,
    Signature,
)
from connector.cmdlets.expressions import Calculated
from connector.errors import CmdletFailed
from connector.values.collation import name_key

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """Turns objects into other objects; ``keeps_view`` says when these are shown as the first were."""

    signature: Signature
    run: Callable[[Sequence[Any], Given], list[Any]]
    help: str
    examples: tuple[tuple[str, str], ...]
    keeps_view: Callable[[Given], bool]


def select(items: Sequence[Any], given: Given) -> list[Any]:
    chosen = list(items)[given.get("Skip", 0) :]
    if "First" in given:
        chosen = list(islice(chosen, given["First"]))
    if "Last" in given:
        chosen = chosen[-given["Last"] :] if given["Last"] else []
    if (name := given.get("ExpandProperty")) is not None:
        chosen = _expanded(chosen, name, given.get("Property"))
    elif "Property" in given:
        chosen = formatting.selected(chosen, given["Property"])
    return _distinct(chosen) if given.get("Unique") else chosen


def where(items: Sequence[Any], given: Given) -> list[Any]:
    """Keep the objects for which a script block, or a comparison of one property, holds."""
    chosen = given.get("FilterScript", given.get("Property"))
    if callable(chosen):
        return [item for item in items if operators.is_true(chosen(item))]
    if chosen is None:
        raise CmdletFailed(
            "Where-Object : Give a property, or a script block such as {$_.X -eq 1}."
        )
    compared = [name for name in operators.OPERATORS if given.get(name)]
    if not compared:
        wanted = not given.get("Not", False)
        return [i for i in items if operators.is_true(operators.member(i, chosen)) is wanted]
    if len(compared) > 1 or "Value" not in given:
        raise CmdletFailed("Where-Object : Give one comparison and one value: X -like 'A*'.")
    value = _literal(given["Value"])
    return [
        item
        for item in items
        if operators.is_true(operators.compare(compared[0], operators.member(item, chosen), value))
    ]


def sort(items: Sequence[Any], given: Given) -> list[Any]:
    """Sort by properties, names as people sort them; without any, values by themselves."""

    def key(item: Any) -> tuple[Any, ...]:
        if "Property" in given:
            return tuple(operators.sort_key(_of(item, each)) for each in given["Property"])
        return () if isinstance(item, dict) else operators.sort_key(item)

    falling = given.get("Descending", False)
    if "Property" in given:
        found = list(items)
        for each in reversed(given["Property"]):
            own = each.descending if isinstance(each, Calculated) else None
            found.sort(key=partial(_key_of, wanted=each), reverse=falling if own is None else own)
    else:
        found = sorted(items, key=key, reverse=falling)
    if not given.get("Unique"):
        return found
    by_key = {repr(key(item)): item for item in reversed(found)}
    return list(reversed(by_key.values()))


def group(items: Sequence[Any], given: Given) -> list[Any]:
    """Count the objects that have the same values of some properties."""
    found: dict[str, list[Any]] = {}
    for item in items:
        values = (texts.whole(_of(item, each)) for each in given["Property"])
        found.setdefault(", ".join(values), []).append(item)
    rows = [
        {"Count": len(found[name]), "Name": name, "Group": found[name]}
        for name in sorted(found, key=lambda name: (name_key(name), name))
    ]
    return formatting.selected(rows, ("Count", "Name")) if given.get("NoElement") else rows


def for_each(items: Sequence[Any], given: Given) -> list[Any]:
    """Give a member, or the value of a script block, for each object."""
    process = given["Process"]
    found = [process(i) if callable(process) else operators.member(i, process) for i in items]
    return [part for each in found for part in (each if isinstance(each, list) else [each])]


def measure(items: Sequence[Any], _: Given) -> list[Any]:
    blank = dict.fromkeys(("Average", "Sum", "Maximum", "Minimum", "Property"))
    return [{"Count": len(items), **blank}]


def _key_of(item: Any, wanted: str | Calculated) -> tuple[Any, ...]:
    return operators.sort_key(_of(item, wanted))


def _of(item: Any, wanted: str | Calculated) -> Any:
    return wanted.of(item) if isinstance(wanted, Calculated) else operators.member(item, wanted)


def _distinct(items: Sequence[Any]) -> list[Any]:
    return list({repr(item): item for item in reversed(items)}.values())[::-1]


def _expanded(items: Sequence[Any], name: str, beside: Any) -> list[Any]:
    """Return the values of a property; objects among them get the properties that stand beside it."""
    if items and not any(_has(item, name) for item in items):
        raise CmdletFailed(f'Select-Object : Property "{name}" cannot be found.')
    found: list[Any] = []
    more = formatting.selected(items, beside) if beside else [{} for _ in items]
    for item, others in zip(items, more, strict=True):
        value = operators.member(item, name)
        parts = value if isinstance(value, list) else [value]
        found += [{**part, **others} if isinstance(part, dict) else part for part in parts]
    return found


def _has(item: Any, name: str) -> bool:
    """Tell whether an object has a property, or any other value a member of this name."""
    if isinstance(item, dict):
        return name.lower() in {known.lower() for known in item} | {"count"}
    return operators.member(item, name) is not None


def _literal(values: Sequence[str]) -> Any:
    """Return the value that a word means: ``$true``, ``$null``, or its text; several are a list."""
    words: dict[str, Any] = {"$true": True, "$false": False, "$null": None}
    found = [words.get(value.lower(), value) for value in values]
    return found[0] if len(found) == 1 else found


# --- declarations -----------------------------------------------------------------------------

PROPERTY = Parameter("Property", NAMES, "The properties; * stands for any letters.", position=0)
_ERRORS = "Get-MsolDirSyncProvisioningError -ErrorCategory PropertyConflict"

CHOICES = (
    Choice(
        Signature(
            "Select-Object",
            (
                PROPERTY,
                Parameter("First", COUNT, "Only so many objects."),
                Parameter("Last", COUNT, "Only so many of the last objects."),
                Parameter("Skip", COUNT, "Without so many of the first objects."),
                Parameter("Unique", SWITCH, "Each once."),
                Parameter(
                    "ExpandProperty", TEXT, "The values of one property, with those of Property."
                ),
            ),
            aliases=("Select",),
            ignores_case=True,
        ),
        select,
        "Choose properties, or the first objects.",
        (
            ("Two properties of each user.", "Get-MsolUser | select DisplayName,ObjectId"),
            (
                "The addresses of one user.",
                "Get-MsolUser -SearchString Ann | select -ExpandProperty ProxyAddresses",
            ),
        ),
        lambda given: given.keys() <= {"First", "Last", "Skip", "Unique"},
    ),
    Choice(
        Signature(
            "Where-Object",
            (
                Parameter("Property", CONDITION, "A property, or a script block.", position=0),
                Parameter("Value", TEXTS, "What it is compared with.", position=1),
                Parameter("FilterScript", CONDITION, "A script block such as {$_.X -eq 1}."),
                Parameter("Not", SWITCH, "Objects that do not have the property."),
                *(
                    Parameter(name, SWITCH, "A comparison of the property with the value.")
                    for name in operators.OPERATORS
                ),
            ),
            aliases=("where", "?"),
            ignores_case=True,
        ),
        where,
        "Keep the objects that meet a condition.",
        (
            ("Users whose name begins with A.", 'Get-MsolUser | where DisplayName -like "A*"'),
            (
                "Unlicensed users with errors.",
                "Get-MsolUser -HasErrorsOnly | ? {-not $_.IsLicensed}",
            ),
        ),
        lambda _: True,
    ),
    Choice(
        Signature(
            "Sort-Object",
            (
                PROPERTY,
                Parameter("Descending", SWITCH, "The last first."),
                Parameter("Unique", SWITCH, "Of equal ones the first."),
            ),
            aliases=("sort",),
            ignores_case=True,
        ),
        sort,
        "Sort the objects; names as people sort them.",
        (("The last errors first.", f"{_ERRORS} | sort LastDirSyncTime -Descending"),),
        lambda _: True,
    ),
    Choice(
        Signature(
            "ForEach-Object",
            (
                Parameter(
                    "Process", CONDITION, "A member, or a script block.", mandatory=True, position=0
                ),
            ),
            aliases=("foreach", "%"),
            ignores_case=True,
        ),
        for_each,
        "Give a member or an expression of each object.",
        (("The names of all users.", "Get-MsolUser | % {$_.DisplayName}"),),
        lambda _: False,
    ),
    Choice(
        Signature(
            "Group-Object",
            (
                Parameter("Property", NAMES, "The properties.", mandatory=True, position=0),
                Parameter("NoElement", SWITCH, "Without the objects themselves."),
            ),
            aliases=("group",),
            ignores_case=True,
        ),
        group,
        "Count the objects by the values of a property.",
        (("Errors by type.", f"{_ERRORS} | group ObjectType | select Count,Name"),),
        lambda _: False,
    ),
    Choice(
        Signature("Measure-Object", aliases=("Measure",), ignores_case=True),
        measure,
        "Count the objects.",
        (("How many users there are.", "Get-MsolUser -All | measure"),),
        lambda _: False,
    ),
)
