"""Say what an entry is by its object classes, for people who look for it among the users."""

from __future__ import annotations

from functools import lru_cache

CONTAINERS = frozenset(
    {
        b"builtindomain",
        b"container",
        b"country",
        b"dcobject",
        b"domain",
        b"domaindns",
        b"locality",
        b"lostandfound",
        b"nscontainer",
        b"organization",
        b"organizationalunit",
    }
)
"""Classes of entries that hold other ones, in lower case."""

# What each class of RFC 4519 or of Active Directory is besides, where servers list that too.
_SUPERIORS = {
    b"account": {b"top"},
    b"computer": {b"user"},
    b"group": {b"top"},
    b"inetorgperson": {b"organizationalperson"},
    b"msds-groupmanagedserviceaccount": {b"computer"},
    b"msds-managedserviceaccount": {b"computer"},
    b"organizationalperson": {b"person"},
    b"person": {b"top"},
    b"residentialperson": {b"person"},
    b"user": {b"organizationalperson"},
}


@lru_cache(maxsize=1024)
def what_it_is(classes: tuple[bytes, ...]) -> str:
    """Return the classes that say most of an entry, joined by ``+``; empty for a container.

    ``top``, ``leaf`` and the superiors of classes that the entry also has are left out. An entry that shows no
    class is ``unknown``.
    """
    folded = {name.lower() for name in classes}
    if folded & CONTAINERS:
        return ""
    implied = {b"top", b"leaf"}
    for name in folded:
        above = set(_SUPERIORS.get(name, ()))
        while above:
            implied |= above
            above = {upper for one in above for upper in _SUPERIORS.get(one, ())}
    # In the order of the names: that of an answer tells nothing, and may differ in the next one.
    shown = sorted((n for n in classes if n.lower() not in implied), key=bytes.lower)
    return "+".join(name.decode("utf-8", "backslashreplace") for name in shown) or "unknown"
