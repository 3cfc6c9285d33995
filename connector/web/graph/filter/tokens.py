"""Cut a filter into words."""

from __future__ import annotations

import re
from typing import NamedTuple

from connector.web.graph.refusals import bad_request

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<text>'(?:[^']|'')*')
    | (?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?![\w-])
    | (?P<moment>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:[.]\d{1,12})?)?(?:Z|[+-]\d\d:\d\d))?)(?![\w-])
    | (?P<number>-?\d+(?:[.]\d+)?)(?![\w.-])
    | (?P<name>[$]?[A-Za-z_][A-Za-z0-9_.]*)
    | (?P<mark>[(),:/])
    """,
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)


class Token(NamedTuple):
    """A word of a filter: its kind (text, guid, moment, number, name, mark or end) and where it is."""

    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """The text of a name or a mark in lower case."""
        return self.text.lower() if self.kind in {"name", "mark"} else ""


def tokens(text: str) -> list[Token]:
    """Return the words of a filter and the end; raises Refusal."""
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise syntax_error(text, at)
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup or "", match[0], at))
        at = match.end()
    return [*found, Token("end", "", at)]


def syntax_error(text: str, at: int) -> Exception:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return bad_request(f"Invalid filter clause: Syntax error at position {at} in '{shown}'.")


_SHOWN = 200
