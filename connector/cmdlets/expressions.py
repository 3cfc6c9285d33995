"""Read the expressions of a pipe: ``$_.DisplayName -like "A*" -and -not $_.IsLicensed``.

They compare, combine and look at members; nothing in them calls or changes anything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.cmdlets import operators
from connector.cmdlets.tokens import DASHES, DOUBLE, SINGLE, balanced, outside, quoted
from connector.errors import CmdletFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Evaluate = Callable[[Any], Any]

_CONSTANTS = {"$true": True, "$false": False, "$null": None}
_THIS = ("$_", "$psitem")
_TOKEN = re.compile(
    rf"\s*(?:(?P<variable>\$\w+)|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])|[{DASHES}](?P<operator>[A-Za-z]+)"
    r"|(?P<member>\.\w+\b)(?!\()|\[(?P<index>-?\d{1,9})\]|(?P<sign>@?\(|[)!,]))"
)
_PART = re.compile(r"(?P<quote>[\"']?)(?P<name>\w+)(?P=quote)\s*=\s*")
_BETWEEN = " ;\t\r\n"
_DEEPEST = 20


class Calculated(NamedTuple):
    """A property that is worked out: ``@{Name="Error"; Expression={$_.Errors[0]}}``.

    ``descending`` says how it is sorted by, None where the hash table does not.
    """

    name: str
    of: Evaluate
    descending: bool | None = None


class _Token(NamedTuple):
    kind: str
    value: Any


def expression(text: str) -> Evaluate:
    """Return what evaluates an expression for an object; raises CmdletFailed for what is none."""
    reader = _Reader(list(_tokens(text)), text)
    found = reader.any_of()
    reader.expect_end()
    return found


def calculated(text: str) -> Calculated:
    """Read the inside of a hash table that describes a property; raises CmdletFailed."""
    parts: dict[str, str] = {}
    at = 0
    while rest := text[at:].lstrip(_BETWEEN):
        at = len(text) - len(rest)
        match = _PART.match(text, at)
        if match is None:
            raise outside(f"The hash table '@{{{text}}}'")
        parts[match["name"].lower()], at = _part(text, match.end())
    name = _first(parts, "name", "n", "label", "l")
    of = _first(parts, "expression", "e")
    if of is None:
        raise CmdletFailed("A calculated property needs an Expression.")
    name = of.removeprefix("{").strip() if name is None else name
    descending = _direction(parts)
    if of.startswith("{"):
        return Calculated(name, expression(of[1:]), descending)
    return Calculated(name, lambda item: operators.member(item, of), descending)


def _direction(parts: dict[str, str]) -> bool | None:
    """Tell which way a hash table sorts: ``Descending=$true``, ``Ascending=$false``."""
    for name, value in (("descending", "$true"), ("ascending", "$false")):
        if name in parts:
            return parts[name].lower() == value
    return None


def _first(parts: dict[str, str], *names: str) -> str | None:
    return next((parts[name] for name in names if name in parts), None)


def _part(text: str, at: int) -> tuple[str, int]:
    """Read one value of a hash table; that of braces begins with the brace."""
    if text[at : at + 1] == "{":
        inner, at = balanced(text, at)
        return f"{{{inner}", at
    if text[at : at + 1] and text[at] in SINGLE + DOUBLE:
        return quoted(text, at)
    word = re.compile(r"[^;\s]*").match(text, at)
    return (word[0], word.end()) if word else ("", at)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while rest := text[at:].lstrip():
        at = len(text) - len(rest)
        if rest[0] in SINGLE + DOUBLE:
            found, end = quoted(text, at)
            yield _Token("constant", found)
            at = end
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise outside(f"'{rest}'")
        yield _token(match)
        at = match.end()


def _token(match: re.Match[str]) -> _Token:
    kind = match.lastgroup or ""
    found = match[kind]
    match kind:
        case "variable" if found.lower() in _CONSTANTS:
            return _Token("constant", _CONSTANTS[found.lower()])
        case "variable" if found.lower() in _THIS:
            return _Token("this", found)
        case "variable":
            raise outside(f"The variable {found}")
        case "number":
            return _Token("constant", float(found) if "." in found else int(found))
        case "index":
            return _Token("index", int(found))
        case "operator":
            return _Token("operator", found.lower())
        case _:
            return _Token(kind, found.removeprefix("."))


class _Reader:
    """Reads tokens by the rules of precedence: ``-not``, comparisons, then ``-and`` and ``-or``.

    PowerShell gives ``-and`` and ``-or`` one rank, from left to right.
    """

    def __init__(self, found: list[_Token], text: str) -> None:
        self._tokens = found
        self._text = text
        self._at = 0
        self._depth = 0

    def any_of(self) -> Evaluate:
        left = self._comparison()
        while (token := self._next("operator", "and", "or", "xor")) is not None:
            left = _combined(token.value, left, self._comparison())
        return left

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise outside(f"'{{{self._text}}}'")

    def _comparison(self) -> Evaluate:
        left = self._operand()
        while (token := self._next("operator", "join", *operators.OPERATORS)) is not None:
            left = _compared(token.value, left, self._operand())
        return left

    def _operand(self) -> Evaluate:
        first = self._single()
        if self._next("sign", ",") is None:
            return first
        several = [first, self._single()]
        while self._next("sign", ",") is not None:
            several.append(self._single())
        return lambda this: [each(this) for each in several]

    def _single(self) -> Evaluate:
        if self._next("operator", "not") or self._next("sign", "!"):
            self._go_deeper()
            denied = self._single()
            self._depth -= 1
            return lambda this: not operators.is_true(denied(this))
        if self._next("sign", "(", "@("):
            return self._members(self._in_parentheses())
        token = self._next("this") or self._next("constant")
        if token is None:
            raise CmdletFailed(f"You must provide a value expression in '{{{self._text}}}'.")
        if token.kind == "this":
            return self._members(lambda this: this)
        return lambda _: token.value

    def _in_parentheses(self) -> Evaluate:
        self._go_deeper()
        inner = self.any_of()
        if self._next("sign", ")") is None:
            raise CmdletFailed(f"Missing closing ')' in '{{{self._text}}}'.")
        self._depth -= 1
        return inner

    def _go_deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise outside(f"An expression nested deeper than {_DEEPEST} levels")

    def _members(self, of: Evaluate) -> Evaluate:
        while token := self._next("member") or self._next("index"):
            of = _looked_up(token, of)
        return of

    def _next(self, kind: str, *values: str) -> _Token | None:
        """Take the next token if it is of this kind, and one of the values where these are named."""
        if self._at == len(self._tokens):
            return None
        token = self._tokens[self._at]
        if token.kind != kind or (values and token.value not in values):
            return None
        self._at += 1
        return token


def _looked_up(token: _Token, of: Evaluate) -> Evaluate:
    if token.kind == "member":
        return lambda this: operators.member(of(this), token.value)
    return lambda this: operators.item(of(this), token.value)


def _compared(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
    if operator == "join":
        return lambda this: operators.joined(left(this), right(this))
    return lambda this: operators.compare(operator, left(this), right(this))


def _combined(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
    def truth(this: Any) -> bool:
        one = operators.is_true(left(this))
        if operator == "and":
            return one and operators.is_true(right(this))
        if operator == "or":
            return one or operators.is_true(right(this))
        return one is not operators.is_true(right(this))

    return truth
