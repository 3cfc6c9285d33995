r"""Make text from the directory safe to print: what cannot be seen is escaped as JSON escapes it.

Control characters (C0 and C1, so terminal sequences too), line separators, bidirectional and other
format characters, lone surrogates and unassigned characters become ``\uXXXX``.
"""

from __future__ import annotations

import json
from typing import Any

from connector.values.canonical import compact

_BMP_END = 0xFFFF
_TEXT = json.JSONEncoder(ensure_ascii=False, indent=2, default=str)


def printable(text: str) -> str:
    """Return a text that stays on its line and hides nothing."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def json_line(value: Any) -> str:
    """Return a value as one line of JSON; what JSON has no form for becomes its text."""
    return printable(compact(value))


def json_text(value: Any) -> str:
    """Return a value as indented JSON, which people read as well."""
    return "\n".join(printable(line) for line in _TEXT.encode(value).split("\n"))


def _escaped(character: str) -> str:
    code = ord(character)
    if code <= _BMP_END:
        return f"\\u{code:04x}"
    pair = character.encode("utf-16-be").hex()
    return f"\\u{pair[:4]}\\u{pair[4:]}"
