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
_CONSTANT = re.compile(r"\$(?:true|false|null)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$[\w({]")
_MEMBERS = re.compile(r"(?:\.\w+\b(?!\()|\[-?\d{1,9}\])*")
_CARRIED = re.compile(r"`\r?\n")
_CLOSING = {"(": ")", "{": "}"}
_DEEPEST = 20
# What ends a word, and what may not stand in one outside quotes.
_ENDS = "|,;(){}"
_ELSEWHERE = "<>&"


class Word(NamedTuple):
    """A word without its quotes."""

    text: str


class Sign(NamedTuple):
    """A pipe, a comma or a semicolon outside quotes; the end of a line is a semicolon."""

    text: str


class Variable(NamedTuple):
    """A word with a variable in it: ``$user``. The constants ``$true`` and so on are words."""

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


Token = Word | Variable | Sign | Parameter | Script | Table | Group


def outside(what: str) -> CmdletFailed:
    """Return the error for what PowerShell can do and these cmdlets cannot."""
    return CmdletFailed(
        f"{what} is outside of what this line can do: it has cmdlets and pipes, but is not "
        "PowerShell. A script of your own reads the JSON of the commands, such as "
        "`connector errors --json`, or of a line that ends in `| ConvertTo-Json`."
    )


def tokens(line: str) -> Iterator[Token]:
    """Yield the tokens of one line or several; raises CmdletFailed for what is not closed."""
    at, before = 0, ""
    while at < len(line):
        character = line[at]
        if character == "\n" and before not in ("|", ","):
            before = ";"
            yield Sign(";")
            at += 1
        elif (end := _end_of_blank(line, at)) > at:
            at = end
        elif character in "|,;":
            if line.startswith("||", at):
                raise outside("'||'")
            before = character
            yield Sign(character)
            at += 1
        else:
            before = ""
            token, at = _token(line, at)
            yield token


def _end_of_blank(line: str, at: int) -> int:
    """Return where blanks, remarks and a backtick that carries a line on have ended."""
    if line[at].isspace():
        return at + 1
    if line.startswith("<#", at):
        end = line.find("#>", at)
        if end < 0:
            raise CmdletFailed("The terminator '#>' is missing from the multiline comment.")
        return end + 2
    if line[at] == "#":
        end = line.find("\n", at)
        return len(line) if end < 0 else end
    carried = _CARRIED.match(line, at)
    return carried.end() if carried else at


def _token(line: str, at: int) -> tuple[Token, int]:
    """Read a word, a parameter, or what braces or parentheses enclose; return it and its end."""
    if line.startswith(("(", "{", "@(", "@{"), at):
        return _enclosed(line, at)
    if line[at] in ")}":
        raise CmdletFailed(f"Unexpected token '{line[at]}' in expression or statement.")
    if line[at] == "@":
        is_text = line[at + 1 : at + 2] in (*SINGLE, *DOUBLE)
        raise outside("A here-string" if is_text else "Splatting with @")
    if _begins_parameter(line, at):
        end = _end_of_name(line, at + 1)
        colon = line[end : end + 1] == ":"
        return Parameter(line[at + 1 : end], colon), end + colon
    return _word(line, at)


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
    start = at
    at += 1
    while at < len(line):
        character, following = line[at], line[at + 1 : at + 2]
        if character in quotes and (not following or following not in quotes):
            return "".join(parts), at + 1
        if character in quotes:
            parts.append(character)
            at += 2
        elif quotes is DOUBLE and _VARIABLE.match(line, at):
            raise outside(f"A variable in quotes, as in {line[start:]},")
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
    while at < len(line) and not line[at].isspace() and line[at] not in f":{_ENDS}":
        at += 1
    return at


def _word(line: str, at: int) -> tuple[Word | Variable, int]:
    """Read a word, which may have quoted parts; return it and where it ends."""
    parts: list[str] = []
    start, is_variable = at, False
    while at < len(line) and not line[at].isspace() and line[at] not in _ENDS:
        character = line[at]
        if character in _ELSEWHERE:
            raise outside(f"'{character}' outside quotes (`| Out-File FILE` writes a file)")
        if line.startswith(("$(", "${"), at):
            raise outside(f"'{line[at : at + 2]}'")
        is_variable = is_variable or _VARIABLE.match(line, at) is not None
        if character in SINGLE or character in DOUBLE:
            part, at = quoted(line, at)
        elif character == "`":
            part, at = line[at + 1 : at + 2], at + 2
        else:
            part, at = character, at + 1
        parts.append(part)
    if is_variable and not _CONSTANT.fullmatch(line, start, at):
        return Variable(line[start:at]), at
    return Word("".join(parts)), at
