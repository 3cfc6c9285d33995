"""What a cycle did, and what would differ if the tenant were read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.staging.comparison import with_tenant

if TYPE_CHECKING:
    from connector.run import Counts, Run
    from connector.staging.comparison import Difference
    from tests.world import World


def counts(run: Run, step: str = "export") -> Counts:
    """Return the counts of a step of a run."""
    [found] = [each.counts for each in run.steps if each.name == step]
    return found


def differences(world: World) -> list[Difference]:
    """Compare the connector space with all that the tenant has of its connector."""
    shadows, _ = world.tenant.read_back(None)
    return list(with_tenant(world.parts.space.database, shadows))
