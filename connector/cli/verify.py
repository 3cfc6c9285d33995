"""``connector verify``: tell whether everything is where it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from connector.cli import opening, output
from connector.cli.output import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.settings import Settings
    from connector.staging.comparison import Difference

DIFFERENT = 1


def verify(context: typer.Context, json: Json = False) -> None:
    """Compare directory, connector space and tenant, and name every difference. Nothing is written.

    It reads the whole directory. A difference that the next cycle would settle anyway is one too.

    Examples:
      $ connector verify
      $ connector verify || connector sync --policy initial

    Exit codes:
      0  there is no difference
      1  there is one
      4  the directory is unavailable
    """
    settings = opening.settings(context)
    found = list(_differences(settings))
    if json:
        output.as_json([difference._asdict() for difference in found])
    elif found:
        output.table(
            ("Between", "What", "Object"),
            ([d.between, d.what, d.name or d.anchor] for d in found),
        )
        output.line("Next: connector sync")
    else:
        output.line("No difference between directory, connector space and tenant.")
    raise typer.Exit(DIFFERENT if found else 0)


def _differences(settings: Settings) -> Iterator[Difference]:
    from connector.directory import open_directory
    from connector.settings import directory_password

    password = directory_password(settings)
    directory = open_directory(settings.directory, password=password)
    try:
        with opening.reading(settings) as readers:
            yield from readers.space.compare(directory, readers.tenant)
    finally:
        directory.close()
