"""Write cells of CSV that no spreadsheet program takes as a formula.

A display name of the directory could otherwise start a program on the machine of the person who
opens the file. An apostrophe before the cell makes it text.
"""

from __future__ import annotations

# What makes a cell a formula at its beginning, in the wide forms of East Asia too; a tab or the end of a
# line is dropped there by some programs, and what follows then begins the cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - meant so


def defused(text: str) -> str:
    """Return the text of a cell, with an apostrophe before it where it would be a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
