"""``connector check``: tell whether the connector would work with these settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.errors import ConnectorError, DirectoryUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connector.settings import Settings

_WORDS = {True: "ok", False: "FAILED"}


class CheckLine(NamedTuple):
    """One check, its outcome, and the next step after one that failed."""

    name: str
    ok: bool
    detail: str
    advice: str = ""
    exit_code: int = 0


def check(context: typer.Context, json: Json = False) -> None:
    """Check the settings, the databases and the directory, and say what is wrong.

    Each line names what was looked at and what was found, and under it what to do. It changes nothing,
    except that it makes the databases where there are none yet.

    Examples:
      $ connector check
      $ connector --config lab/connector.toml check

    Exit codes:
      0  all is well, but for warnings
      2  the settings, the password or the databases cannot be used
      4  the directory does not answer, refuses to let the connector in, or lacks what it needs
    """
    from connector.settings import find

    file = find(context.obj, os.environ)
    settings = opening.settings_of(file)
    results = [*_settings(file, settings), *_storage(settings), *_directory(settings)]
    if json:
        output.as_json([result._asdict() for result in results])
    else:
        for result in results:
            output.line(f"{_WORDS[result.ok]:<6}  {result.name}: {result.detail}")
            if result.advice:
                output.line(f"        {result.advice}")
    raise typer.Exit(max((result.exit_code for result in results), default=0))


def _settings(file: Path, settings: Settings) -> Iterator[CheckLine]:
    from connector.settings import warnings

    yield CheckLine("settings", ok=True, detail=str(file))
    for warning in warnings(settings, file):
        yield CheckLine("settings", ok=True, detail=f"warning: {warning}")


def _storage(settings: Settings) -> Iterator[CheckLine]:
    from connector.assembly import open_readers

    path = settings.storage.path
    try:
        with open_readers(settings):
            yield CheckLine("storage", ok=True, detail=str(path))
    except ConnectorError as error:
        yield CheckLine("storage", ok=False, detail=str(error), exit_code=error.exit_code)


def _directory(settings: Settings) -> Iterator[CheckLine]:
    from connector.directory.diagnose import diagnose
    from connector.settings import directory_password

    try:
        password = directory_password(settings)
    except ConnectorError as error:
        yield CheckLine(
            "directory password", ok=False, detail=str(error), exit_code=error.exit_code
        )
        return
    for finding in diagnose(settings.directory, password):
        code = 0 if finding.ok else DirectoryUnavailable.exit_code
        yield CheckLine(finding.name, finding.ok, finding.detail, finding.advice or "", code)
