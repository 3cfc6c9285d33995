"""Kill the connector at hundreds of moments, and check that it leaves no difference.

    python -m tests.benchmarks.crash_matrix [--kills N] [--objects N] [--seed N]

Every kill is a SIGKILL of a real process, at a random moment of its work. Then the work is begun again,
and its result is compared with that of an undisturbed run. Exits with 1 if they differ, or if the log does
not hold each error exactly once.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.system.kills import PHASES, Workbench

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    options = parser.parse_args()
    progress, chance = Console(stderr=True, width=_WIDTH), random.Random(options.seed)
    progress.log(f"seed {options.seed}, {options.objects:,} objects")
    kills: dict[str, list[Kill]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="connector-kills.") as folder,
        Workbench(Path(folder), options.objects) as workbench,
    ):
        for place, phase in enumerate(PHASES):
            number = len(range(place, options.kills, len(PHASES)))
            made = workbench.kills(phase, number, chance)
            kills[phase.name] = list(
                track(made, description=phase.name, total=number, console=progress)
            )
    Console(width=_WIDTH).print(_table(kills))
    wrong = [kill for each in kills.values() for kill in each if kill.differs or kill.misreported]
    for kill in wrong:
        progress.print(kill)
    return 1 if wrong else 0


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
