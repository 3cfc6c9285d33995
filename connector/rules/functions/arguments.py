"""Short names for the arguments that the rows of the table are made of."""

from __future__ import annotations

from connector.rules.language.function import Argument, Kind

TEXT = Argument("text", Kind.TEXT)
PIECE = Argument("text", Kind.TEXT_OR_OCTETS)
VALUES = Argument("values", Kind.VALUES)
VALUE = Argument("value", Kind.VALUES)
ONE = Argument("value", Kind.ONE)
INDEX = Argument("index", Kind.WHOLE)
DATE = Argument("date", Kind.DATE)
CASE = Argument("case", Kind.WORD, optional=True, words=("CaseSensitive", "CaseInsensitive"))

INSENSITIVE = "CaseInsensitive"


def a_text(name: str, *, optional: bool = False) -> Argument:
    return Argument(name, Kind.TEXT, optional)


def a_whole(name: str, *, optional: bool = False) -> Argument:
    return Argument(name, Kind.WHOLE, optional)


def later(name: str) -> Argument:
    return Argument(name, Kind.LATER)
