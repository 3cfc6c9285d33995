"""The commands at the end of a pipe: show objects as a list, a table, JSON or CSV, or keep them in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.cmdlets import formatting, texts
from connector.cmdlets.binding import (
    COUNT,
    SWITCH,
    TEXT,
    Kind,
    Parameter,
    Signature,
    Unfit,
)
from connector.cmdlets.choices import PROPERTY
from connector.errors import CmdletFailed
from connector.values.csv_cells import defused
from connector.values.printable import printable

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Format:
    """Turns objects into lines for a terminal of a width, if there is one; only a Sink follows it.

    Lines that are data are for programs, and never broken.
    """

    signature: Signature
    run: Callable[[Sequence[Any], Given, int | None], Iterator[str]]
    help: str
    examples: tuple[tuple[str, str], ...]
    is_data: bool = False


@dataclass(frozen=True, slots=True)
class Sink:
    """Takes the lines that would be shown."""

    signature: Signature
    run: Callable[[Iterable[str], Given], None]
    help: str
    examples: tuple[tuple[str, str], ...]


def _list(items: Sequence[Any], given: Given, width: int | None) -> Iterator[str]:
    return formatting.listing(items, given.get("Property", ()), width=width)


def _table(items: Sequence[Any], given: Given, width: int | None) -> Iterator[str]:
    heads = not given.get("HideTableHeaders", False)
    return formatting.table(items, given.get("Property", ()), heads=heads, width=width)


def _json(items: Sequence[Any], given: Given, _: int | None) -> Iterator[str]:
    return formatting.as_json(
        items, compress=given.get("Compress", False), as_array=given.get("AsArray", False)
    )


def _csv(items: Sequence[Any], given: Given, _: int | None) -> Iterator[str]:
    return (printable(line) for line in csv_lines(items, given.get("Delimiter", ",")))


def _export_csv(items: Sequence[Any], given: Given, _: int | None) -> Iterator[str]:
    lines = list(csv_lines(items, given.get("Delimiter", ",")))
    path = given["Path"]
    if given.get("Append", False) and lines and (head := _head("Export-Csv", path)):
        if head != lines[0]:
            raise CmdletFailed(
                f"Export-Csv : Cannot append CSV content to the following file: {path}. Its columns "
                f"are {head}, those of the objects {lines[0]}."
            )
        del lines[0]
    mode = "a" if given.get("Append", False) else "w"
    replaces = not given.get("NoClobber", False)
    _write("Export-Csv", path, lines, replaces=replaces, mode=mode)
    yield from ()


def _head(cmdlet: str, path: str) -> str:
    """Return the first line of a file, empty where there is none."""
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            return file.readline().rstrip("\n")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CmdletFailed(f"{cmdlet} : Could not read '{path}': {reason}.") from error


def csv_lines(items: Sequence[Any], delimiter: str = ",") -> Iterator[str]:
    """Yield objects as lines of CSV, every cell in quotes; none is a formula of a spreadsheet."""
    rows = formatting.selected(items)
    if rows:
        yield delimiter.join(map(_cell, rows[0]))
    for row in rows:
        yield delimiter.join(_cell(texts.whole(value)) for value in row.values())


def _cell(text: str) -> str:
    return f'"{defused(text).replace(chr(34), chr(34) * 2)}"' if text else ""


def _out_file(lines: Iterable[str], given: Given) -> None:
    _write(
        "Out-File",
        given["FilePath"],
        lines,
        replaces=not given.get("NoClobber", False),
        mode="a" if given.get("Append", False) else "w",
    )


def _out_null(lines: Iterable[str], _: Given) -> None:
    for _line in lines:
        pass


def _write(
    cmdlet: str, path: str, lines: Iterable[str], *, replaces: bool, mode: str = "w"
) -> None:
    """Write lines to a file; raises CmdletFailed where that cannot be."""
    try:
        with Path(path).open(mode if replaces else "x", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CmdletFailed(f"{cmdlet} : Could not write '{path}': {reason}.") from error


# --- declarations -----------------------------------------------------------------------------


def _one_character(text: str) -> str:
    if len(text) != 1:
        raise Unfit(
            "bind",
            f'Cannot convert value "{text}" to type "System.Char". Error: "String must be exactly '
            'one character long."',
        )
    return text


_CHARACTER = Kind("Char", _one_character)
_NO_TYPE = Parameter("NoTypeInformation", SWITCH, "Accepted; no type is written here.", alias="nti")
_DELIMITER = Parameter("Delimiter", _CHARACTER, "What stands between cells, a comma unless said.")
_ENCODING = Parameter("Encoding", TEXT, "Accepted; it is always UTF-8.")
_NO_CLOBBER = Parameter("NoClobber", SWITCH, "Leave a file that is there alone.")
_FORCE = Parameter("Force", SWITCH, "Accepted.")
_ERRORS = "Get-MsolDirSyncProvisioningError -ErrorCategory PropertyConflict"
_SPREADSHEET = "select DisplayName,ProvisioningErrors | Export-Csv errors.csv -NoTypeInformation"
_REPORT = (
    'Get-MsolUser -HasErrorsOnly | ft DisplayName,UserPrincipalName,@{Name="Error";Expression={'
    "($_.errors[0].ErrorDetail.objecterrors.errorrecord.ErrorDescription)}} -AutoSize"
)

FORMATS = (
    Format(
        Signature("Format-List", (PROPERTY,), aliases=("fl",), ignores_case=True),
        _list,
        "Show a property a line.",
        (("Everything of one user.", "Get-MsolUser -SearchString Ann | fl"),),
    ),
    Format(
        Signature(
            "Format-Table",
            (
                PROPERTY,
                Parameter("AutoSize", SWITCH, "As wide as the values; always so here."),
                Parameter("Wrap", SWITCH, "Accepted; a table that is too wide becomes a list."),
                Parameter("HideTableHeaders", SWITCH, "Without the names of the properties."),
            ),
            aliases=("ft",),
            ignores_case=True,
        ),
        _table,
        "Show a table.",
        (("Users with the message of the admin center.", _REPORT),),
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
        (("Errors for a program.", f"{_ERRORS} | ConvertTo-Json"),),
        is_data=True,
    ),
    Format(
        Signature("ConvertTo-Csv", (_DELIMITER, _NO_TYPE), ignores_case=True),
        _csv,
        "Show CSV.",
        (("Users as CSV.", "Get-MsolUser -All | select DisplayName,ObjectId | ConvertTo-Csv"),),
        is_data=True,
    ),
    Format(
        Signature(
            "Export-Csv",
            (
                Parameter("Path", TEXT, "The file.", mandatory=True, position=0),
                Parameter(
                    "Append", SWITCH, "After what the file has, where the columns are the same."
                ),
                _DELIMITER,
                _NO_TYPE,
                _ENCODING,
                _NO_CLOBBER,
                _FORCE,
            ),
            aliases=("epcsv",),
            ignores_case=True,
        ),
        _export_csv,
        "Write CSV to a file.",
        (("Errors for a spreadsheet.", f"{_ERRORS} | {_SPREADSHEET}"),),
    ),
)
SINKS = (
    Sink(
        Signature(
            "Out-File",
            (
                Parameter("FilePath", TEXT, "The file.", mandatory=True, position=0),
                Parameter("Append", SWITCH, "After what the file has."),
                _ENCODING,
                _NO_CLOBBER,
                _FORCE,
                Parameter("Width", COUNT, "Accepted; no line is cut here."),
            ),
            ignores_case=True,
        ),
        _out_file,
        "Write what would be shown to a file.",
        (("Keep a list.", "Get-MsolUser -HasErrorsOnly | fl | Out-File users.txt"),),
    ),
    Sink(
        Signature("Out-Null", ignores_case=True),
        _out_null,
        "Show nothing.",
        (("Run a cycle, and show only errors.", "Start-ADSyncSyncCycle delta | Out-Null"),),
    ),
)
