"""``connector init``: write a commented settings file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from connector.cli import output


def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("connector.toml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file.")] = False,
) -> None:
    """Write a settings file that explains every key."""
    from connector.settings.template import template

    try:
        with os.fdopen(_create(path, force=force), "w", encoding="utf-8") as file:
            file.write(template())
    except FileExistsError as error:
        raise typer.BadParameter(f"{path} is there already; --force overwrites it") from error
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from error
    output.line(f"Wrote {path}.")
    output.line(
        "Next: set url and base_dn of [directory] and the domains of [tenant] in it, then run"
    )
    output.line(f"  connector --config {path} check")


def _create(path: Path, *, force: bool) -> int:
    """Open a file that only its owner may read: a password may stand in it."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor
