r"""Make text from the directory safe to print: what cannot be seen is escaped as JSON escapes it.

Control characters (C0 and C1, so terminal sequences too), line separators, bidirectional and other
format characters, lone surrogates and unassigned characters become ``\uXXXX``. A text that is too long
to read is cut, and says how long it was.
"""

from __future__ import annotations

from typing import Any

from connector.values.canonical import compact, indented

LONGEST = 1_000
"""Characters; a longer text is cut where it is shown. No DN or address in use comes near."""

_KEPT = 256
_BMP_END = 0xFFFF


def printable(text: str) -> str:
    """Return a text that stays on its line and hides nothing."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def cut(text: str) -> str:
    """Return a text short enough to show: ``abc…(1,000,000 characters)``.

    A long word is cut first, so that the sentence around it stays: it may say who holds the value. A
    text of no more than LONGEST characters stays as it is, and so does one that was cut.
    """
    if len(text) <= LONGEST:
        return text
    shorter = " ".join(map(_cut_word, text.split(" ")))
    return shorter if len(shorter) <= LONGEST else _beginning(text)


def cut_within(value: Any) -> Any:
    """Return a value with every text in it cut; lists and mappings become new ones."""
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, dict):
        return {name: cut_within(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [cut_within(part) for part in value]
    return value


def json_line(value: Any) -> str:
    """Return a value as one line of JSON; what JSON has no form for becomes its text."""
    return printable(compact(value))


def json_text(value: Any) -> str:
    """Return a value as indented JSON, which people read as well."""
    text = indented(value)
    if text.replace("\n", "").isprintable():
        return text
    return "\n".join(map(printable, text.split("\n")))


def _cut_word(word: str) -> str:
    return word if len(word) <= LONGEST else _beginning(word)


def _beginning(text: str) -> str:
    return f"{text[:_KEPT]}…({len(text):,} characters)"


def _escaped(character: str) -> str:
    code = ord(character)
    if code <= _BMP_END:
        return f"\\u{code:04x}"
    pair = character.encode("utf-16-be").hex()
    return f"\\u{pair[:4]}\\u{pair[4:]}"
