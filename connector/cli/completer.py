"""Serve prompt_toolkit: completions, and a history that survives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from connector.cmdlets.completion import completions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document


class CmdletCompleter(Completer):
    """Completes names of cmdlets, parameters and values."""

    def get_completions(self, document: Document, _: CompleteEvent) -> Iterable[Completion]:
        for found in completions(document.text_before_cursor):
            yield Completion(found.text, start_position=-found.length, display_meta=found.meaning)


def history(file: Path) -> History:
    """Keep the history in a file of the storage folder, if that is writable."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(file)
