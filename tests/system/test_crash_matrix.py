"""A connector that was killed at any moment and started again comes to the undisturbed result.

Forty-two kills; ``python -m tests.benchmarks.crash_matrix`` does hundreds.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests import disk
from tests.system.kills import PHASES, Phase, Workbench

if TYPE_CHECKING:
    from collections.abc import Iterator

OBJECTS = 400
KILLS = {
    "creation of the databases": 2,
    "first sync": 4,
    "first sync of a daemon": 2,
    "first sync read by a process": 2,
    "process of a first sync": 2,
    "export in small batches": 3,
    "export by a process": 3,
    "process of an export": 3,
    "delta": 3,
    "sweep": 2,
    "backup": 2,
    "migration": 2,
    "migration from the first version": 2,
    "export logged in slices": 2,
    "sweep in slices": 1,
    "comparison of identities": 1,
    "tenant that was lost": 2,
    "tenant that was restored": 1,
    "objects deleted in the cloud": 1,
    "rewind": 2,
}


@pytest.fixture(scope="module")
def workbench() -> Iterator[Workbench]:
    with disk.folder() as folder, Workbench(folder, OBJECTS) as made:
        yield made


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name.replace(" ", "-"))
def test_what_was_killed_and_begun_again_ends_as_if_nothing_had_been(
    workbench: Workbench, phase: Phase
) -> None:
    seed = random.randrange(1 << 32)  # pytest-randomly makes it the same again for its own seed
    print(f"seed {seed}")  # noqa: T201 - shown with a failure

    kills = list(workbench.kills(phase, KILLS[phase.name], random.Random(seed)))

    assert [kill for kill in kills if kill.differs or kill.misreported] == []
