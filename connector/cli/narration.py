"""Tell a story of the lab at the terminal."""

from __future__ import annotations

import typer

from connector.cli import output
from connector.values.printable import printable


class Printed:
    """Prints; values from a directory are escaped.

    Lines end between words where the screen does; LDIF and command lines stay as they are typed.
    """

    def heading(self, text: str) -> None:
        typer.echo()
        output.line(f"== {text}", hanging=3, bold=True)

    def say(self, text: str) -> None:
        typer.echo()
        output.line(text, hanging=0)

    def change(self, ldif: str) -> None:
        for line in ldif.rstrip().split("\n"):
            typer.secho(f"    {printable(line)}".rstrip(), fg="cyan")

    def command(self, line: str) -> None:
        typer.secho(f"\n$ {printable(line)}", bold=True)

    def output(self, text: str) -> None:
        for line in text.splitlines():
            output.line(line)

    def holds(self, sentence: str) -> None:
        output.line(f"  ok: {sentence}", hanging=4, fg="green")


class SilentNarrator:
    """Says nothing."""

    def heading(self, text: str) -> None: ...

    def say(self, text: str) -> None: ...

    def change(self, ldif: str) -> None: ...

    def command(self, line: str) -> None: ...

    def output(self, text: str) -> None: ...

    def holds(self, sentence: str) -> None: ...
