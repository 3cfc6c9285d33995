"""Functions of texts; those that take a part of one do the same with octets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.rules.functions import searching
from connector.rules.functions.arguments import CASE, INSENSITIVE, PIECE, TEXT, a_text, a_whole
from connector.rules.language.function import Argument, Function, Kind
from connector.rules.language.values import ExpressionFailed, room_for

if TYPE_CHECKING:
    from connector.rules.language.evaluation import Surroundings

    Piece = str | bytes

_NEW_LINES = {"\\n": "\n", "\\r": "\r", "\\t": "\t"}
_MONIKER = re.compile(r"\\[nrt]")
# The capital I with a dot; Python makes two characters of it in lower case.
_DOTTED = "\u0130"
_BINARY = "vbBinaryCompare"
_START = a_whole("start", optional=True)
_COMPARE = Argument("compare", Kind.WORD, optional=True, words=("vbTextCompare", _BINARY))
_PADDING = (TEXT, a_whole("length"), a_text("character"))


def _guid(surroundings: Surroundings) -> str:
    if surroundings.guid is None:
        raise ExpressionFailed("an expression has no chance here")
    return surroundings.guid()


def _in_str(text: str, searched: str, start: int = 1, compare: str = "") -> int:
    if start < 1:
        raise ExpressionFailed(f"the start is {start}, and the first character is 1")
    return searching.find(text, searched, start - 1, exact=compare == _BINARY) + 1


def _in_str_rev(text: str, searched: str, start: int = -1, compare: str = "") -> int:
    if start == 0 or start < -1:
        raise ExpressionFailed(f"the start is {start}, and the first character is 1")
    within = text if start < 0 else text[:start]
    return searching.find_last(within, searched, exact=compare == _BINARY) + 1


def _left(piece: Piece, count: int) -> Piece:
    return piece if count < 0 else piece[:count]


def _right(piece: Piece, count: int) -> Piece:
    if count < 0:
        return piece
    return piece[max(0, len(piece) - count) :]


def _mid(piece: Piece, start: int, count: int | None = None) -> Piece:
    if start < 1 or start > len(piece) or (count is not None and count < 0):
        return piece
    rest = piece[start - 1 :]
    return rest if count is None else rest[:count]


def _pad_left(text: str, length: int, character: str) -> str:
    return _padding(text, length, character) + text


def _pad_right(text: str, length: int, character: str) -> str:
    return text + _padding(text, length, character)


def _padding(text: str, length: int, character: str) -> str:
    if len(character) != 1:
        raise ExpressionFailed("one character pads a text")
    room_for(length)
    return character * (length - len(text))


def _upper(text: str) -> str:
    """Return a text in capitals; as in .NET each character stays one, so that ß has no capital."""
    capitals = text.upper()
    if len(capitals) == len(text):
        return capitals
    return "".join(one if len(one := each.upper()) == 1 else each for each in text)


def _lower(text: str) -> str:
    return text.replace(_DOTTED, "i").lower()


def _p_case(text: str) -> str:
    return " ".join(_upper(word[:1]) + _lower(word[1:]) for word in text.split(" "))


def _replace(text: str, old: str, new: str, case: str = "") -> str:
    sought, put = (_MONIKER.sub(lambda m: _NEW_LINES[m[0]], each) for each in (old, new))
    return searching.replaced(text, sought, put, exact=case != INSENSITIVE)


def _replace_chars(text: str, pattern: str, case: str = "") -> str:
    return searching.replaced_characters(text, pattern, exact=case != INSENSITIVE)


def _word(text: str, index: int, delimiters: str) -> str:
    if index < 1:
        return ""
    if not delimiters:
        return text if index == 1 else ""
    parted = text.translate(dict.fromkeys(map(ord, delimiters), delimiters[0]))
    words = [word for word in parted.split(delimiters[0]) if word]
    return words[index - 1] if index <= len(words) else ""


FUNCTIONS = (
    Function("Guid", (), _guid, "A new GUID.", surroundings=True),
    Function(
        "InStr",
        (TEXT, a_text("searched"), _START, _COMPARE),
        _in_str,
        "The position of a text in another, 0 where it is not. Case does not count unless vbBinaryCompare says so.",
        (
            ('InStr("The quick brown fox","quick")', 5),
            ('InStr("repEated","e",3,vbBinaryCompare)', 7),
        ),
        nothing=0,
    ),
    Function(
        "InStrRev",
        (TEXT, a_text("searched"), _START, _COMPARE),
        _in_str_rev,
        "The last position of a text in another, up to the start; 0 where it is not.",
        (('InStrRev("abbcdbbbef","bb")', 7),),
        nothing=0,
    ),
    Function("LCase", (TEXT,), _lower, "All in lower case.", (('LCase("TeSt")', "test"),)),
    Function(
        "Left",
        (PIECE, a_whole("count")),
        _left,
        "The first characters; all where the number is negative.",
        (('Left("John Doe", 3)', "Joh"),),
        nothing="",
    ),
    Function(
        "Len", (PIECE,), len, "The number of characters.", (('Len("John Doe")', 8),), nothing=0
    ),
    Function(
        "LTrim",
        (TEXT,),
        str.lstrip,
        "The text without white space before it.",
        (('LTrim(" Test ")', "Test "),),
    ),
    Function(
        "Mid",
        (PIECE, a_whole("start"), a_whole("count", optional=True)),
        _mid,
        "The characters from a position on; all of the text where a number makes no sense.",
        (('Mid("John Doe", 3, 5)', "hn Do"), ('Mid("John Doe", 6, 999)', "Doe")),
        nothing="",
    ),
    Function(
        "PadLeft",
        _PADDING,
        _pad_left,
        "The text, filled up before it to a length.",
        (('PadLeft("User", 10, "0")', "000000User"),),
        nothing="",
    ),
    Function(
        "PadRight",
        _PADDING,
        _pad_right,
        "The text, filled up behind it to a length.",
        (('PadRight("User", 10, "0")', "User000000"),),
        nothing="",
    ),
    Function(
        "PCase",
        (TEXT,),
        _p_case,
        "Each word, as spaces part them, with a capital first and the rest in lower case.",
        (('PCase("TEsT")', "Test"), ('PCase(LCase("TEST"))', "Test")),
    ),
    Function(
        "Replace",
        (TEXT, a_text("old"), a_text("new"), CASE),
        _replace,
        r"The text with each occurrence replaced; \r, \n and \t mean the ends of lines and a tab.",
        (('Replace("One Way" & CRLF & "Redmond","\\r\\n",", ")', "One Way, Redmond"),),
    ),
    Function(
        "ReplaceChars",
        (TEXT, a_text("pattern"), CASE),
        _replace_chars,
        "The text with characters replaced: the pattern has them as source:target, parted by commas.",
        (
            (
                'ReplaceChars("R\u00e4ksm\u00f6rg\u00e5s","\u00c5:A,\u00c4:A,\u00d6:O,\u00e5:a,\u00e4:a,\u00f6:o")',
                "Raksmorgas",
            ),
            ('ReplaceChars("O\u2019Neil","\u2019:")', "ONeil"),
        ),
    ),
    Function(
        "Right",
        (PIECE, a_whole("count")),
        _right,
        "The last characters; all where the number is negative.",
        (('Right("John Doe", 3)', "Doe"),),
        nothing="",
    ),
    Function(
        "RTrim",
        (TEXT,),
        str.rstrip,
        "The text without white space behind it.",
        (('RTrim(" Test ")', " Test"),),
    ),
    Function(
        "Trim",
        (TEXT,),
        str.strip,
        "The text without white space around it.",
        (('Trim(" Test ")', "Test"),),
    ),
    Function("UCase", (TEXT,), _upper, "All in capitals.", (('UCase("TeSt")', "TEST"),)),
    Function(
        "Word",
        (TEXT, a_whole("index"), a_text("delimiters")),
        _word,
        "A word by its number; each of the delimiters parts words, and several beside each other count once.",
        (
            ('Word("The quick brown fox",3," ")', "brown"),
            ('Word("This,string!has&many separators",3,",!&#")', "has"),
        ),
        nothing="",
    ),
)
