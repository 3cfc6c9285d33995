"""Find the entries that took others along to a new place, which no delta tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from connector.ports import Directory
    from connector.staging.known import Known
    from connector.values.staged import Staged

_ASKED_OF_ALL = 100
"""New objects of a delta of which each is asked about; of more, only those that may be older."""
_SECONDS = len("20261123080000")


class Branch(NamedTuple):
    """An entry with others below it that has another name now, or is new here.

    ``old_key`` is its folded DN before, empty for one that is new; ``dn_key`` is its DN now, folded.
    """

    old_key: str
    dn: str
    dn_key: str


class Branches:
    """The branches of one import.

    ``found`` are those to look below, ``new`` the entries of a delta that are new here, and ``moved`` the
    objects with another name, by their identity.
    """

    def __init__(self) -> None:
        self.found: list[Branch] = []
        self.new: list[Staged] = []
        self.moved: dict[bytes, Branch] = {}

    def note_moved(self, before: Known, staged: Staged) -> None:
        """Note an entry whose name changed."""
        if staged.type is None:
            self.found.append(Branch(before.dn_key, staged.dn, staged.dn_key))
            return
        earlier = self.moved.get(staged.uuid)
        old_key = before.dn_key if earlier is None else earlier.old_key
        self.moved[staged.uuid] = Branch(old_key, staged.dn, staged.dn_key)

    def find(self, directory: Directory, *, tells_of_children: bool) -> None:
        """Add the entries of a delta that may have brought others along, which no delta tells.

        Every entry may have others below it; of those that are not containers the directory is asked.
        Where the answer mentions everything that is there (``tells_of_children``), what is new here
        need not be asked for.
        """
        new = [] if tells_of_children else self.new
        self.found += (Branch("", e.dn, e.dn_key) for e in new if e.type is None)
        objects = [staged for staged in new if staged.type is not None]
        if len(objects) > _ASKED_OF_ALL:
            objects = [staged for staged in objects if _may_be_older(staged)]
        asked = {staged.uuid: Branch("", staged.dn, staged.dn_key) for staged in objects}
        asked |= self.moved
        if asked:
            self.found += (asked[uuid] for uuid in directory.parents(list(asked)))


def _may_be_older(staged: Staged) -> bool:
    """Tell whether an entry may have been somewhere else before: made and changed at two times.

    On servers other than OpenLDAP the marks of changes are not times, so any entry may.
    """
    is_time = "#" in staged.csn
    return not is_time or staged.created[:_SECONDS] < staged.csn[:_SECONDS]
