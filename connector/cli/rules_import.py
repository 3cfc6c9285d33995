"""``connector rules import``: take the rules of a server of Entra Connect."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import output
from connector.cli.output import Json
from connector.cli.rules_export import read_export
from connector.errors import InvalidRequest
from connector.values.counting import counted

if TYPE_CHECKING:
    from connector.rules.importing.translation import Report, Taken

_LEFT = 1


def import_rules(
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="A folder that was exported, or a file of XML."),
    ],
    file: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="Where the rules are written.")
    ],
    everything: Annotated[
        bool,
        typer.Option("--all", help="Take the rules of Microsoft, too, under names of their own."),
    ] = False,
    json: Json = False,
) -> None:
    """Write the rules that a server of Entra Connect has as rules of your own.

    On the server, `Get-ADSyncServerConfiguration -Path FOLDER` exports its configuration. What cannot be
    taken is named, each flow with a reason. The rules that Microsoft made are not doubled: here the default
    rules stand in their place. FILE takes effect in the folder rules/ beside the settings file.

    Examples:
      $ connector rules import exported --output rules/server.toml
      $ connector rules import exported --output rules/server.toml --all --json

    Exit codes:
      0  all rules were taken, or are default rules
      1  something was left
      2  FILE is there already, or PATH has no rules; nothing was written
    """
    from connector.rules.importing.translation import translated

    if os.path.lexists(file):
        raise InvalidRequest(f"{file} is there already; name another file.")
    export = read_export(path)
    report = translated(export.rules, clouds=export.clouds, everything=everything)
    if report.taken:
        _write(file, path, report.taken)
    shown = _shown(report, export.unread, file if report.taken else None)
    if json:
        output.as_json(shown, whole=True)
    else:
        _print(shown)
    raise typer.Exit(_LEFT if shown["left"] else 0)


def _shown(report: Report, unread: dict[str, str], file: Path | None) -> dict[str, Any]:
    unread_files = [
        {"name": name, "flow": None, "reason": reason} for name, reason in unread.items()
    ]
    return {
        "file": file and str(file),
        "taken": [
            {
                "name": taken.rule.name,
                "precedence": taken.rule.precedence,
                "disabled": taken.rule.disabled,
                "flows": [flow.to for flow in taken.rule.flows],
                "exported": {"name": taken.name, "precedence": taken.precedence},
            }
            for taken in report.taken
        ],
        "default": [each._asdict() for each in report.default],
        "left": [*unread_files, *(each._asdict() for each in report.left)],
    }


def _write(file: Path, path: Path, taken: tuple[Taken, ...]) -> None:
    """Write the rules into a new file. Raises InvalidRequest where that cannot be."""
    from connector.rules.written import as_toml
    from connector.values.printable import printable

    text = f"# The rules of {printable(str(path))}, as `connector rules import` took them.\n"
    for each in taken:
        text += "\n"
        if each.precedence != each.rule.precedence:
            text += f"# In the export its precedence is {each.precedence}.\n"
        text += as_toml(each.rule)
    try:
        file.parent.mkdir(exist_ok=True)  # rules/ is not there before the first rule
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise InvalidRequest(f"{file}: {error.strerror}.") from error


def _print(shown: dict[str, Any]) -> None:
    if taken := shown["taken"]:
        output.table(
            ("Precedence", "Exported", "Name", "Flows", "State"),
            [
                (
                    each["precedence"],
                    each["exported"]["precedence"],
                    each["name"],
                    len(each["flows"]),
                    "disabled" if each["disabled"] else "",
                )
                for each in taken
            ],
        )
        output.line()
    if left := shown["left"]:
        output.table(
            ("Left", "Flow", "Reason"),
            [(each["name"], each["flow"], each["reason"]) for each in left],
        )
        output.line()
    _print_defaults(shown["default"])
    if shown["file"]:
        output.line(f"{counted(len(taken), 'rule')} written to {shown['file']}.")
        output.line(
            "In the folder rules/ beside the settings file they take effect: look first with "
            "connector check, then with connector sync --dry-run."
        )
    else:
        output.line("No rule was taken, and no file was written.")


def _print_defaults(default: list[dict[str, Any]]) -> None:
    if not default:
        return
    here = [each for each in default if each["here"]]
    output.line(
        f"{counted(len(default), 'rule')} of Microsoft in the export; here are default rules for "
        f"{len(here)} of them. --all takes them, too."
    )
    for each in here:
        if each["disabled"]:
            output.line(
                f"Disabled there: {each['name']}; name it in sync.disabled_rules to have the same here."
            )
