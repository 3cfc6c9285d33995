"""Compare what is staged with the identities that the directory lists: what no delta told shows here.

A server that was killed, or restored from a backup, may forget changes that it never reported: its next
delta is whole and empty all the same. A list of identities does not depend on what was reported.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from connector.staging.known import BATCH, look_up_marks
from connector.staging.state import State
from connector.storage.database import immediate
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from connector.model import Identity
    from connector.storage.database import Database
    from connector.storage.rows import Behind

_LAST, _LIFE = "last-reconcile", "directory-life"


class Reconciled(NamedTuple):
    """What came of a comparison, in entries, containers included.

    ``listed`` are there, ``read`` were looked at because they are not staged like that, and ``gone``
    are those that were staged, not listed, and not there when asked for.
    """

    listed: int
    read: int
    gone: int


def unlike(connection: Behind, identities: Iterator[Identity]) -> Iterator[tuple[int, list[bytes]]]:
    """Yield, batch by batch, how many are listed and which of them are staged in another way.

    Those that are not staged are among them. Every listed entry is noted as seen (``temp.seen``).
    """
    while batch := list(islice(identities, BATCH)):
        staged = look_up_marks(connection, [each.uuid for each in batch])
        connection.executemany(
            "INSERT OR IGNORE INTO temp.seen VALUES (?)", ((each.uuid,) for each in batch)
        )
        yield len(batch), [each.uuid for each in batch if not _is_alike(each, staged)]


def _is_alike(listed: Identity, staged: dict[bytes, tuple[str, str]]) -> bool:
    dn, mark = staged.get(listed.uuid, ("", ""))
    return dn == listed.dn and (mark == listed.mark or not (mark and listed.mark))


class Reconciliations:
    """When the last comparison was, and in which life of the server the last import."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._state = State(database)

    def reason(self, life: str, *, now: datetime, every: timedelta) -> str | None:
        """Say why another one is due, None where it is not.

        A last one in the future is the mark of a clock that was set back.
        """
        last = self._state.get(_LAST)
        if last is None or not moments.read(last) <= now < moments.read(last) + every:
            return "schedule"
        return None if self._state.get(_LIFE) == life else "restart"

    def note_import(self, life: str, *, compared: str | None) -> None:
        """Note an import that went well, and when everything was compared in it, if it was."""
        facts: dict[str, str | None] = {_LIFE: life}
        self._keep(facts if compared is None else {**facts, _LAST: compared})

    def make_due(self) -> None:
        """Let the next import compare everything: this one did not come to its end."""
        if self._state.get(_LAST) is not None:
            self._keep({_LIFE: None})

    def _keep(self, facts: dict[str, str | None]) -> None:
        changed = {name: fact for name, fact in facts.items() if self._state.get(name) != fact}
        if changed:
            with immediate(self._database):
                for name, fact in changed.items():
                    self._state.set(name, fact)
