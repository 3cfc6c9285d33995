"""Measure the connector beside its peers, in one run, against one slapd.

    python -m tests.benchmarks [--sizes 10000 100000] [--json] [--note TEXT]

The bars are those of the design's "Speed and size"; ratios count, not absolute times. ``python -m
tests.benchmarks.curve`` draws what ``--json`` prints, also of runs at different times.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from connector.lab import generator
from connector.lab.slapd import PrivateSlapd
from tests.benchmarks import peers
from tests.benchmarks.connector_runs import ConnectorRuns
from tests.benchmarks.pieces import MOST, Pieces
from tests.benchmarks.table import Row, table

_READ_REPEATS = 3
_BIG = 100_000
_HUGE = 1_000_000
_SESSION_LOG = 1_000_000
_WIDTH = 130


def measured(total: int, folder: Path, console: Console) -> list[Row]:
    """Measure everything at one size."""
    with PrivateSlapd(folder / "provider", session_log=_SESSION_LOG) as provider:
        console.log(f"loading {total:,} objects")
        provider.load(generator.entries(total))
        provider.start()
        runs = ConnectorRuns(provider, folder / "connector", total, console.log)
        console.log("reading, in turns with ldapsearch")
        pairs = [(peers.ldapsearch_refresh(provider), runs.reading()) for _ in range(_READ_REPEATS)]
        floor, reading = (statistics.median(times) for times in zip(*pairs, strict=True))
        console.log("replicating into an OpenLDAP consumer")
        consumer = peers.consumer_replication(provider, folder / "consumer")
        clients = _clients(provider, folder, total, consumer, console)
        console.log("first sync")
        first = runs.first_sync()
        promised = total >= _BIG
        rows = [
            Row("ldapsearch -E sync=ro", floor, "s"),
            Row("OpenLDAP consumer", consumer, "s"),
            *clients,
            Row("reading alone", reading, "s", 1.2, "ldapsearch", floor),
            Row("first sync", first.seconds, "s", 1.5 if promised else None, "consumer", consumer),
            Row(
                "processor time an object, all processes",
                first.processor / total * 1e6,
                "us",
                _at(total, 140),
            ),
            Row(
                "bytes written an object, all processes",
                first.written / total / 1e3,
                "kB",
                _at(total, 6),
            ),
            Row("peak memory of the first process", first.megabytes, "MB", _memory_bar(total)),
            Row(
                "peak memory of all processes (PSS)",
                first.shared_megabytes,
                "MB",
                _at(total, 200) if total <= _BIG else 350,
            ),
            Row("processor time of `connector status`", runs.status(), "s", 0.2),
        ]
        with runs.running() as parts:
            console.log("cycles of a running daemon")
            rows.append(Row("cycle without a change", runs.no_change(parts) * 1e3, "ms", 5))
            rows.append(Row("delta of 100 changes", runs.delta(parts) * 1e3, "ms", 40))
            mixed = "1 % deletes, 1 % creates, 5 % modifies"
            rows.append(
                Row(mixed, runs.mix(parts), "changes/s", 8000 if promised else None, at_least=True)
            )
            size, took = runs.one_member(parts)
            rows.append(Row(f"one member more in a group of {size:,}", took, "s", 0.05))
    console.log("pieces")
    return rows + Pieces(min(total, MOST), folder / "pieces").rows()


def _clients(
    provider: PrivateSlapd, folder: Path, total: int, consumer: float, console: Console
) -> list[Row]:
    """Measure the clients in Python, at the sizes where they end within minutes."""
    if total > _BIG:
        return []
    rows = []
    for work, name in peers.CLIENTS.items():
        console.log(name)
        done = peers.client_replication(name, provider, folder / name)
        took = None if done is None else done.seconds
        rows.append(Row(work, took, "s", compared_with="consumer", reference=consumer))
    return rows


def _at(total: int, bar: float) -> float | None:
    """Return the bar of 100,000 objects; fewer have none, because what is there once counts more."""
    return bar if total == _BIG else None


def _memory_bar(total: int) -> float | None:
    if total <= _BIG:
        return 150
    return 300 if total <= _HUGE else None


def _machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, _BIG], metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--note", default="", help="what else ran, for example")
    options = parser.parse_args()
    progress = Console(stderr=True, width=_WIDTH)
    began = datetime.now(UTC)
    results = {}
    for total in options.sizes:
        with tempfile.TemporaryDirectory(prefix="connector-benchmark.") as folder:
            results[total] = measured(total, Path(folder), progress)
    if options.json:
        answer = {
            "machine": _machine(),
            "date": f"{began:%Y-%m-%d}",
            "note": options.note,
            "sizes": {total: [row.as_json() for row in rows] for total, rows in results.items()},
        }
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    else:
        for total, rows in results.items():
            Console(width=_WIDTH).print(table(total, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
