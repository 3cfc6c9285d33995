"""Sort names as people do: abe, bert, Zoe; a letter with an accent stands beside the plain one."""

from __future__ import annotations

import unicodedata

from connector.values.addresses import fold

# Letters that Unicode does not take apart into a letter and a mark.
_BESIDE = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "\u0131": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)


def name_key(name: str) -> str:
    """Return what a name is sorted by: its letters without case and accents.

    Names that differ in nothing else have one key; the caller sorts these by the name itself.
    """
    folded = fold(name)
    if folded.isascii():
        return folded
    # In Cyrillic, short i is a letter of its own, which follows i.
    apart = unicodedata.normalize("NFKD", folded).replace("и\u0306", "й")
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(_BESIDE)
