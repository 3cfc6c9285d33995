"""The lab's stories as LDIF: ``python -m connector.lab.stories DIR`` writes them.

``compose/lab/`` holds the result. Load base and contoso, synchronize, then load conflicts: so it is
known who holds a value first.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from connector.lab import conflicts, contoso, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STORIES: dict[str, Callable[[], Iterator[str]]] = {
    "base": contoso.base,
    "contoso": contoso.contoso,
    "conflicts": conflicts.conflicts,
    "resolve": conflicts.resolve,
    "bad": invalid.entries,
}


def text(story: str) -> str:
    """Return a story as an LDIF file, without the version line that slapadd does not know."""
    return "# connector.lab.stories wrote this file.\n\n" + "".join(STORIES[story]())


def main(folder: Path) -> None:
    for story in STORIES:
        (folder / f"{story}.ldif").write_text(text(story), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
