"""Parse a line as PowerShell does: words, quotes, parameters, lists and pipes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.errors import CmdletFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Word processors make these of a plain dash and of plain quotes, and PowerShell takes them as such.
DASHES = "-\u2013\u2014\u2015"
_SINGLE = "'\u2018\u2019\u201a\u201b"
_DOUBLE = '"\u201c\u201d\u201e'
_ESCAPED = {"0": "\0", "n": "\n", "r": "\r", "t": "\t"}
_PIPE, _COMMA = "|", ","
_MISSING = "Missing argument in parameter list."


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


class Value(NamedTuple):
    """An argument: one item, or several with commas between them."""

    items: tuple[str, ...]


Element = Parameter | Value


class Command(NamedTuple):
    """One command of a pipeline with its arguments."""

    name: str
    elements: tuple[Element, ...]


def parse(line: str) -> list[Command]:
    """Return the commands of a pipeline, none for an empty line or a comment.

    Raises CmdletFailed.
    """
    commands: list[list[Word | Sign | Parameter]] = [[]]
    for token in _tokens(line):
        if isinstance(token, Sign) and token.text == _PIPE:
            commands.append([])
        else:
            commands[-1].append(token)
    if commands == [[]]:
        return []
    return [_command(tokens) for tokens in commands]


def _command(tokens: Sequence[Word | Sign | Parameter]) -> Command:
    match tokens:
        case []:
            raise CmdletFailed("An empty pipe element is not allowed.")
        case [Word(name), *rest]:
            return Command(name, tuple(_elements(rest)))
        case _:
            raise CmdletFailed("A command begins with the name of a cmdlet.")


def _elements(tokens: Sequence[Word | Sign | Parameter]) -> list[Element]:
    """Join words separated by commas."""
    found: list[Element] = []
    joining = False
    for token in tokens:
        before = found[-1] if found else None
        match token:
            case Word(text) if joining and isinstance(before, Value):
                found[-1] = Value((*before.items, text))
                joining = False
            case Word(text):
                found.append(Value((text,)))
            case Sign() if isinstance(before, Value) and not joining:
                joining = True
            case Parameter() if not joining:
                found.append(token)
            case _:
                raise CmdletFailed(_MISSING)
    if joining:
        raise CmdletFailed(_MISSING)
    return found


def _tokens(line: str) -> Iterator[Word | Sign | Parameter]:
    at = 0
    while at < len(line):
        character = line[at]
        if character.isspace():
            at += 1
        elif character == "#":
            return
        elif character in (_PIPE, _COMMA):
            yield Sign(character)
            at += 1
        elif character == ";":
            raise CmdletFailed("Unexpected token ';': write one command a line.")
        elif _begins_parameter(line, at):
            end = _end_of_name(line, at + 1)
            colon = line[end : end + 1] == ":"
            yield Parameter(line[at + 1 : end], colon)
            at = end + colon
        else:
            text, at = _word(line, at)
            yield Word(text)


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
        if character in _SINGLE:
            part, at = _quoted(line, at + 1, _SINGLE, escapes=False)
        elif character in _DOUBLE:
            part, at = _quoted(line, at + 1, _DOUBLE, escapes=True)
        elif character == "`":
            part, at = line[at + 1 : at + 2], at + 2
        else:
            part, at = character, at + 1
        parts.append(part)
    return "".join(parts), at


def _quoted(line: str, at: int, quotes: str, *, escapes: bool) -> tuple[str, int]:
    """Read up to the closing quote; a doubled quote is a literal quote."""
    parts: list[str] = []
    while at < len(line):
        character, following = line[at], line[at + 1 : at + 2]
        if character in quotes and (not following or following not in quotes):
            return "".join(parts), at + 1
        if character in quotes:
            parts.append(character)
            at += 2
        elif escapes and character == "`":
            parts.append(_ESCAPED.get(following, following))
            at += 2
        else:
            parts.append(character)
            at += 1
    raise CmdletFailed(f"The string is missing the terminator: {quotes[0]}.")
