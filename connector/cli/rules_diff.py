"""``connector rules diff``: compare rules with those of another place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.cli.rules_export import is_export, read_export
from connector.errors import InvalidRequest, InvalidSettings

if TYPE_CHECKING:
    from connector.rules.comparison import Side
    from connector.settings import Settings

_DIFFERENT = 1


def diff(
    context: typer.Context,
    other: Annotated[
        Path,
        typer.Argument(metavar="OTHER", help="A settings file, a file of rules, or an export."),
    ],
    here: Annotated[
        Path | None,
        typer.Option("--here", metavar="PATH", help="Compare these instead of your settings."),
    ] = None,
    json: Json = False,
) -> None:
    """Compare the rules of the settings with those of another place, by their names.

    An export is a folder, or a file of XML, of Entra Connect; its rules have the precedences that an import
    would give them. Of a default rule it counts whether it is disabled: two exports are compared with all
    that they have.

    Examples:
      $ connector rules diff exported
      $ connector rules diff rules/server.toml --json
      $ connector rules diff production --here pilot

    Exit codes:
      0  there is no difference
      1  they differ
    """
    from connector.rules.comparison import compared

    found = compared(
        _settings_side(opening.settings(context, needs_storage=False))
        if here is None
        else _side(here),
        _side(other),
    )
    if json:
        output.as_json(found, whole=True)
    else:
        _print(found)
    raise typer.Exit(_DIFFERENT if any(found.values()) else 0)


def _side(path: Path) -> Side:
    """Read one side. Raises InvalidRequest for a path that is none."""
    from connector.rules.comparison import side_of, side_of_export

    if is_export(path):
        export = read_export(path)
        for name, reason in export.unread.items():
            output.note(f"{name} is left out: {reason}.")
        return side_of_export(export.rules, export.clouds)
    from connector.settings.rule_files import KEY, rules_of
    from connector.settings.toml_file import read

    if not path.is_file():
        raise InvalidRequest(f"{path} is not a file.")
    document = read(path)
    if document.keys() - {KEY}:
        return _settings_side(opening.settings_of(path))
    found = rules_of(document.get(KEY), path)
    if found.problems:
        raise InvalidSettings(found.problems)
    return side_of((one.rule.rule() for one in found.rules), None)


def _settings_side(settings: Settings) -> Side:
    from connector.rules.comparison import side_of

    return side_of((each.rule() for each in settings.rules), settings.sync.disabled_rules)


def _print(found: dict[str, Any]) -> None:
    for name in found["here"]:
        output.line(f"Only here: {name}")
    for name in found["there"]:
        output.line(f"Only there: {name}")
    rows = [
        (rule["name"], each["what"], _told(each["here"]), _told(each["there"]))
        for rule in found["changed"]
        for each in rule["differences"]
    ]
    if rows:
        output.table(("Rule", "What", "Here", "There"), rows)
    if not any(found.values()):
        output.line("The rules are the same.")


def _told(value: Any) -> Any:
    """Write one side of a difference; of a flow what flows."""
    if isinstance(value, dict):
        made = value["value"] or value["constant"]
        text = f"[{value['from']}]" if value["from"] else output.text(made)
        once = ", once" if value["once"] else ""
        return f"{text}{once}{'' if value['merge'] == 'Update' else ', ' + value['merge']}"
    return value
