"""What is read of the directory beyond what the default rules need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from connector.values.withheld import is_withheld

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

AUTO = "auto"
_NAME = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)


class Reads(NamedTuple):
    """Attributes in lower case, sorted, and the one that is the source anchor, empty for the usual ones.

    ``written`` is the latter as the settings have it; ``shown`` are the other names under which a server may show these, by theirs.
    """

    names: tuple[str, ...] = ()
    anchor: str = ""
    shown: tuple[tuple[str, tuple[str, ...]], ...] = ()
    written: str = ""

    def under_their_names(
        self, attributes: Mapping[str, Sequence[bytes]]
    ) -> Mapping[str, Sequence[bytes]]:
        """Return the attributes of an entry, those among them that the server calls otherwise."""
        found = {
            name: attributes[other]
            for name, others in self.shown
            if name not in attributes
            for other in others
            if other in attributes
        }
        return {**attributes, **found} if found else attributes


NOTHING_MORE = Reads()
"""The default rules alone."""


def reads(names: Iterable[str], source_anchor: str = AUTO) -> Reads:
    """Return what has to be read for these attributes, in any case and with any options.

    What cannot be the name of an attribute has no values anywhere, and secrets are never read.
    """
    anchor = "" if source_anchor.lower() == AUTO else source_anchor.lower()
    folded = {name.partition(";")[0].lower() for name in (*names, anchor)}
    wanted = (name for name in folded if _NAME.fullmatch(name) and not is_withheld(name))
    return Reads(tuple(sorted(wanted)), anchor, written=source_anchor if anchor else "")
