"""Put the exports of a run in an order in which no value is claimed before it is released.

An update that releases a value is sent before the export that claims it. Objects that swap values, in
a circle of any length, go in one batch, which the tenant applies as a whole. Otherwise the order stays:
creation time, then source anchor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.model import Operation
from connector.values.addresses import unique_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from connector.model import PendingExport


def release_first(
    exports: Iterable[PendingExport],
    releases: Mapping[str, str],
    look_up: Callable[[str], PendingExport],
) -> Iterator[list[PendingExport]]:
    """Yield groups of exports, each to be sent in one batch, releases before claims.

    ``releases`` maps a unique value to the source anchor whose update releases it; ``look_up`` returns
    the export of such an anchor.
    """
    if not releases:
        yield from ([export] for export in exports)
        return
    sent: set[str] = set()
    releasing = set(releases.values())
    for export in exports:
        if export.anchor in sent:
            continue
        for group in _components(export, releases, look_up, sent):
            sent.update(member.anchor for member in group if member.anchor in releasing)
            yield group


def _needs(export: PendingExport, releases: Mapping[str, str], sent: set[str]) -> list[str]:
    """Return, sorted, the anchors whose exports must go first: they release what this one claims."""
    if export.operation is Operation.DELETE:
        return []
    holders = {releases[key] for key in unique_keys(export.properties) if key in releases}
    return sorted(holders - sent - {export.anchor})


def _components(
    start: PendingExport,
    releases: Mapping[str, str],
    look_up: Callable[[str], PendingExport],
    sent: set[str],
) -> Iterator[list[PendingExport]]:
    """Yield the strongly connected components below ``start``, dependencies first (Tarjan)."""
    index: dict[str, int] = {start.anchor: 0}
    low: dict[str, int] = {start.anchor: 0}
    stack = [start]
    on_stack = {start.anchor}
    work = [(start, iter(_needs(start, releases, sent)))]
    while work:
        export, needs = work[-1]
        for anchor in needs:
            if anchor not in index:
                needed = look_up(anchor)
                index[anchor] = low[anchor] = len(index)
                stack.append(needed)
                on_stack.add(anchor)
                work.append((needed, iter(_needs(needed, releases, sent))))
                break
            if anchor in on_stack:
                low[export.anchor] = min(low[export.anchor], index[anchor])
        else:
            work.pop()
            if work:
                above = work[-1][0].anchor
                low[above] = min(low[above], low[export.anchor])
            if low[export.anchor] == index[export.anchor]:
                component: list[PendingExport] = []
                while not component or component[-1].anchor != export.anchor:
                    component.append(stack.pop())
                    on_stack.discard(component[-1].anchor)
                yield sorted(component, key=lambda member: (member.created, member.anchor))
