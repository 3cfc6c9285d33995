"""Kill the connector at hundreds of moments, and check that it leaves no difference.

    python -m tests.benchmarks.crash_matrix [--kills N] [--objects N] [--seed N] [--engine ENGINE]

Every kill is a SIGKILL of a real process, at a random moment of its work. With ``--engine postgresql`` the
tenant is on a server of Debian's PostgreSQL, and that is killed too, and a process of it. Then the work is begun again,
and its result is compared with that of an undisturbed run. Exits with 1 if they differ, or if the log does
not hold each error exactly once.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.postgresql import running
from tests.system.kills import PHASES, Workbench
from tests.system.kills_on_a_server import SERVER_PHASES, ServerTenants

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.system.kills import Kill

_WIDTH = 110


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.crash_matrix", description=__doc__
    )
    parser.add_argument(
        "--kills", type=int, default=210, metavar="N", help="in all phases together"
    )
    parser.add_argument("--objects", type=int, default=2000, metavar="N")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), metavar="N")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    progress, chance = Console(stderr=True, width=_WIDTH), random.Random(options.seed)
    progress.log(f"seed {options.seed}, {options.objects:,} objects")
    kills: dict[str, list[Kill]] = {}
    phases = PHASES if options.engine == "sqlite" else SERVER_PHASES
    with (
        tempfile.TemporaryDirectory(prefix="connector-kills.") as folder,
        _tenants(options.engine) as tenants,
        Workbench(Path(folder), options.objects, tenants) as workbench,
    ):
        for place, phase in enumerate(phases):
            number = len(range(place, options.kills, len(phases)))
            made = workbench.kills(phase, number, chance)
            kills[phase.name] = list(
                track(made, description=phase.name, total=number, console=progress)
            )
    Console(width=_WIDTH).print(_table(kills))
    wrong = [kill for each in kills.values() for kill in each if kill.differs or kill.misreported]
    for kill in wrong:
        progress.print(kill)
    return 1 if wrong else 0


@contextmanager
def _tenants(engine: str) -> Iterator[ServerTenants | None]:
    """Run a server for the tenants, where they are on one."""
    if engine == "sqlite":
        yield None
        return
    with (
        tempfile.TemporaryDirectory(prefix="connector-server.") as folder,
        running(Path(folder)) as server,
    ):
        yield ServerTenants(server)


def _table(kills: Mapping[str, Sequence[Kill]]) -> Table:
    drawn = Table(title="Killed and begun again", title_justify="left")
    for heading in ("phase", "kills", "after (s)", "tenant equal", "logged once"):
        drawn.add_column(heading, justify="left" if heading == "phase" else "right")
    for name, each in kills.items():
        moments = sorted(kill.seconds for kill in each) or [0.0]
        drawn.add_row(
            name,
            str(len(each)),
            f"{moments[0]:.3f} to {moments[-1]:.3f}",
            str(sum(not kill.differs for kill in each)),
            str(sum(not kill.misreported for kill in each)),
        )
    return drawn


if __name__ == "__main__":
    sys.exit(main())
