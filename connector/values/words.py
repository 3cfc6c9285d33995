"""Look for words in a text."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+")


def has_words(text: str | None, sought: str) -> bool:
    """Tell whether each word that is sought begins a word of the text; both are folded."""
    words = _WORD.findall(text or "")
    return all(any(word.startswith(each) for word in words) for each in _WORD.findall(sought))
