"""Tell what changed since a moment of the tenant, as clients of Graph are shown it.

Every transaction that changes what is shown is a change with a number; an object has the number of its
last one. A round reads objects, and the ids of those that are gone, in the order of these numbers. What
changes again while it is read comes once more at the end, so a round misses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.tenant.objects import TenantObject

_BEFORE_EVERYTHING = -1


class Moment(NamedTuple):
    """A state of the tenant: the number of its last change, and that change's mark.

    ``timeline`` is another one after a rewind.
    """

    tenant: str
    timeline: str
    number: int
    mark: str


class Place(NamedTuple):
    """How far a round was read: the last thing that it told.

    ``object`` is the number of an object, or 0 while the round is among those that are gone, after ``gone``.
    """

    changed: int
    gone: str = ""
    object: int = 0


class Round(NamedTuple):
    """What a client wants to know.

    ``since`` is the change up to which it knows everything, None when it begins. Removed objects are
    told after the change ``began``: who begins need not know of what was gone before. With ``ids`` no
    others are looked at. ``own`` and ``members`` say which changes of groups count.
    """

    type: str
    since: int | None
    began: int
    ids: Sequence[str] = ()
    own: bool = True
    members: bool = False

    @property
    def after(self) -> int:
        """The change after which changes are told."""
        return _BEFORE_EVERYTHING if self.since is None else self.since

    @property
    def start(self) -> Place:
        return Place(self.after + 1)


class Member(NamedTuple):
    """A membership that was added or, with ``removed``, taken away."""

    id: str
    type: str
    removed: bool


class Changed(NamedTuple):
    """An object that changed; ``item`` is None for one that is gone for good.

    ``members`` has the memberships that changed, where they are asked for.
    """

    id: str
    item: TenantObject | None
    members: Sequence[Member] = ()


class Page(NamedTuple):
    """Some of what changed; ``rest`` is where the next page goes on, None after the last one."""

    changes: Sequence[Changed]
    rest: Place | None
