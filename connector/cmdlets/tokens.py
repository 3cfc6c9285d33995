"""Cut a line into tokens as PowerShell does: words, quotes, parameters, blocks and parentheses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import CmdletFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

# Word processors make these of a plain dash and of plain quotes, and PowerShell takes them as such.
DASHES = "-\u2013\u2014\u2015"
SINGLE = "'\u2018\u2019\u201a\u201b"
DOUBLE = '"\u201c\u201d\u201e'
_ESCAPED = {"0": "\0", "n": "\n", "r": "\r", "t": "\t"}
_MEMBERS = re.compile(r"(?:\.\w+\b(?!\()|\[-?\d{1,9}\])*")
_CLOSING = {"(": ")", "{": "}"}
_DEEPEST = 20


class Word(NamedTuple):
    """A word without its quotes."""

    text: str


class Sign(NamedTuple):
    """A pipe or a comma outside quotes."""

    text: str


class Parameter(NamedTuple):
    """A name after a dash; with ``colon`` the value that follows is its own (``-Force:$false``)."""

    name: str
    colon: bool


class Script(NamedTuple):
    """What stands in braces: ``{ $_.DisplayName -like "A*" }``."""

    text: str


class Table(NamedTuple):
    """What stands in the braces of a hash table: ``@{Name="Error"; Expression={...}}``."""

    text: str


class Group(NamedTuple):
    """A line in parentheses, and the members asked of what it gives: ``(Get-MsolUser).Count``."""

    line: str
    members: str


Token = Word | Sign | Parameter | Script | Table | Group


def outside(what: str) -> CmdletFailed:
    """Return the error for what PowerShell can do and these cmdlets cannot."""
    return CmdletFailed(
        f"{what} is outside of what this line can do: it has cmdlets and pipes, but is not "
        "PowerShell. A script of your own reads the JSON of the commands, such as "
        "`connector errors --json`, or of a line that ends in `| ConvertTo-Json`."
    )


def tokens(line: str) -> Iterator[Token]:
    """Yield the tokens of a line up to a comment; raises CmdletFailed for what is not closed."""
    at = 0
    while at < len(line):
        character = line[at]
        if character.isspace():
            at += 1
        elif character == "#":
            return
        elif character in "|,":
            yield Sign(character)
            at += 1
        elif character == ";":
            raise CmdletFailed("Unexpected token ';': write one command a line.")
        elif line.startswith(("(", "{", "@(", "@{"), at):
            token, at = _enclosed(line, at)
            yield token
        elif _begins_parameter(line, at):
            end = _end_of_name(line, at + 1)
            colon = line[end : end + 1] == ":"
            yield Parameter(line[at + 1 : end], colon)
            at = end + colon
        else:
            text, at = _word(line, at)
            yield Word(text)


def _enclosed(line: str, at: int) -> tuple[Token, int]:
    """Read what parentheses or braces enclose, and the members behind parentheses."""
    is_marked = line[at] == "@"
    opening = line[at + is_marked]
    inner, at = balanced(line, at + is_marked)
    if opening == "{":
        return (Table(inner) if is_marked else Script(inner)), at
    members = _MEMBERS.match(line, at)
    end = members.end() if members else at
    if line.startswith((".", "["), end):
        raise outside(f"'{line[end:].partition('|')[0].strip()}'")
    return Group(inner, line[at:end]), end


def balanced(line: str, at: int) -> tuple[str, int]:
    """Read from an opening parenthesis or brace to its closing one.

    Returns what is between, and where the rest begins.
    """
    start, closing = at + 1, [_CLOSING[line[at]]]
    at += 1
    while at < len(line):
        character = line[at]
        if character in SINGLE or character in DOUBLE:
            _, at = quoted(line, at)
            continue
        if character == closing[-1]:
            closing.pop()
            if not closing:
                return line[start:at], at + 1
        elif character in _CLOSING:
            closing.append(_CLOSING[character])
            if len(closing) > _DEEPEST:
                raise outside(f"A line nested deeper than {_DEEPEST} levels")
        at += 1
    raise CmdletFailed(f"Missing closing '{closing[-1]}' in the line.")


def quoted(line: str, at: int) -> tuple[str, int]:
    """Read from a quote to the closing one; a doubled quote is a literal quote."""
    quotes = SINGLE if line[at] in SINGLE else DOUBLE
    parts: list[str] = []
    at += 1
    while at < len(line):
        character, following = line[at], line[at + 1 : at + 2]
        if character in quotes and (not following or following not in quotes):
            return "".join(parts), at + 1
        if character in quotes:
            parts.append(character)
            at += 2
        elif quotes is DOUBLE and character == "`":
            parts.append(_ESCAPED.get(following, following))
            at += 2
        else:
            parts.append(character)
            at += 1
    raise CmdletFailed(f"The string is missing the terminator: {quotes[0]}.")


def _begins_parameter(line: str, at: int) -> bool:
    """Tell ``-Name`` from a negative number."""
    follows = line[at + 1 : at + 2]
    return line[at] in DASHES and (follows.isalpha() or follows in ("_", "?"))


def _end_of_name(line: str, at: int) -> int:
    while at < len(line) and not line[at].isspace() and line[at] not in ":|,;":
        at += 1
    return at


def _word(line: str, at: int) -> tuple[str, int]:
    """Read a word, which may have quoted parts; return it and where it ends."""
    parts: list[str] = []
    while at < len(line) and not line[at].isspace() and line[at] not in "|,;":
        character = line[at]
        if character in SINGLE or character in DOUBLE:
            part, at = quoted(line, at)
        elif character == "`":
            part, at = line[at + 1 : at + 2], at + 2
        else:
            part, at = character, at + 1
        parts.append(part)
    return "".join(parts), at
