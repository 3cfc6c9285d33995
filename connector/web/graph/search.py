"""Read ``$search``: phrases such as ``"displayName:ann"``, joined by AND and OR."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.tenant.selection import All, Either, Match
from connector.values.addresses import fold
from connector.web.graph.refusals import bad_request

if TYPE_CHECKING:
    from connector.tenant.selection import Condition, How
    from connector.web.graph.types import GraphType

LONGEST = 1024
_TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|(AND|OR)\b|([()]))', re.IGNORECASE)
# In these a word is looked for anywhere; the others have to begin with what is looked for.
_IN_WORDS = frozenset({"displayName", "description"})
_SEARCHED = _IN_WORDS | {
    "givenName",
    "mail",
    "mailNickname",
    "onPremisesSamAccountName",
    "surname",
    "userPrincipalName",
}


class _Level:
    """What stands between two brackets: conditions joined by AND, and these by OR."""

    def __init__(self) -> None:
        self._joined: list[list[Condition]] = [[]]

    def add(self, condition: Condition) -> None:
        self._joined[-1].append(condition)

    def divide(self) -> None:
        """Begin what stands after an OR."""
        self._joined.append([])

    def condition(self) -> Condition:
        return Either(tuple(All(tuple(each)) for each in self._joined))


def parse(text: str, of: GraphType) -> Condition:
    """Return the condition of a search; raises Refusal for one that cannot be read."""
    if len(text) > LONGEST:
        raise bad_request(f"$search is longer than {LONGEST} characters.")
    levels, expects_phrase, at = [_Level()], True, 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise _wrong(text)
        at = match.end()
        phrase, word, bracket = match.groups()
        if phrase is not None and expects_phrase:
            levels[-1].add(_clause(phrase, of, text))
            expects_phrase = False
        elif word is not None and not expects_phrase:
            if word.upper() == "OR":
                levels[-1].divide()
            expects_phrase = True
        elif bracket == "(" and expects_phrase:
            levels.append(_Level())
        elif bracket == ")" and not expects_phrase and len(levels) > 1:
            inner = levels.pop()
            levels[-1].add(inner.condition())
        else:
            raise _wrong(text)
    if expects_phrase or len(levels) > 1:
        raise _wrong(text)
    return levels[0].condition()


def _clause(phrase: str, of: GraphType, text: str) -> Condition:
    name, colon, sought = re.sub(r"\\(.)", r"\1", phrase).partition(":")
    spelled = of.spelled.get(name.strip().lower())
    if not colon or spelled not in _SEARCHED or not sought.strip():
        raise _wrong(text)
    how: How = "words" if spelled in _IN_WORDS else "startswith"
    return Match(of.properties[spelled].value, how, fold(sought.strip()))


def _wrong(text: str) -> Exception:
    return bad_request(
        f"Invalid $search '{text}': it takes phrases such as \"displayName:ann\", "
        "joined by AND and OR."
    )
