"""Parse a filter by recursive descent.

    or         and ("or" and)*
    and        not ("and" not)*
    not        "not" not | term
    term       "(" or ")" | function | path what-follows
    function   ("startswith" | "endswith" | "contains") "(" path "," text ")" ["eq" flag]
    follows    operator literal | "in" "(" literal ("," literal)* ")"
               | "/any(" name ":" or ")" | "/$count" ("eq" | "ne") "0"
    path       name ("/" name)*

Words may have any case. Within ``any`` each path starts with the name that stands before the colon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from connector.web.graph.filter.tokens import Token, syntax_error, tokens
from connector.web.graph.filter.tree import (
    And,
    Compare,
    Elements,
    Function,
    Guid,
    In,
    Match,
    Moment,
    Not,
    Number,
    Operator,
    Or,
    Size,
)
from connector.web.graph.refusals import bad_request, unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.web.graph.filter.tree import Literals, Node, Path

LONGEST = 8192
"""Bytes of a filter in UTF-8."""
DEEPEST = 50
"""Levels of brackets, of ``not`` and of ``any``."""

_OPERATORS: dict[str, Operator] = {name: name for name in get_args(Operator)}
_FUNCTIONS: dict[str, Function] = {name: name for name in get_args(Function)}
_FLAGS = {"true": True, "false": False}


def parse(text: str) -> Node:
    """Return the tree of a filter; raises Refusal for one that is too long, too deep or malformed."""
    if len(text.encode()) > LONGEST:
        raise bad_request(f"Invalid filter clause: it is longer than {LONGEST} bytes.")
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._at = 0
        self._depth = 0
        self._variable: str | None = None

    def whole(self) -> Node:
        found = self._or()
        if self._next.kind != "end":
            raise self._wrong()
        return found

    # --- words --------------------------------------------------------------------------------

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += token.kind != "end"
        return token

    def _skip(self, *words: str) -> str | None:
        """Take the next word if it is one of these."""
        return self._take().word if self._next.word in words else None

    def _need(self, word: str) -> None:
        if self._skip(word) is None:
            raise self._wrong()

    def _wrong(self) -> Exception:
        return syntax_error(self._text, self._next.at)

    def _deeper(self, parse: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise bad_request(f"Invalid filter clause: it is nested deeper than {DEEPEST} levels.")
        found = parse()
        self._depth -= 1
        return found

    # --- conditions ---------------------------------------------------------------------------

    def _or(self) -> Node:
        found = [self._and()]
        while self._skip("or"):
            found.append(self._and())
        return found[0] if len(found) == 1 else Or(tuple(found))

    def _and(self) -> Node:
        found = [self._not()]
        while self._skip("and"):
            found.append(self._not())
        return found[0] if len(found) == 1 else And(tuple(found))

    def _not(self) -> Node:
        if self._skip("not"):
            return Not(self._deeper(self._not))
        return self._term()

    def _term(self) -> Node:
        if self._skip("("):
            found = self._deeper(self._or)
            self._need(")")
            return found
        if self._next.kind != "name":
            raise self._wrong()
        if self._tokens[self._at + 1].word == "(":
            return self._function()
        return self._about(self._path())

    def _function(self) -> Node:
        name = self._take().word
        function = _FUNCTIONS.get(name)
        if function is None:
            raise unsupported(f"The function '{name}' is not supported in a filter.")
        self._need("(")
        path = self._path()
        self._need(",")
        text = self._literal()
        if not isinstance(text, str):
            raise bad_request(f"Invalid filter clause: {name} takes a text in quotes.")
        self._need(")")
        found = Match(function, path, text)
        if self._skip("eq"):
            wanted = _FLAGS.get(self._take().word)
            if wanted is None:
                raise self._wrong()
            return found if wanted else Not(found)
        return found

    def _about(self, path: Path) -> Node:
        """Parse what a filter says about a property."""
        if self._skip("/"):
            return self._about_collection(path)
        word = self._next.word
        if word == "has":
            raise unsupported("The operator 'has' is not supported in a filter.")
        if word == "in":
            self._take()
            return In(path, self._list())
        operator = _OPERATORS.get(word)
        if operator is None:
            raise self._wrong()
        self._take()
        return Compare(path, operator, self._literal())

    def _about_collection(self, path: Path) -> Node:
        if self._skip("$count"):
            operator, value = self._skip("eq", "ne"), self._take()
            if operator is None or value.text != "0":
                raise unsupported("Of $count in a filter only 'eq 0' and 'ne 0' are supported.")
            return Size(path, empty=operator == "eq")
        name = self._take().word
        if name == "all":
            raise unsupported("The operator 'all' is not supported in a filter.")
        self._need("(")
        if self._variable is not None:
            raise unsupported("An 'any' within another one is not supported in a filter.")
        if self._next.word == ")":
            raise unsupported("An 'any' without a condition is not supported in a filter.")
        variable = self._take()
        self._need(":")
        if variable.kind != "name":
            raise self._wrong()
        self._variable = variable.text
        found = Elements(path, self._deeper(self._or))
        self._variable = None
        self._need(")")
        return found

    # --- values -------------------------------------------------------------------------------

    def _path(self) -> Path:
        """Parse names up to what is said about them."""
        names = [self._name()]
        while self._next.word == "/" and self._tokens[self._at + 1].word not in _AFTER_PATH:
            self._take()
            names.append(self._name())
        if self._variable is None:
            return tuple(names)
        if names[0] != self._variable:
            raise bad_request(
                f"Invalid filter clause: within 'any' a name starts with '{self._variable}', "
                f"not '{names[0]}'."
            )
        return tuple(names[1:])

    def _name(self) -> str:
        if self._next.kind != "name" or self._next.text.startswith("$"):
            raise self._wrong()
        return self._take().text

    def _list(self) -> tuple[Literals, ...]:
        self._need("(")
        found = [self._literal()]
        while self._skip(","):
            found.append(self._literal())
        self._need(")")
        return tuple(found)

    def _literal(self) -> Literals:
        token = self._next
        found: Literals
        match token.kind, token.word:
            case "text", _:
                found = token.text[1:-1].replace("''", "'")
            case "moment", _:
                found = Moment(token.text)
            case "number", _:
                found = Number(token.text)
            case "guid", _:
                found = Guid(token.text)
            case "name", "null":
                found = None
            case "name", ("true" | "false") as flag:
                found = _FLAGS[flag]
            case _:
                raise self._wrong()
        self._take()
        return found


_AFTER_PATH = ("any", "all", "$count")
