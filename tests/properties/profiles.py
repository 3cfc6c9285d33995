"""Decide how long hypothesis searches for a counterexample.

Quick by default. ``CONNECTOR_PROPERTIES=thorough`` in the environment takes thousands of steps, for
minutes; ``CONNECTOR_PROPERTIES=thorough pytest tests/properties`` is worth a run before a release.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_SIZES = {"quick": (40, 40), "thorough": (200, 60)}


def profile(weight: float = 1.0) -> settings:
    """Return the settings of a state machine; ``weight`` is its share of the examples."""
    examples, steps = _SIZES[os.environ.get("CONNECTOR_PROPERTIES", "quick")]
    return settings(
        max_examples=max(1, round(examples * weight)),
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
