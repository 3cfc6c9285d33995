"""Cut an expression into its tokens."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from connector.rules.language.mistakes import Refused
from connector.rules.language.values import ExpressionFailed, number_in

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(Enum):
    TEXT = auto()
    NUMBER = auto()
    ATTRIBUTE = auto()
    PARAMETER = auto()
    VARIABLE = auto()
    NAME = auto()
    SIGN = auto()
    END = auto()


class Token(NamedTuple):
    """A token; ``text`` is what it means: of a text literal the text, of an attribute its name."""

    kind: Kind
    at: int
    end: int
    text: str


_TOKENS = re.compile(
    r"""(?P<space>\s+)
      | (?P<text>"(?:[^"]|"")*")
      | (?P<attribute>\[[^\[\]]*\])
      | (?P<parameter>%[^%\s]+%)
      | (?P<variable>[$][A-Za-z_][A-Za-z0-9_]*)
      | (?P<hexadecimal>&[Hh][0-9A-Fa-f]+(?![A-Za-z0-9_]))
      | (?P<number>[0-9]+(?:[.][0-9]+)?(?![A-Za-z0-9_.]))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>&&|\|\||<>|<=|>=|[-+*/&=<>(),])
    """,
    re.VERBOSE,
)
_KINDS = {
    "text": Kind.TEXT,
    "attribute": Kind.ATTRIBUTE,
    "parameter": Kind.PARAMETER,
    "variable": Kind.VARIABLE,
    "number": Kind.NUMBER,
    "hexadecimal": Kind.NUMBER,
    "name": Kind.NAME,
    "sign": Kind.SIGN,
}
_ESCAPES = re.compile(r'""|\\\\')
_SMART_QUOTES = "\u201c\u201d\u201e\u00ab\u00bb"
_UNKNOWN = {
    '"': "the text is not closed: a quotation mark is missing",
    "[": "the name of the attribute is not closed: ] is missing",
    "]": "] closes nothing",
    "%": "a parameter is written %Domain.FQDN%",
    "|": "or is written ||",
    "!": "not equal is written <>",
    "'": 'a text stands in straight double quotation marks: "text"',
    "{": "there are no braces in the language",
    "$": "a variable is written $name",
}


def tokens(expression: str) -> Iterator[Token]:
    """Yield the tokens of an expression, at last one that is its end. Raises Refused.

    Behind an operand ``&H`` joins texts; elsewhere it begins a hexadecimal number.
    """
    at, joins = 0, False
    while at < len(expression):
        match = _TOKENS.match(expression, at)
        if match is None or match.lastgroup is None:
            raise _unknown(expression, at)
        group, end = match.lastgroup, match.end()
        if group == "hexadecimal" and joins:
            group, end = "sign", at + 1
        if group != "space":
            token = Token(_KINDS[group], at, end, _meant(group, expression[at:end], at))
            joins = token.kind is not Kind.SIGN or token.text == ")"
            yield token
        at = end
    yield Token(Kind.END, len(expression), len(expression) + 1, "")


def number(token: Token) -> int | float:
    """Return the value of a number. Raises Refused for one that is too large."""
    try:
        found = number_in(token.text)
    except ExpressionFailed:
        found = None
    if found is None:
        raise Refused(token.at, token.end - token.at, "the number is too large")
    return found


def _meant(group: str, written: str, at: int) -> str:
    match group:
        case "text":
            return _ESCAPES.sub(lambda pair: pair[0][0], written[1:-1])
        case "attribute":
            if not (name := written[1:-1].strip()):
                raise Refused(at, len(written), "the name of the attribute is missing")
            return name
        case "parameter":
            return written[1:-1]
    return written


def _unknown(expression: str, at: int) -> Refused:
    character = expression[at]
    if character in _SMART_QUOTES:
        said = 'a text stands in straight quotation marks: "text"'
    elif character.isdigit():
        said = "this is neither a number nor a name"
    else:
        shown = character if character.isprintable() else f"U+{ord(character):04X}"
        said = _UNKNOWN.get(character, f"{shown} means nothing here")
    return Refused(at, 1, said)
