"""Say what of an object a planned deletion takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.values.counting import counted

if TYPE_CHECKING:
    from connector.staging.deletions import PlannedDeletion


def going(planned: PlannedDeletion) -> str:
    """Say what goes: the object, so many of its members, or the attributes that it loses."""
    if planned.attributes:
        return ", ".join(planned.attributes)
    return "the object" if planned.members is None else counted(planned.members, "member")
