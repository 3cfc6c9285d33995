"""Put the exports of a run in an order in which no value is claimed before it is released.

An update that releases a value is sent before the export that claims it. Objects that swap values, in
a circle of any length, go in one batch, which the tenant applies as a whole; unless they have so many
that it would not fit into memory. Otherwise the order stays: creation time, then source anchor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.model import Operation
from connector.values.addresses import unique_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from connector.model import PendingExport
    from connector.ports import Releases


class Circle(NamedTuple):
    """Objects that swap values and have too many of them to go together; source anchors in order."""

    anchors: Sequence[str]


def release_first(
    exports: Iterable[PendingExport],
    releases: Releases,
    look_up: Callable[[str], PendingExport],
    *,
    limit: int,
) -> Iterator[list[PendingExport] | Circle]:
    """Yield groups of exports, each to be sent in one batch, releases before claims.

    ``look_up`` returns the export of a source anchor that ``releases`` names. A group of more than one object with more addresses than ``limit`` is a
    Circle.
    """
    if not releases:
        yield from ([export] for export in exports)
        return
    sent: set[str] = set()
    for export in exports:
        if export.anchor in sent:
            continue
        for group in _components(export, releases, look_up, sent, limit):
            if isinstance(group, Circle):
                sent.update(group.anchors)
            else:
                sent.update(one.anchor for one in group if one.releases)
            yield group


def _needs(export: PendingExport, releases: Releases, sent: set[str]) -> list[str]:
    """Return, sorted, the anchors whose exports must go first: they release what this one claims."""
    if export.operation is Operation.DELETE:
        return []
    holders = releases.givers(unique_keys(export.properties))
    return sorted(holders - sent - {export.anchor})


def _components(
    start: PendingExport,
    releases: Releases,
    look_up: Callable[[str], PendingExport],
    sent: set[str],
    limit: int,
) -> Iterator[list[PendingExport] | Circle]:
    """Yield the strongly connected components below ``start``, dependencies first (Tarjan).

    Of exports no more are held than have ``limit`` addresses; the others are looked up again.
    """
    held = _Held(look_up, limit)
    index: dict[str, int] = {start.anchor: 0}
    low: dict[str, int] = {start.anchor: 0}
    stack = [held.take(start)]
    on_stack = {start.anchor}
    work = [(start.anchor, iter(_needs(start, releases, sent)))]
    while work:
        below, needs = work[-1]
        for anchor in needs:
            if anchor not in index:
                needed = look_up(anchor)
                index[anchor] = low[anchor] = len(index)
                stack.append(held.take(needed))
                on_stack.add(anchor)
                work.append((anchor, iter(_needs(needed, releases, sent))))
                break
            if anchor in on_stack:
                low[below] = min(low[below], index[anchor])
        else:
            work.pop()
            if work:
                above = work[-1][0]
                low[above] = min(low[above], low[below])
            if low[below] == index[below]:
                component = [stack.pop()]
                while component[-1].anchor != below:
                    component.append(stack.pop())
                on_stack.difference_update(member.anchor for member in component)
                yield held.group(sorted(component))


class _Member(NamedTuple):
    """An export of a component, in the order of the export: by creation time, then source anchor."""

    created: str
    anchor: str
    addresses: int


class _Held:
    """The exports at hand."""

    def __init__(self, look_up: Callable[[str], PendingExport], limit: int) -> None:
        self._look_up = look_up
        self._limit = limit
        self._room = limit
        self._exports: dict[str, PendingExport] = {}

    def take(self, export: PendingExport) -> _Member:
        """Hold an export, if there is room."""
        member = _Member(export.created, export.anchor, addresses_of(export))
        if member.addresses <= self._room:
            self._room -= member.addresses
            self._exports[export.anchor] = export
        return member

    def group(self, members: Sequence[_Member]) -> list[PendingExport] | Circle:
        """Return the exports of a component and let go of them."""
        found = [(member, self._exports.pop(member.anchor, None)) for member in members]
        self._room += sum(member.addresses for member, export in found if export is not None)
        if len(members) > 1 and sum(member.addresses for member in members) > self._limit:
            return Circle([member.anchor for member in members])
        return [export or self._look_up(member.anchor) for member, export in found]


def addresses_of(export: PendingExport) -> int:
    """Count the addresses of an object: in what it takes of memory they outweigh everything else."""
    return len(export.properties.get("proxyAddresses", ()))
