"""How long work tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Somebody who watches: ``begin`` a piece of work, ``advance`` through it, ``end`` it.

    Pieces do not nest. Whoever does the work calls ``advance`` once a batch, not once an object.
    """

    def begin(self, name: str, total: int | None = None) -> None:
        """Start a piece of work of ``total`` objects, None where that is not known."""

    def advance(self, count: int) -> None: ...

    def end(self) -> None: ...


class Silent:
    """Nobody watches."""

    def begin(self, name: str, total: int | None = None) -> None:
        pass

    def advance(self, count: int) -> None:
        pass

    def end(self) -> None:
        pass


SILENT = Silent()
