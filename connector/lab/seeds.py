"""List the lab's seeds; ``python -m connector.lab.seeds DIR`` writes them as LDIF files.

``compose/lab/`` holds the result. Load base and contoso, synchronize, then load conflicts: that decides
which object holds a value first.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from connector.lab import conflicts, contoso, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEEDS: dict[str, Callable[[], Iterator[str]]] = {
    "base": contoso.base,
    "contoso": contoso.contoso,
    "conflicts": conflicts.conflicts,
    "resolve": conflicts.resolve,
    "bad": invalid.entries,
}


def text(name: str) -> str:
    """Return a seed as an LDIF file, without the version line, which slapadd does not know."""
    return "# connector.lab.seeds wrote this file.\n\n" + "".join(SEEDS[name]())


def main(folder: Path) -> None:
    for name in SEEDS:
        (folder / f"{name}.ldif").write_text(text(name), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
