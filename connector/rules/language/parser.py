"""Read an expression: precedence climbing over its tokens (a Pratt parser).

From strong to weak: sign; ``*`` ``/``; ``+`` ``-``; ``&``; comparisons; ``&&``; ``||``. Operators of one
strength are a chain, however long, which keeps the depth of what is read small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.rules.language.mistakes import Refused
from connector.rules.language.syntax import (
    Attribute,
    Call,
    Chain,
    Constant,
    Link,
    Parameter,
    Sign,
    Variable,
    Word,
)
from connector.rules.language.tokens import Kind, Token, number, tokens
from connector.rules.language.values import Marker

if TYPE_CHECKING:
    from connector.rules.language.syntax import Node
    from connector.rules.language.values import Result

LENGTH = 10_000
"""Characters that an expression may have."""

DEPTH = 64
"""How deep calls and operators may stand in each other."""

# Each parenthesis and each stronger operator is a step deeper into the parser.
_NESTING = 100

LITERALS: dict[str, Result] = {
    "NULL": None,
    "True": True,
    "False": False,
    "CRLF": "\r\n",
    Marker.AUTHORITATIVE_NULL.value: Marker.AUTHORITATIVE_NULL,
    Marker.IGNORE_THIS_FLOW.value: Marker.IGNORE_THIS_FLOW,
}
"""The names that stand for a value; their case counts."""

STRENGTH = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), 3),
    "&": 4,
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/"), 6),
}


def parse(expression: str) -> Node:
    """Return what an expression consists of. Raises Refused, with the place, for what is not one."""
    if len(expression) > LENGTH:
        said = f"the expression has {len(expression):,} characters; {LENGTH:,} are the most"
        raise Refused(LENGTH, 1, said)
    return _Parser(expression).whole()


class _Parser:
    def __init__(self, expression: str) -> None:
        self._tokens = tokens(expression)
        self._token = next(self._tokens)
        self._end = 0
        self._depth = 0

    def whole(self) -> Node:
        if self._is_at_end():
            raise Refused(0, 1, "the expression is empty")
        found = self._expression(1)
        if not self._is_at_end():
            raise self._refused(_surplus(self._token))
        _refuse_too_deep(found)
        return found

    def _expression(self, weakest: int) -> Node:
        """Read operands and the operators between them that are at least as strong."""
        self._depth += 1
        if self._depth > _NESTING:
            raise self._refused("too many calls and parentheses stand in each other")
        left = self._operand()
        while (strength := self._strength()) >= weakest:
            links = []
            while self._strength() == strength:
                operator = self._take()
                links.append(Link(operator.at, operator.text, self._expression(strength + 1)))
            left = Chain(left.at, self._end, left, tuple(links))
        self._depth -= 1
        return left

    def _operand(self) -> Node:
        token = self._take()
        place = token.at, token.end
        found: Node
        match token.kind:
            case Kind.TEXT:
                found = Constant(*place, token.text)
            case Kind.NUMBER:
                found = Constant(*place, number(token))
            case Kind.ATTRIBUTE:
                found = Attribute(*place, token.text)
            case Kind.PARAMETER:
                found = Parameter(*place, token.text)
            case Kind.VARIABLE:
                found = Variable(*place, token.text)
            case Kind.NAME:
                found = self._named(token)
            case Kind.SIGN if token.text == "(":
                found = self._parenthesized(token)
            case Kind.SIGN if token.text in "+-":
                found = self._signed(token)
            case _:
                raise Refused(token.at, token.end - token.at, _missing(token))
        return found

    def _named(self, token: Token) -> Node:
        if self._token.text == "(" and self._token.kind is Kind.SIGN:
            self._take()
            return Call(token.at, token.end, token.text, self._arguments(token))
        if token.text in LITERALS:
            return Constant(token.at, token.end, LITERALS[token.text])
        return Word(token.at, token.end, token.text)

    def _arguments(self, name: Token) -> tuple[Node, ...]:
        if self._is(")"):
            self._take()
            return ()
        arguments = [self._expression(1)]
        while self._is(","):
            self._take()
            arguments.append(self._expression(1))
        if not self._is(")"):
            if self._is_at_end():
                raise self._refused(f") is missing: the arguments of {name.text} do not end")
            raise self._refused(f"{_surplus(self._token)}: arguments are parted by commas")
        self._take()
        return tuple(arguments)

    def _parenthesized(self, opening: Token) -> Node:
        found = self._expression(1)
        if not self._is(")"):
            if self._is_at_end():
                raise Refused(opening.at, 1, ") is missing: this parenthesis is not closed")
            raise self._refused(_surplus(self._token))
        self._take()
        return found

    def _signed(self, sign: Token) -> Node:
        self._depth += 1
        if self._depth > _NESTING:
            raise self._refused("too many signs stand before each other")
        operand = self._operand()
        self._depth -= 1
        return Sign(sign.at, self._end, sign.text, operand)

    def _strength(self) -> int:
        return STRENGTH.get(self._token.text, 0) if self._token.kind is Kind.SIGN else 0

    def _is_at_end(self) -> bool:
        return self._token.kind is Kind.END

    def _is(self, sign: str) -> bool:
        return self._token.kind is Kind.SIGN and self._token.text == sign

    def _take(self) -> Token:
        token = self._token
        if token.kind is not Kind.END:
            self._end = token.end
            self._token = next(self._tokens)
        return token

    def _refused(self, sentence: str) -> Refused:
        return Refused(self._token.at, self._token.end - self._token.at, sentence)


def _refuse_too_deep(whole: Node) -> None:
    """Raise Refused for calls and operators that stand too deep in each other."""
    waiting = [(whole, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEPTH:
            said = f"more than {DEPTH} calls and operators stand in each other"
            raise Refused(node.at, node.end - node.at, said)
        match node:
            case Call(arguments=arguments):
                waiting += [(each, depth + 1) for each in arguments]
            case Chain(first=first, links=links):
                waiting += [
                    (each, depth + 1) for each in (first, *(link.operand for link in links))
                ]
            case Sign(operand=operand):
                waiting.append((operand, depth + 1))


def _missing(token: Token) -> str:
    """Say that a value is missing where a token stands."""
    if token.kind is Kind.END:
        return "a value is missing: the expression ends here"
    return f"a value is missing before {token.text}"


def _surplus(token: Token) -> str:
    """Say that a token stands where only an operator could."""
    match token.kind:
        case Kind.SIGN if token.text == ")":
            return ") closes nothing"
        case Kind.SIGN:
            return f"{token.text} stands where an operator is wanted"
        case Kind.NAME if token.text.lower() in ("and", "or", "not", "mod"):
            return f"{token.text} is not an operator: && is and, || is or"
        case _:
            return "an operator is missing before this"
