"""Find what a filter may only ask for with the header ConsistencyLevel and ``$count=true``."""

from __future__ import annotations

from connector.web.graph.filter.tree import (
    And,
    Compare,
    Elements,
    Match,
    Node,
    Not,
    Or,
    Size,
    first_name,
)

_ONLY_ADVANCED = frozenset({"onPremisesSamAccountName"})
# Every clause about an element of these is supported without the header.
_NEVER_ADVANCED = frozenset({"onPremisesProvisioningErrors"})


def needs_advanced(node: Node) -> str | None:
    """Return the first property of a bound filter that needs an advanced query, None without one."""
    match node:
        case And(conditions) | Or(conditions):
            return next(filter(None, map(needs_advanced, conditions)), None)
        case Not() | Size() | Match(function="endswith") | Compare(operator="ne"):
            return first_name(node)
        case Compare(operator="eq", value=None):
            return first_name(node)
        case Elements(path, condition) if path[0] not in _NEVER_ADVANCED:
            return None if needs_advanced(condition) is None else path[0]
        case Elements():
            return None
    name = first_name(node)
    return name if name in _ONLY_ADVANCED else None
