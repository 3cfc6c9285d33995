"""Read ``$search``: phrases such as ``"displayName:ann"``, joined by AND and OR."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from connector.values.addresses import fold
from connector.web.graph.filter.sql import folded
from connector.web.graph.refusals import bad_request

if TYPE_CHECKING:
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


class Search(NamedTuple):
    """A condition over the table ``object``, and its parameters in their order."""

    sql: str
    values: tuple[str, ...]


def parse(text: str, of: GraphType) -> Search:
    """Return the condition of a search; raises Refusal for one that cannot be read."""
    if len(text) > LONGEST:
        raise bad_request(f"$search is longer than {LONGEST} characters.")
    sql, values, at = "", [], 0
    expects_phrase, depth = True, 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise _wrong(text)
        at = match.end()
        phrase, word, bracket = match.groups()
        if phrase is not None and expects_phrase:
            clause, value = _clause(phrase, of, text)
            sql, expects_phrase = sql + clause, False
            values.append(value)
        elif word is not None and not expects_phrase:
            sql, expects_phrase = f"{sql} {word.upper()} ", True
        elif bracket == "(" and expects_phrase:
            sql, depth = f"{sql}(", depth + 1
        elif bracket == ")" and not expects_phrase and depth:
            sql, depth = f"{sql})", depth - 1
        else:
            raise _wrong(text)
    if expects_phrase or depth:
        raise _wrong(text)
    return Search(f"({sql})", tuple(values))


def _clause(phrase: str, of: GraphType, text: str) -> tuple[str, str]:
    name, colon, sought = re.sub(r"\\(.)", r"\1", phrase).partition(":")
    spelled = of.spelled.get(name.strip().lower())
    if not colon or spelled not in _SEARCHED or not sought.strip():
        raise _wrong(text)
    value = fold(sought.strip())
    found = folded(of.properties[spelled].sql)
    if spelled in _IN_WORDS:
        return f"coalesce(has_words({found}, ?), 0)", value
    return f"coalesce(substr({found}, 1, {len(value)}) = ?, 0)", value


def _wrong(text: str) -> Exception:
    return bad_request(
        f"Invalid $search '{text}': it takes phrases such as \"displayName:ann\", "
        "joined by AND and OR."
    )
