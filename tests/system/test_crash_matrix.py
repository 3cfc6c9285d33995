"""A connector that was killed at any moment and started again comes to the undisturbed result.

Forty-two kills, and some with the tenant on a server, which is killed too;
``python -m tests.benchmarks.crash_matrix`` does hundreds.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests import disk
from tests.system.kills import PHASES, Phase, Workbench
from tests.system.kills_on_a_server import SERVER_PHASES, ServerTenants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgresql import Postgres

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
ON_A_SERVER = {
    "creation of the databases",
    "export in small batches",
    "delta",
    "tenant that was lost",
    "server in a first sync",
    "server in an export",
    "process of the server in an export",
    "server in a sweep",
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


@pytest.fixture(scope="module")
def bench_on_a_server(postgresql: Postgres) -> Iterator[Workbench]:
    with disk.folder() as folder, Workbench(folder, OBJECTS, ServerTenants(postgresql)) as made:
        yield made


@pytest.mark.parametrize(
    "phase",
    [phase for phase in SERVER_PHASES if phase.name in ON_A_SERVER],
    ids=lambda phase: phase.name.replace(" ", "-"),
)
def test_what_was_killed_with_its_tenant_on_a_server_ends_so_too(
    bench_on_a_server: Workbench, phase: Phase
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 - shown with a failure

    [kill] = bench_on_a_server.kills(phase, 1, random.Random(seed))

    assert (kill.differs, kill.misreported) == ([], [])
