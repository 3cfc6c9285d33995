"""Keep settings that cmdlets change at run time; they override the settings file.

`Set-ADSyncScheduler` and `Enable-ADSyncExportDeletionThreshold` change the product, not a file. Here the
connector space keeps these changes: they need no restart and survive one.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from connector.model import ObjectType, PlannedPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.settings import SafetySettings, ScheduleSettings

STATE = "overrides"
# The shortest interval that the cloud allows (docs/sources.md 3.1), unless the settings file has less.
SHORTEST_INTERVAL = timedelta(minutes=30)
# More objects than a tenant can hold, so that the guard never stops a run.
UNGUARDED = 2**63 - 1


class StateReader(Protocol):
    """A store of single facts, by name."""

    def get(self, name: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Overrides:
    """The changed settings; None means that the file decides. Durations are seconds.

    ``next_policy`` holds for the next cycle only. ``delete_threshold`` 0 means no threshold.
    """

    interval: int | None = None
    next_policy: PlannedPolicy = "delta"
    history: int | None = None
    cycle_enabled: bool | None = None
    maintenance: bool = True
    delete_threshold: int | None = None

    def changed(self, changes: Mapping[str, Any]) -> Overrides:
        """Return the overrides with some replaced; raises TypeError for an unknown name."""
        return replace(self, **changes)

    def to_text(self) -> str:
        return json.dumps(asdict(self))


def overrides(state: StateReader) -> Overrides:
    """Read the stored overrides."""
    stored = state.get(STATE)
    return Overrides(**json.loads(stored)) if stored else Overrides()


def schedule_in_force(settings: ScheduleSettings, state: StateReader) -> ScheduleSettings:
    """Return the schedule: the file, with the changes of the cmdlets.

    An interval below the allowed one counts as the allowed one (docs/sources.md 3.1). Without
    maintenance the history is kept forever.
    """
    chosen = overrides(state)
    changes: dict[str, Any] = {}
    if chosen.interval is not None:
        changes["delta"] = max(timedelta(seconds=chosen.interval), allowed_interval(settings))
    if chosen.cycle_enabled is not None:
        changes["enabled"] = chosen.cycle_enabled
    if chosen.history is not None:
        changes["history"] = timedelta(seconds=chosen.history)
    if not chosen.maintenance:
        changes["history"] = timedelta(days=365_000)
    return settings.model_copy(update=changes) if changes else settings


def safety_in_force(settings: SafetySettings, state: StateReader) -> SafetySettings:
    """Return the guards: the file, with the changes of the cmdlets."""
    match overrides(state).delete_threshold:
        case None:
            return settings
        case 0:
            return settings.model_copy(
                update={
                    "delete_threshold": UNGUARDED,
                    "delete_percent": None,
                    "delete_percent_per_type": None,
                    **dict.fromkeys(f"delete_threshold_{kind}s" for kind in ObjectType),
                }
            )
        case threshold:
            return settings.model_copy(update={"delete_threshold": threshold})


def allowed_interval(settings: ScheduleSettings) -> timedelta:
    return min(settings.delta, SHORTEST_INTERVAL)
