"""Measure a tenant in SQLite beside one in PostgreSQL, and what a network between costs.

    python -m tests.benchmarks.engines [--objects 100000] [--delay 1ms,10ms] [--pairs N] [--json]

Each pair is a first sync, deltas of 100 changes and deltas of one, on a file and on a private server in turns; then come
the networks, in which a round trip takes so much longer. All read one slapd. Processor time is that of all
processes: of the connector for the client, of the server's backends and helpers for the server.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from rich.console import Console
from rich.table import Table

from connector import settings as files
from connector.assembly import open_parts
from connector.collector import collect_seldom
from connector.cycle import run_cycle
from connector.export.exporter import BATCH
from connector.lab import generator
from connector.lab.slapd import PrivateSlapd
from connector.logs.log import open_log
from tests import postgresql
from tests.benchmarks import measure
from tests.benchmarks.connector_runs import settings_text
from tests.benchmarks.server_load import Load
from tests.benchmarks.workloads import titles
from tests.round_trips import Network

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from multiprocessing.connection import Connection

    from connector.assembly import Parts
    from tests.postgresql import Postgres

_SQLITE, _SERVER = "SQLite", "PostgreSQL"
_BAR = 1.2
_REPEATS = 5
DELTAS = {"delta of 100": 100, "delta of 1": 1}
_SESSION_LOG = 1_000_000
_WIDTH = 150
# What a package of Debian comes with; the server of the tests waits for no disk.
_SERVER_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "128MB",
}
_COLUMNS = {
    "client_us": "client us",
    "server_us": "server us",
    "seconds": "seconds",
    "client_kb": "client kB",
    "server_kb": "server kB",
    "trips": "trips a batch",
    "disk_kb": "disk kB",
    "megabytes": "client MB",
}

Figures = dict[str, float | None]


class Works:
    """A first sync and deltas of one directory, by a connector of its own for each turn."""

    def __init__(self, provider: PrivateSlapd, folder: Path, total: int) -> None:
        self._provider, self._folder, self._total = provider, folder, total
        self._turns = 0

    def begin_turn(self) -> tuple[Path, Path]:
        """Return the folder of a new connector, and its settings file."""
        self._turns += 1
        folder = self._folder / f"turn{self._turns}"
        folder.mkdir()
        file = folder / "connector.toml"
        file.write_text(settings_text(self._provider, folder))
        return folder, file

    def works(
        self,
        file: Path,
        environment: Mapping[str, str],
        load: Load,
        network: _Counted | None = None,
    ) -> dict[str, Figures]:
        """Measure a first sync and deltas; ``load`` is that of the server, ``environment`` names the tenant."""
        environment = {"CONNECTOR_CONFIG": str(file), **environment}
        found = {"first sync": self._first_sync(environment, load, network)}
        with self._running(file, environment) as parts:
            for name, changes in DELTAS.items():
                found[name] = self._delta(parts, changes, load, network)
        return found

    def _first_sync(
        self, environment: Mapping[str, str], load: Load, network: _Counted | None
    ) -> Figures:
        command = [sys.executable, "-m", "connector", "sync", "--policy", "initial", "--json"]
        before, trips = load.now(), network.trips() if network else 0
        # The 1 % of conflicts makes it end with code 1.
        done = measure.run(command, env=environment, codes=(0, 1))
        spent = load.now() - before
        steps = {step["name"]: step for step in json.loads(done.output)["steps"]}
        if steps["export"]["adds"] != self._total:
            raise RuntimeError(f"{steps['export']['adds']} of {self._total} objects were exported")
        batches = -(-self._total // BATCH)
        return {
            "client_us": done.processor / self._total * 1e6,
            "server_us": spent.processor / self._total * 1e6,
            "seconds": done.seconds,
            "client_kb": done.written / self._total / 1e3,
            "server_kb": spent.written / self._total / 1e3,
            "trips": (network.trips() - trips) / batches if network else None,
            "megabytes": done.shared_megabytes,
        }

    def _delta(self, parts: Parts, changes: int, load: Load, network: _Counted | None) -> Figures:
        """Return the medians of some cycles with so many changes; all but the seconds in us a cycle."""
        found: list[Figures] = []
        for repeat in range(_REPEATS):
            numbers = range(repeat * changes, (repeat + 1) * changes)
            title = f"Changed {self._turns} {changes} {repeat}"
            self._provider.apply("".join(titles(numbers, title)))
            before, trips = load.now(), network.trips() if network else 0
            processor, began = time.process_time(), time.perf_counter()
            run = run_cycle(parts)
            took, processor = time.perf_counter() - began, time.process_time() - processor
            spent = load.now() - before
            counts = run.steps[-1].counts
            if counts.updates != changes:
                raise RuntimeError(f"{counts.updates} of {changes} changes were exported ({run})")
            found.append(
                {
                    "client_us": processor * 1e6,
                    "server_us": spent.processor * 1e6,
                    "seconds": took,
                    "trips": float(network.trips() - trips) if network else None,
                }
            )
        return {name: _median([each[name] for each in found]) for name in found[0]}

    @contextmanager
    def _running(self, file: Path, environment: Mapping[str, str]) -> Iterator[Parts]:
        """Open the parts as a daemon has them between its cycles."""
        settings = files.load(file, dict(environment))
        collect_seldom()
        with closing(open_log(settings.log)) as log, open_parts(settings, log=log) as parts:
            run_cycle(parts)
            yield parts


class Engines(Works):
    """The works on each engine, in turns."""

    def __init__(self, provider: PrivateSlapd, server: Postgres, folder: Path, total: int) -> None:
        super().__init__(provider, folder, total)
        self._server = server

    def measured(self, delay: float | None = None, *, server: bool = True) -> dict[str, Figures]:
        """Measure a first sync and deltas; ``delay`` is that of a round trip, None without a network."""
        if not server:
            return self._measured("", None)
        name = self._server.make(migrated=False).parameters["dbname"]
        try:
            if delay is None:
                return self._measured(self._server.url(name), None)
            with _network(self._server.folder, delay) as network:
                url = f"postgresql://postgres@127.0.0.1:{network.port}/{name}"
                return self._measured(url, network)
        finally:
            self._server.drop(name)

    def _measured(self, database: str, network: _Counted | None) -> dict[str, Figures]:
        folder, file = self.begin_turn()
        environment = {"CONNECTOR__TENANT__DATABASE": database} if database else {}
        found = self.works(file, environment, Load(self._server.process), network)
        found["first sync"]["disk_kb"] = self._disk(folder, database) / self._total / 1e3
        return found

    def _disk(self, folder: Path, database: str) -> int:
        """Return the bytes of the tenant alone."""
        if not database:
            return sum(path.stat().st_size for path in (folder / "var").glob("tenant.db*"))
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0


# --- the network ----------------------------------------------------------------------------------


class _Counted:
    """A network in a process of its own, whose work is nobody's processor time."""

    def __init__(self, channel: Connection) -> None:
        self._channel = channel
        self.port = int(channel.recv())

    def trips(self) -> int:
        self._channel.send("trips")
        return int(self._channel.recv())


