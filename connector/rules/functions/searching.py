"""Find and replace text, with case or without; all of it takes time in proportion to the text."""

from __future__ import annotations

from connector.rules.language.values import ExpressionFailed, room_for
from connector.values.addresses import fold


def find(text: str, searched: str, start: int, *, exact: bool) -> int:
    """Return the first position of a text from a position on, counted from 0; -1 for none."""
    if exact or (text.isascii() and searched.isascii()):
        return text.find(searched, start) if exact else text.lower().find(searched.lower(), start)
    if start > len(text):
        return -1
    folded, places = _folded(text)
    first = places.index(start) if start < len(text) else len(folded)
    found = folded.find(fold(searched), first)
    return -1 if found < 0 else places[found]


def find_last(text: str, searched: str, *, exact: bool) -> int:
    """Return the last position of a text, counted from 0; -1 for none."""
    if exact or (text.isascii() and searched.isascii()):
        return text.rfind(searched) if exact else text.lower().rfind(searched.lower())
    folded, places = _folded(text)
    found = folded.rfind(fold(searched))
    return -1 if found < 0 else places[found]


def replaced(text: str, old: str, new: str, *, exact: bool) -> str:
    """Replace each occurrence of a text. Raises ExpressionFailed for a result that is too long."""
    if not old:
        return text
    if exact:
        room_for(len(text) + text.count(old) * (len(new) - len(old)))
        return text.replace(old, new)
    folded, places = _folded(text)
    sought = fold(old)
    parts, at = [], 0
    room_for(len(text) + folded.count(sought) * len(new))
    while (found := folded.find(sought, at)) >= 0:
        parts += [text[places[at] : places[found]], new]
        at = found + len(sought)
    return "".join([*parts, text[places[at] :]])


def replaced_characters(text: str, pattern: str, *, exact: bool) -> str:
    """Replace characters as a pattern says. Raises ExpressionFailed for a pattern that is not one."""
    table = dict(_pairs(pattern))
    if not exact:
        folded = {fold(source): target for source, target in table.items()}
        table |= {c: folded[fold(c)] for c in set(text) if fold(c) in folded}
    parts = [table.get(character, character) for character in text]
    room_for(sum(map(len, parts)))
    return "".join(parts)


def _pairs(pattern: str) -> list[tuple[str, str]]:
    """Take a pattern apart: ``a:b,c:``, or, as it is written too, ``a,b``; white space means nothing."""
    pairs: list[tuple[str, str]] = []
    waiting = ""
    for item in "".join(pattern.split()).split(","):
        source, colon, target = item.partition(":")
        if waiting and not colon:
            pairs.append((waiting, item))
            waiting = ""
            continue
        if waiting or (colon and len(source) != 1) or (item and not colon and len(item) != 1):
            raise ExpressionFailed(
                f"{waiting or item!r} is not a character, a colon and what replaces it"
            )
        if colon:
            pairs.append((source, target))
        waiting = "" if colon else item
    if waiting:
        raise ExpressionFailed(f"{waiting!r} has no colon and nothing that replaces it")
    return pairs


def _folded(text: str) -> tuple[str, list[int]]:
    """Fold a text; return it with the position in the text of each character, and that of its end."""
    parts = [fold(character) for character in text]
    places = [n for n, part in enumerate(parts) for _ in part]
    return "".join(parts), [*places, len(text)]
