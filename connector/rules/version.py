"""Number the rules by what they are: when the number changes, every object is synchronized anew."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from connector.rules.default_flows import FLOWS
from connector.rules.scope import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.model import ObjectType
    from connector.rules.default_flows import Flow
    from connector.rules.scope import Rule

_REVISION = 2
"""Raise it when a function of the tables returns something else than before under its old name."""


def rules_version(
    flows: Mapping[ObjectType, Sequence[Flow]], scope: Mapping[ObjectType, Sequence[Rule]]
) -> str:
    """Hash the tables: the short text differs when a row does."""
    rows = [
        (kind.value, row.property, row.sources, row.transform.__name__, row.rule)
        for kind, table in flows.items()
        for row in table
    ]
    tests = [
        (kind.value, rule.name, rule.test.__name__)
        for kind, table in scope.items()
        for rule in table
    ]
    return blake2b(repr((_REVISION, rows, tests)).encode(), digest_size=8).hexdigest()


RULES_VERSION = rules_version(FLOWS, RULES)
