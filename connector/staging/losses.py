"""Count the attributes that an import takes from staged objects, for the guard.

An account whose rights were narrowed reads entries that have lost an attribute: nothing else tells
them from entries that people changed. Only what an import changes is looked at.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from connector.model import ObjectType
from connector.staging.known import BATCH
from connector.values.entries import MANAGERS, load
from connector.values.references import MANAGER_REFERENCES, MEMBER_REFERENCES, is_manager_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from connector.staging.known import Known
    from connector.storage.rows import Behind
    from connector.values.staged import Staged

MEMBER = "member"
_REFERS = (
    "EXISTS (SELECT 1 FROM reference WHERE entry = entry.id AND target >= '{}' AND target < '{}')"
)
_REFERRING = {
    MEMBER: _REFERS.format(MEMBER_REFERENCES, "\U0010ffff"),
    **dict.fromkeys(MANAGERS.values(), _REFERS.format(*MANAGER_REFERENCES)),
}
"""The condition that an entry shows references of a kind."""


class Losses:
    """The attributes that objects lose in one import.

    ``anchors`` are the objects that lose an attribute, by its lower-case name and by their type;
    ``member`` stands for all members of a group, ``manager`` or ``managedby`` for all managers. ``first_new`` is the number of the first entry that
    the import adds.
    """

    def __init__(self, connection: Behind, first_new: int) -> None:
        self.anchors: dict[str, dict[str, list[str]]] = {}
        self._connection = connection
        self._first_new = first_new
        self._gained: defaultdict[tuple[str, str], int] = defaultdict(int)

    def compare(self, changed: Sequence[tuple[Known, Staged]]) -> None:
        """Compare entries with their staged copies, which must not be written yet."""
        for at in range(0, len(changed), BATCH):
            self._compare(changed[at : at + BATCH])

    def _compare(self, changed: Sequence[tuple[Known, Staged]]) -> None:
        marks = ",".join("?" * len(changed))
        sql = f"SELECT id, attributes FROM entry WHERE id IN ({marks}) AND +type IS NOT NULL"  # noqa: S608
        texts = dict(self._connection.execute(sql, [before.id for before, _ in changed]).fetchall())
        for before, staged in changed:
            text = texts.get(before.id)
            if text is None or before.type is None or staged.type is None:
                continue
            if text != staged.attributes:
                had, has = load(text).keys(), load(staged.attributes).keys()
                if had == has:
                    continue
                for name in had - has:
                    self._lose(name, before.type, before.anchor)
                for name in has - had:
                    self._gained[name, before.type] += 1

    def compare_references(
        self, before: Known, known: Collection[str], found: Collection[str]
    ) -> None:
        """Compare the references of an entry: a group may lose all its members, an object its manager.

        Of those that are ``known`` the first and the last one in their order will do.
        """
        if before.type is None:
            return
        had, has = _kinds(known, before.type), _kinds(found, before.type)
        for name in had - has:
            self._lose(name, before.type, before.anchor)
        for name in has - had:
            self._gained[name, before.type] += 1

    def _lose(self, name: str, kind: str, anchor: str) -> None:
        self.anchors.setdefault(name, {}).setdefault(kind, []).append(anchor)

    def had(self, name: str, kind: str | None, at_most: int) -> int:
        """Count the objects (of one type, None for all) that had an attribute before the import.

        It looks no further than ``at_most`` of them.
        """
        lost = sum(
            len(anchors)
            for each, anchors in self.anchors.get(name, {}).items()
            if kind in {None, each}
        )
        gained = sum(
            number
            for (each, its), number in self._gained.items()
            if each == name and kind in {None, its}
        )
        # No value looks like the key: a quote in it is escaped.
        has = _REFERRING.get(name, "instr(attributes, :key)")
        (there,) = self._connection.execute(
            f"""SELECT count(*) FROM (SELECT 1 FROM entry WHERE id < :first AND {has}
                AND {"type IS NOT NULL" if kind is None else "type = :kind"} LIMIT :limit)""",  # noqa: S608
            {
                "first": self._first_new,
                "key": f'"{name}":[',
                "kind": kind,
                "limit": max(0, at_most - lost + gained),
            },
        ).fetchone()
        return int(there) + lost - gained


def _kinds(references: Collection[str], kind: str) -> set[str]:
    """Return the attributes that make these references of an object of this type."""
    if not references:
        return set()
    # Those to managers come first.
    found = {MANAGERS[ObjectType(kind)]} if is_manager_key(min(references)) else set()
    return found if is_manager_key(max(references)) else found | {MEMBER}
