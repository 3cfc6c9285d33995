"""Read the rules of the settings file and of ``rules/*.toml`` beside it, and name what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import ValidationError

from connector.errors import InvalidSettings
from connector.model import ObjectType
from connector.settings.problems import keys, reason, unknown
from connector.settings.rules import FlowSettings, RuleSettings
from connector.settings.toml_file import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from connector.settings.section import Section

_Table = TypeVar("_Table", bound="Section")

KEY = "rules"
FOLDER = "rules"
"""The folder beside the settings file whose ``*.toml`` hold rules."""

_LATER = {
    "directory": "there is one directory, so a rule names none",
    "join": "a rule joins nothing: there is one directory",
    "link": "a rule joins nothing: there is one directory",
}


class FoundRule(NamedTuple):
    """A rule that can be used as far as its form goes, and the file that it stands in."""

    rule: RuleSettings
    file: Path


class FoundRules(NamedTuple):
    """All rules by precedence, and sentences about those that are not well formed.

    ``parts`` are what can be read of the latter: their type, and the filters and flows that are well formed.
    """

    rules: list[FoundRule]
    problems: list[str]
    parts: list[FoundRule]


def rules_of(document: Any, file: Path) -> FoundRules:
    """Read the rules of a settings file, and those of the files beside it.

    ``document`` is the value of ``rules`` in the file, None where it has none.
    """
    found = FoundRules([], [], [])
    if document is not None:
        _take(found, document, file, "")
    try:
        files = list(files_beside(file))
    except OSError as error:
        found.problems.append(f"{file.absolute().parent / FOLDER}: {error.strerror}")
        files = []
    for each in files:
        try:
            table = read(each)
        except InvalidSettings as error:
            found.problems.extend(error.problems)
            continue
        for name in table.keys() - {KEY}:
            found.problems.append(f"{each}: {name}: such a file holds [[rules]] alone")
        if KEY in table:
            _take(found, table[KEY], each, f"{each}: ")
    found.rules.sort(key=lambda one: (one.rule.precedence, one.rule.kind, one.rule.name))
    return found


def files_beside(file: Path) -> Iterator[Path]:
    """Yield the files of rules beside a settings file, by name. Raises OSError for a folder that is closed."""
    folder = file.absolute().parent / FOLDER
    try:
        files = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    for each in files:
        if each.name.endswith(".toml") and not each.name.startswith("."):
            yield each


def _take(found: FoundRules, document: Any, file: Path, where: str) -> None:
    if not isinstance(document, list):
        found.problems.append(f"{where}{KEY}: must be a list of tables, each below [[{KEY}]]")
        return
    for number, table in enumerate(document, start=1):
        _take_one(found, table, file, f"{where}{KEY}[{number}]")


def _take_one(found: FoundRules, table: Any, file: Path, place: str) -> None:
    """Read one rule; what is wrong with its flows is told together with the rest."""
    name = place
    if isinstance(table, dict) and isinstance(given := table.get("name"), str) and given.strip():
        name = given
        place = f"{place[: place.rindex(KEY)]}rule {name!r}"
    before = len(found.problems)
    flows: list[FlowSettings] = []
    if isinstance(table, dict) and isinstance(listed := table.get("flows"), list):
        for number, each in enumerate(listed, start=1):
            to = each.get("to") if isinstance(each, dict) else None
            target = to if isinstance(to, str) and to.strip() else f"flow {number}"
            flow = _checked(found, FlowSettings, each, f"{place}, {target}")
            flows += [flow] if flow else []
        table = {**table, "flows": ()}
    rule = _checked(found, RuleSettings, table, place)
    if rule is not None and len(found.problems) == before:
        found.rules.append(FoundRule(rule.model_copy(update={"flows": tuple(flows)}), file))
    elif isinstance(table, dict) and (kind := table.get("from")) in tuple(ObjectType):
        part = RuleSettings.model_construct(
            name=name, kind=kind, precedence=1, scope=_filters(table), flows=tuple(flows)
        )
        found.parts.append(FoundRule(part, file))


def _filters(table: dict[str, Any]) -> tuple[str, ...]:
    """Return the filters of a rule that are texts."""
    scope = table.get("scope")
    listed = scope if isinstance(scope, list) else [scope]
    return tuple(each for each in listed if isinstance(each, str))


def _checked(found: FoundRules, model: type[_Table], table: Any, place: str) -> _Table | None:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        told = (_sentence(model, each, place) for each in error.errors(include_url=False))
        found.problems.extend(dict.fromkeys(told))
    return None


def _sentence(model: type[Section], error: ErrorDetails, place: str) -> str:
    if not error["loc"]:
        return f"{place}: {reason(error)}"
    key = str(error["loc"][0])
    if error["type"] != "extra_forbidden":
        return f"{place}: {key}: {reason(error)}"
    if model is RuleSettings and key in _LATER:
        return f"{place}: {key}: {_LATER[key]}"
    return unknown(f"{place}: {key}", "key", (), keys(model), key)
