"""Tell a story of the lab at the terminal."""

from __future__ import annotations

import typer

from connector.values.printable import printable


class Printed:
    """Prints; values from a directory are escaped."""

    def heading(self, text: str) -> None:
        typer.secho(f"\n== {printable(text)}", bold=True)

    def say(self, text: str) -> None:
        typer.echo(f"\n{printable(text)}")

    def change(self, ldif: str) -> None:
        for line in ldif.rstrip().split("\n"):
            typer.secho(f"    {printable(line)}".rstrip(), fg="cyan")

    def command(self, line: str) -> None:
        typer.secho(f"\n$ {printable(line)}", bold=True)

    def output(self, text: str) -> None:
        for line in text.splitlines():
            typer.echo(printable(line))

    def holds(self, sentence: str) -> None:
        typer.secho(f"  ok: {printable(sentence)}", fg="green")


class SilentNarrator:
    """Says nothing."""

    def heading(self, text: str) -> None: ...

    def say(self, text: str) -> None: ...

    def change(self, ldif: str) -> None: ...

    def command(self, line: str) -> None: ...

    def output(self, text: str) -> None: ...

    def holds(self, sentence: str) -> None: ...
