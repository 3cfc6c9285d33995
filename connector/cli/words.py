"""Read an option that takes a word of a fixed set: in any case, and never a word that is not one."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import typer

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
    near = get_close_matches(text.lower(), spelled, n=1)
    raise typer.BadParameter(
        f"{text!r} is not one of them: {', '.join(known)}.{_hint(near and spelled[near[0]])}",
        param_hint=option,
    )


def pattern(text: str, words: Iterable[str], option: str) -> str:
    """Return a shell pattern in lower case. Raises BadParameter where none of the words fits it."""
    known = list(words)
    lower = text.lower()
    if any(fnmatchcase(name, lower) for name in known):
        return lower
    near = get_close_matches(lower, known, n=1)
    near = near or [name for name in known if name.startswith(f"{lower.rstrip('*.')}.")][:1]
    raise typer.BadParameter(
        f"{text!r} fits none of them: {', '.join(known)}.{_hint(near and near[0])}",
        param_hint=option,
    )


def _hint(near: object) -> str:
    return f" Did you mean {near}?" if near else ""
