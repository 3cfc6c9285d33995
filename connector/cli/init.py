"""``connector init``: write a commented settings file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from connector.cli import output
from connector.errors import InvalidSettings


def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("connector.toml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file.")] = False,
) -> None:
    """Write a settings file that explains every key."""
    from connector.settings.template import template

    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        with open(path, "w", encoding="utf-8", opener=lambda name, _: os.open(name, flags, 0o600)) as file:
            file.write(template())
    except FileExistsError as error:
        raise InvalidSettings([f"{path} is there already; --force overwrites it"]) from error
    except OSError as error:
        raise InvalidSettings([f"{path}: {error.strerror}"]) from error
    output.line(f"Wrote {path}.")
    output.line("Next: set url and base_dn of [directory] and the domains of [tenant] in it, then run")
    output.line(f"  connector --config {path} check")
