"""Write what an entry refers to: members as folded DNs, its managers as such behind a mark.

A folded DN never begins with a space, so no DN means what a marked one means.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_BY_MANAGER = " manager:"
MANAGER_REFERENCES = (_BY_MANAGER, _BY_MANAGER[:-1] + ";")
"""All references to managers stand from the first of these texts on, and before the second."""
MEMBER_REFERENCES = MANAGER_REFERENCES[1]
"""All references to members stand from this text on."""


def manager_key(dn_key: str) -> str:
    """Return the reference to the entry with this folded DN as the manager of an object."""
    return _BY_MANAGER + dn_key


def is_manager_key(reference: str) -> bool:
    """Tell whether a reference names the manager of an object, and not a member of a group."""
    return reference.startswith(_BY_MANAGER)


def members_among(references: Sequence[str]) -> Sequence[str]:
    """Return those of the sorted references of an entry that name members."""
    return references[bisect_left(references, MEMBER_REFERENCES) :]


def named_by(reference: str) -> str:
    """Return the folded DN that a reference names; one by uid as it is."""
    return reference.removeprefix(_BY_MANAGER)
