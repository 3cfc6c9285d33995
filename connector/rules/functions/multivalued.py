"""Functions of several values, which they take whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.rules.functions.arguments import (
    CASE,
    INDEX,
    INSENSITIVE,
    TEXT,
    VALUES,
    a_text,
    a_whole,
)
from connector.rules.functions.flow import COUNTING
from connector.rules.language.function import Argument, Function, Kind
from connector.rules.language.values import (
    ExpressionFailed,
    Reference,
    room_for,
    text,
    value_of,
)
from connector.values.addresses import fold

if TYPE_CHECKING:
    from connector.rules.language.values import Single, Value

    Values = tuple[Single, ...]


def _contains(values: Values, searched: str, case: str = "") -> int:
    """Return the position of the first value with this text in it; a reference must be it."""
    insensitive = case == INSENSITIVE
    sought = fold(searched) if insensitive else searched
    for n, value in enumerate(values):
        written = fold(text(value)) if insensitive else text(value)
        if written == sought if type(value) is Reference else sought in written:
            return n + 1
    return 0


def _item(values: Values, index: int) -> Single:
    if not 1 <= index <= len(values):
        there = {0: "no value", 1: "1 value"}.get(len(values), f"{len(values)} values")
        raise ExpressionFailed(f"there is {there}" if len(values) < 2 else f"there are {there}")  # noqa: PLR2004
    return values[index - 1]


def _item_or_null(values: Values, index: int) -> Single | None:
    return values[index - 1] if 1 <= index <= len(values) else None


def _join(values: Values, delimiter: str = " ") -> str | None:
    if not values:
        return None
    texts = [text(value) for value in values]
    room_for(sum(map(len, texts)) + len(delimiter) * len(texts))
    return delimiter.join(texts)


def _remove_duplicates(values: Values) -> Value:
    return value_of(list({(type(value) is bool, value): value for value in values}.values()))


def _split(written: str, delimiter: str, limit: int = 0) -> Value:
    if len(delimiter) != 1:
        raise ExpressionFailed("one character parts the values")
    if limit < 0:
        raise ExpressionFailed(f"the limit is {limit}")
    return value_of(written.split(delimiter, limit - 1)) if written else None


FUNCTIONS = (
    Function(
        "Contains",
        (VALUES, a_text("searched"), CASE),
        _contains,
        "The number of the first value that has a text in it, 0 for none. Of references one must be it.",
        (
            ('Contains(Split("smtp:a@b.c,SMTP:d@b.c",","),"SMTP:")', 2),
            ('Contains("smtp:a@b.c","SMTP:")', 0),
            ('Contains("smtp:a@b.c","SMTP:",CaseInsensitive)', 1),
        ),
    ),
    Function(
        "Count",
        (VALUES,),
        len,
        "How many values there are.",
        (('Count(Split("a,b",","))', 2), ("Count(NULL)", 0)),
    ),
    Function(
        "Item",
        (VALUES, INDEX),
        _item,
        "A value by its number; an error where there is none.",
        (
            ('Item(Split("a,b",","),2)', "b"),
            ('Mid(Item("SMTP:d@b.c",Contains("SMTP:d@b.c","SMTP:")),6)', "d@b.c"),
        ),
    ),
    Function(
        "ItemOrNull",
        (VALUES, INDEX),
        _item_or_null,
        "A value by its number; NULL where there is none.",
        (('ItemOrNull(Split("a,b",","),3)', None),),
    ),
    Function(
        "Join",
        (VALUES, Argument("delimiter", Kind.TEXT, optional=True, nothing="")),
        _join,
        "All values as one text, with a space or the delimiter between them.",
        (
            ('Join(Split("SMTP:j@b.c,smtp:jd@b.c",","),",")', "SMTP:j@b.c,smtp:jd@b.c"),
            ('Join(Split("a,b",","))', "a b"),
            ('Join(Split("a,b",","),NULL)', "ab"),
        ),
    ),
    Function(
        "RemoveDuplicates",
        (VALUES,),
        _remove_duplicates,
        "Each value once; case counts.",
        (('RemoveDuplicates(Split("a,b,a,A",","))', ("a", "b", "A")),),
    ),
    Function(
        "Split",
        (TEXT, a_text("delimiter"), a_whole("limit", optional=True)),
        _split,
        "The parts of a text as several values; with a limit the last one has the rest.",
        (
            (
                'Split("SMTP:john.doe@contoso.com,smtp:jd@contoso.com",",")',
                ("SMTP:john.doe@contoso.com", "smtp:jd@contoso.com"),
            ),
            ('Split("a,b,c",",",2)', ("a", "b,c")),
        ),
    ),
    *COUNTING,
)
