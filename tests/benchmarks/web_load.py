"""Measure the web beside the rest: pages of users under load, and first syncs beside it.

    python -m tests.benchmarks.web_load [--objects N] [--pairs N] [--json]

A first sync runs alone and beside ``connector web`` in turns; eight clients then ask for pages of 100 users,
each ten times a second. After that they ask as fast as they get their answers, and one client asks
beside a whole cycle.
"""

from __future__ import annotations

import argparse
import http.client
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rich.console import Console

from connector.lab import generator
from connector.lab.slapd import PrivateSlapd
from tests.benchmarks import measure
from tests.benchmarks.table import Row, table
from tests.system.commandline import CommandLine

if TYPE_CHECKING:
    from collections.abc import Iterator

_OBJECTS, _PAIRS = 100_000, 3
_CLIENTS = 8
_PAUSE = 0.1
_SECONDS = 10.0
_WIDTH = 120
_TOKEN = "a-token-of-the-benchmark-alone"
_PAGE = "/v1.0/users?$top=100"
_PAGE_BAR, _SLOWER_BAR = 20, 1.1


class Clients:
    """Clients that ask for pages until they are told to stop; ``took`` are the seconds of each answer."""

    def __init__(self, address: str, count: int, pause: float) -> None:
        self.took: list[float] = []
        self._address, self._pause = address, pause
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(count)]

    def _ask(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=30)
        while not self._stopped.is_set():
            self.took.append(measure.seconds(lambda: _page(connection)))
            self._stopped.wait(self._pause)
        connection.close()

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()


def _page(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", _PAGE, headers={"Authorization": f"Bearer {_TOKEN}"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {body[:200]!r}")


def measured(folder: Path, objects: int, pairs: int, console: Console) -> list[Row]:
    """Run the syncs and the clients; return what they took."""
    tokens = folder / "tokens.json"
    tokens.write_text(json.dumps([{"name": "benchmark", "role": "reader", "token": _TOKEN}]))
    tokens.chmod(0o600)
    with PrivateSlapd(folder / "slapd") as slapd:
        slapd.load(generator.entries(objects))
        slapd.start()
        connector = CommandLine(
            folder,
            {"url": slapd.url, "bind_dn": slapd.admin, "password_file": str(slapd.password_file)},
            safety={"delete_threshold": 1_000_000},
            web={"tokens_file": str(tokens)},
        )
        alone: list[float] = []
        beside: list[float] = []
        for number in range(pairs):
            alone.append(_first_sync(connector))
            with _serving(connector, anew=True) as address, Clients(address, _CLIENTS, _PAUSE):
                beside.append(_first_sync(connector, anew=False))
            console.log(f"pair {number + 1}: {alone[-1]:.2f} s alone, {beside[-1]:.2f} s beside")
        with _serving(connector) as address:
            with Clients(address, _CLIENTS, 0) as busy:
                time.sleep(_SECONDS)
            with Clients(address, 1, _PAUSE) as idle:
                time.sleep(_SECONDS)
            with Clients(address, 1, _PAUSE) as one:
                _sync(connector)
    first = statistics.median(alone)
    return [
        Row("a first sync alone", first, "s"),
        Row("beside the web", statistics.median(beside), "s", _SLOWER_BAR, "alone", first),
        Row("a page of 100 users", statistics.median(idle.took) * 1e3, "ms", _PAGE_BAR),
        Row("beside a cycle", statistics.median(one.took) * 1e3, "ms", _PAGE_BAR),
        Row("pages for eight clients", len(busy.took) / _SECONDS, "pages/s"),
    ]


def _first_sync(connector: CommandLine, *, anew: bool = True) -> float:
    if anew:
        shutil.rmtree(connector.storage, ignore_errors=True)
    return _sync(connector)


def _sync(connector: CommandLine) -> float:
    command = [sys.executable, "-m", "connector", "sync", "--policy", "initial", "--json"]
    # The 1 % of conflicts makes it end with code 1.
    return measure.run(command, env=connector.environment, codes=(0, 1)).seconds


@contextmanager
def _serving(connector: CommandLine, *, anew: bool = False) -> Iterator[str]:
    """Serve the web of a connector; with ``anew``, of one that has not synced yet."""
    if anew:
        shutil.rmtree(connector.storage, ignore_errors=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "connector", "web", "--listen", "127.0.0.1:0"],
        env=connector.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        if not said:
            raise RuntimeError("the web did not start")
        yield said.rpartition("/")[2]
    finally:
        process.terminate()
        process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.web_load", description=__doc__
    )
    parser.add_argument("--objects", type=int, default=_OBJECTS, metavar="N")
    parser.add_argument("--pairs", type=int, default=_PAIRS, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    console = Console(stderr=True, width=_WIDTH)
    with tempfile.TemporaryDirectory(prefix="connector-web.") as folder:
        rows = measured(Path(folder), options.objects, options.pairs, console)
    if options.json:
        sys.stdout.write(json.dumps([row.as_json() for row in rows], indent=2) + "\n")
    else:
        Console(width=_WIDTH).print(table(options.objects, rows))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
