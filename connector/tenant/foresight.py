"""Work out ahead what new objects ask for, while the tenant is at work on the batch before.

That needs the policy alone. It is that of the batch before, which nearly always is the same.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from connector.tenant.plain import want_plainly

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.model import SyncObject
    from connector.tenant.objects import Policy
    from connector.tenant.wanted import Wanted


class Foreseen(NamedTuple):
    """What objects ask for if they are new, by source anchor, under a policy; unusual ones are left out."""

    policy: Policy | None = None
    wanted: Mapping[str, Wanted] = {}

    def under(self, policy: Policy) -> Mapping[str, Wanted]:
        """Return what holds under a policy: nothing, if it is another one."""
        return self.wanted if self.policy == policy else {}


UNFORESEEN = Foreseen()


def foresee(objects: Sequence[SyncObject], policy: Policy | None) -> Foreseen:
    """Foresee a batch; of several objects with one source anchor, nothing is foreseen."""
    if policy is None:
        return UNFORESEEN
    found: dict[str, Wanted] = {}
    times = Counter(item.source_anchor for item in objects)
    for item in objects:
        if item.properties is None or times[item.source_anchor] > 1:
            continue
        wanted = want_plainly(item.properties, item.object_type.value, policy)
        if wanted is not None:
            found[item.source_anchor] = wanted
    return Foreseen(policy, found)
