"""Name what the settings select by, and the directory does not show: most often it is mistyped.

A scope that names nothing leaves everything out, or lets everything in, without an error of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.assembly import Parts


class Unmatched(NamedTuple):
    """A setting with the value that matches nothing, and what is missing, as the end of a sentence."""

    setting: str
    value: str
    lacks: str

    def __str__(self) -> str:
        return f"{self.setting} is {self.value!r}, but {self.lacks}"


def unmatched(parts: Parts) -> Iterator[Unmatched]:
    """Look the names of the scope up in the connector space, which holds all that the search shows."""
    settings, lookup = parts.settings.directory, parts.space.lookup
    for key, names in (("include", settings.include), ("exclude", settings.exclude)):
        for dn in names:
            if not lookup.is_staged(dn):
                yield Unmatched(f"directory.{key}", dn, "the directory shows nothing of that name")
    pilot = settings.pilot_group
    if pilot is not None and not lookup.members_of(pilot):
        lacks = "the directory shows no group of that name"
        if lookup.is_staged(pilot):
            lacks = "it has no members"
        yield Unmatched("directory.pilot_group", pilot, lacks)
    if settings.filter != "(objectClass=*)" and not lookup.has_objects():
        yield Unmatched("directory.filter", settings.filter, "no user, group or contact meets it")
