"""Progress bars for long work, on standard error and only where that is a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.cli.verbosity import Verbosity, chosen
from connector.ports import Silent
from connector.values.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.progress import Progress, TaskID


class AboveBars:
    """Prints log lines above the bars unchanged: neither wrapped nor read as markup."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, text: str) -> None:
        self._console.out(text.removesuffix("\n"), highlight=False)

    def flush(self) -> None:
        """Do nothing: the console holds nothing back."""


class Quiet(Silent):
    """No bars: the log may print anywhere."""

    stream: AboveBars | None = None


class Bars:
    """One bar a piece of work; it goes away when the work is done.

    ``stream`` prints above the bars: the log uses it when it goes to the same terminal.
    """

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task: TaskID | None = None
        self.stream = AboveBars(bars.console)

    def begin(self, name: str, total: int | None = None) -> None:
        self.end()
        self._task = self._bars.add_task(printable(name), total=total)

    def advance(self, count: int) -> None:
        if self._task is not None:
            self._bars.advance(self._task, count)

    def end(self) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None


@contextmanager
def progress() -> Iterator[Bars | Quiet]:
    """Show bars in a terminal, nothing elsewhere, nor for a command that is to be quiet."""
    if not sys.stderr.isatty() or chosen.get() is Verbosity.QUIET:
        yield Quiet()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield Bars(bars)
