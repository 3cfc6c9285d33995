"""Complete the end of a line of cmdlets: names, parameters and their values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from connector.cmdlets.binding import SWITCH
from connector.cmdlets.catalog import CMDLETS, PIPES, find
from connector.cmdlets.powershell import DASHES
from connector.errors import CmdletFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.cmdlets.binding import Parameter, Signature

_WORD = re.compile(r"\S*$")
_LAST_COMMAND = re.compile(r"[^|;]*$")


class Completion(NamedTuple):
    """A text to put in the place of the last ``length`` characters, and what it means."""

    text: str
    length: int
    meaning: str


def completions(line: str) -> Iterator[Completion]:
    """Return completions of the last word of a line, ignoring case to be helpful."""
    tail = _match(_LAST_COMMAND, line)
    word = _match(_WORD, tail)
    before = tail[: len(tail) - len(word)].split()
    if not before:
        known = PIPES if "|" in line.rpartition(";")[2] else CMDLETS
        found = [(each.signature.name, each.help) for each in known]
    else:
        found = list(_in_command(before, word))
    for text, meaning in found:
        if text.lower().startswith(word.lower()):
            yield Completion(text, len(word), meaning)


def _in_command(before: list[str], word: str) -> Iterator[tuple[str, str]]:
    try:
        known = find(before[0])
    except CmdletFailed:
        return
    named = {text[1:] for text in before[1:] if text[0] in DASHES}
    last = _parameter(known.signature, before[-1])
    if word[:1] and word[0] in DASHES:
        for parameter in known.signature.parameters:
            if parameter.name not in named and parameter.excludes not in named:
                yield f"{word[0]}{parameter.name}", parameter.help
    elif last is not None and last.kind is not SWITCH:
        yield from ((value, last.help) for value in last.kind.values)
    elif known.signature.name == "Get-Help":
        yield from ((cmdlet.name, cmdlet.help) for cmdlet in CMDLETS)
    elif not word:
        yield from _in_command(before, "-")


def _parameter(signature: Signature, word: str) -> Parameter | None:
    if word[0] not in DASHES:
        return None
    return next((each for each in signature.parameters if each.name == word[1:]), None)


def _match(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0] if found else ""
