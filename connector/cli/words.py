"""Read an option that takes a word of a fixed set: in any case, and never a word that is not one."""

from __future__ import annotations

import shutil
import sys
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import typer

from connector.values import screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def word(
    text: str, words: Iterable[str], option: str, *, others: Mapping[str, str] | None = None
) -> str:
    """Return the word that a text means, as the program spells it.

    ``others`` maps further spellings to words. Raises BadParameter, with the words that there are.
    """
    known = list(words)
    spelled = {name.lower(): name for name in known}
    spelled = {name.lower(): meant for name, meant in (others or {}).items()} | spelled
    if found := spelled.get(text.lower()):
        return found
    near = _nearest(text.lower(), spelled)
    said = f"{text!r} is not one of them"
    raise typer.BadParameter(_told(said, known, near and spelled[near[0]]), param_hint=option)


def filled(text: str | None, option: str) -> str | None:
    """Return what an option was given. Raises BadParameter where that is empty: no variable of a script."""
    if text is not None and not text.strip():
        raise typer.BadParameter("it is empty: leave it out, or give it a value", param_hint=option)
    return text


def pattern(text: str, words: Iterable[str], option: str) -> str:
    """Return a shell pattern in lower case. Raises BadParameter where none of the words fits it."""
    known = list(words)
    lower = text.lower()
    if any(fnmatchcase(name, lower) for name in known):
        return lower
    near = _nearest(lower, known)
    near = near or [name for name in known if name.startswith(f"{lower.rstrip('*.')}.")][:1]
    said = f"{text!r} fits none of them"
    raise typer.BadParameter(_told(said, known, near and near[0]), param_hint=option)


def _nearest(text: str, words: Iterable[str]) -> list[str]:
    from difflib import get_close_matches  # slow to import, and seldom asked

    return get_close_matches(text, list(words), n=1)


def _told(said: str, known: list[str], near: object) -> str:
    """List the words, on a terminal in lines of their own, and the one that was probably meant."""
    hint = f" Did you mean {near}?" if near else ""
    if not sys.stderr.isatty():
        return f"{said}: {', '.join(known)}.{hint}"
    listed = screen.wrapped(f"  {', '.join(known)}.", shutil.get_terminal_size().columns)
    return "\n".join([f"{said}:{hint}", *listed])
