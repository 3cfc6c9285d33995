"""Tell a story of the lab step by step: each step waits for a key."""

from __future__ import annotations

import sys

import typer

from connector.cli.narration import Printed

_PROMPT = "  -- press a key to go on, q to end --"
_END = frozenset("qQ\x1b")


def can_pause() -> bool:
    """Tell whether somebody sees the story and can press a key."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class Paused(Printed):
    """Prints, and waits before a command runs and before a change is made.

    Its readers then have the time to guess what comes. Raises KeyboardInterrupt for q, Escape, Ctrl-C
    and the end of the input.
    """

    def change(self, ldif: str) -> None:
        super().change(ldif)
        _await_key()

    def command(self, line: str) -> None:
        super().command(line)
        _await_key()


def _await_key() -> None:
    typer.secho(_PROMPT, nl=False, dim=True)
    try:
        key = typer.getchar()
    except EOFError:
        raise KeyboardInterrupt from None
    finally:
        # Take the prompt away again, so that what was told stays as if nobody had waited.
        typer.echo(f"\r{' ' * len(_PROMPT)}\r", nl=False)
    if key in _END:
        raise KeyboardInterrupt
