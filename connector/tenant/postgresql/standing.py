"""What a transaction finds as it begins, and nobody else changes before it ends: one holds the lock.

It comes in the round trip that takes the lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.tenant.policy import Domain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.tenant.postgresql.session import Row
    from connector.tenant.writes import Writes

QUESTION = (
    "SELECT 'state', name, value, NULL::text FROM state "
    "UNION ALL SELECT 'feature', name, enabled::text, NULL FROM feature "
    "UNION ALL SELECT 'domain', name, verified::text, federated::text FROM domain "
    "UNION ALL SELECT 'batch', id, NULL, NULL FROM batch "
    "UNION ALL SELECT 'last', NULL, (SELECT max(number) FROM object)::text, "
    "(SELECT max(number) FROM change)::text"
)


class Standing:
    """The small facts of a tenant; a transaction keeps them up to date.

    ``last_number`` is None after objects were deleted: the table knows.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self.state: dict[str, str] = {}
        self.features: dict[str, bool] = {}
        self.domains: dict[str, Domain] = {}
        self.batches: set[str] = set()
        self.last_number: int | None = None
        self.last_change = 0
        for what, name, first, second in rows:
            match what:
                case "state":
                    self.state[name] = first
                case "feature":
                    self.features[name] = bool(int(first))
                case "domain":
                    self.domains[name] = Domain(name, int(first), int(second))
                case "batch":
                    self.batches.add(name)
                case _:
                    self.last_number, self.last_change = int(first or 0), int(second or 0)

    def note(self, writes: Writes) -> None:
        """Take in what a decision wrote."""
        if writes.deleted:
            self.last_number = None
        elif self.last_number is not None and writes.inserted:
            self.last_number = max(self.last_number, *(item.number for item in writes.inserted))