@contextmanager
def _network(folder: Path, delay: float) -> Iterator[_Counted]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, folder, delay), daemon=True)
    process.start()
    theirs.close()
    try:
        yield _Counted(ours)
    finally:
        ours.close()
        process.join()


def _serve(channel: Connection, folder: Path, delay: float) -> None:
    with Network(folder, delay) as network:
        channel.send(network.port)
        while True:
            try:
                channel.recv()
            except EOFError:
                return
            channel.send(network.trips)


# --- the answer -----------------------------------------------------------------------------------


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def medians(runs: list[dict[str, Figures]]) -> dict[str, Figures]:
    return {
        work: {name: _median([run[work][name] for run in runs]) for name in figures}
        for work, figures in runs[0].items()
    }


def table_of(work: str, total: int, found: Mapping[str, Mapping[str, Figures]]) -> Table:
    each = f"{total:,} objects, an object" if work == "first sync" else "a cycle"
    drawn = Table(title=f"{work} ({each})", title_justify="left")
    names = [name for name in _COLUMNS if any(name in one[work] for one in found.values())]
    for heading in ("engine", *(_COLUMNS[name] for name in names), "client, times SQLite"):
        drawn.add_column(heading, justify="left" if heading == "engine" else "right")
    base = found.get(_SQLITE, {}).get(work, {}).get("client_us")
    for engine, works in found.items():
        figures = works[work]
        cells = [_written(figures.get(name)) for name in names]
        own = figures["client_us"]
        drawn.add_row(engine, *cells, f"{own / base:.2f}" if own and base else "")
    return drawn


def line_of(figures: Figures) -> str:
    return "  " + ", ".join(f"{_COLUMNS[name]} {_written(figures[name])}" for name in figures)


def _written(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _seconds(text: str) -> list[float]:
    return [float(one.strip().removesuffix("ms")) / 1000 for one in text.split(",") if one.strip()]


def measured(
    total: int, delays: list[float], pairs: int, console: Console
) -> dict[str, dict[str, Figures]]:
    """Measure all engines at one size; the figures of pairs are medians."""
    with (
        tempfile.TemporaryDirectory(prefix="connector-engines.") as name,
        tempfile.TemporaryDirectory(prefix="connector-server.") as data,
        postgresql.running(Path(data), _SERVER_SETTINGS) as server,
        PrivateSlapd(Path(name) / "provider", session_log=_SESSION_LOG) as provider,
    ):
        console.log(f"loading {total:,} objects")
        provider.load(generator.entries(total))
        provider.start()
        engines = Engines(provider, server, Path(name), total)
        runs: dict[str, list[dict[str, Figures]]] = {_SQLITE: [], _SERVER: []}
        for pair in range(pairs):
            for engine in sorted(runs, reverse=pair % 2 == 0):
                console.log(f"{engine}, {pair + 1} of {pairs}")
                runs[engine].append(engines.measured(server=engine == _SERVER))
                console.log(line_of(runs[engine][-1]["first sync"]))
        for delay in delays:
            engine = f"{_SERVER}, {delay * 1e3:g} ms away"
            console.log(engine)
            runs[engine] = [engines.measured(delay)]
            console.log(line_of(runs[engine][-1]["first sync"]))
    return {engine: medians(some) for engine, some in runs.items()}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engines", description=__doc__)
    parser.add_argument("--objects", type=int, default=100_000, metavar="N")
    parser.add_argument("--delay", type=_seconds, default=[], metavar="1ms,10ms")
    parser.add_argument("--pairs", type=int, default=1, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args()
    found = measured(
        options.objects, options.delay, options.pairs, Console(stderr=True, width=_WIDTH)
    )
    own, base = (found[name]["first sync"]["client_us"] or 0 for name in (_SERVER, _SQLITE))
    if options.json:
        answer: dict[str, Any] = {"objects": options.objects, "engines": found}
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    else:
        for work in ("first sync", *DELTAS):
            Console(width=_WIDTH).print(table_of(work, options.objects, found))
    return 0 if own <= base * _BAR else 1


if __name__ == "__main__":
    sys.exit(main())
