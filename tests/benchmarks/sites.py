"""Measure a tenant behind another site's server, over HTTPS, beside the same tenant in a file of one's own.

    python -m tests.benchmarks.sites [--objects 20000] [--pairs N] [--json]

Each pair is a first sync, deltas of 100 changes and deltas of one, both ways in turns; the server runs on the same
machine and has a file. Processor time is that of all processes: of the connector for the client, of ``connector web``
for the server.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from connector.lab import generator
from connector.lab.slapd import PrivateSlapd
from connector.web.signin.apps import Apps
from connector.web.signin.certificate import make
from tests.benchmarks.connector_runs import settings_text
from tests.benchmarks.engines import DELTAS, Figures, Works, line_of, medians, table_of
from tests.benchmarks.server_load import Load, NoLoad
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE, _HTTPS = "SQLite", "SQLite over HTTPS"
_SECONDS_TO_START = 60.0
_WIDTH = 150


class Sites(Works):
    """The works on a file of one's own, and at the server of another site."""

    def measured(self, *, https: bool) -> dict[str, Figures]:
        folder, file = self.begin_turn()
        if not https:
            return self.works(file, {}, NoLoad())
        with self._server(folder / "office") as (environment, process):
            return self.works(file, environment, Load(process))

    @contextmanager
    def _server(self, folder: Path) -> Iterator[tuple[dict[str, str], int]]:
        """Serve an empty tenant; yield what a connector's environment says of it, and the process."""
        folder.mkdir()
        files = make(folder / "tls", ["localhost"], datetime.now(UTC))
        port = free_port()
        (folder / "connector.toml").write_text(
            settings_text(self._provider, folder)
            + f'[web]\nlisten = "127.0.0.1:{port}"\ntls_cert = "{files.certificate}"\n'
            f'tls_key = "{files.key}"\n'
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "connector", "web"],
            env={**os.environ, "CONNECTOR_CONFIG": str(folder / "connector.toml")},
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for(port, files.authority)
            app, secret = Apps(folder / "var").add("branch", "synchronization")
            yield (
                {
                    "CONNECTOR__TENANT__URL": f"https://localhost:{port}",
                    "CONNECTOR__TENANT__CA_FILE": str(files.authority),
                    "CONNECTOR__TENANT__CLIENT_ID": app.client_id,
                    "CONNECTOR__TENANT__CLIENT_SECRET": secret,
                },
                process.pid,
            )
        finally:
            process.terminate()
            process.wait(_SECONDS_TO_START)


def _wait_for(port: int, authority: Path) -> None:
    """Wait until a server answers; raises TimeoutError."""
    deadline = time.monotonic() + _SECONDS_TO_START
    trusting = ssl.create_default_context(cafile=str(authority))
    while time.monotonic() < deadline:
        connection = http.client.HTTPSConnection("localhost", port, timeout=5, context=trusting)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError("connector web did not start")


def measured(total: int, pairs: int, console: Console) -> dict[str, dict[str, Figures]]:
    """Measure both ways at one size; the figures of pairs are medians."""
    with (
        tempfile.TemporaryDirectory(prefix="connector-sites.") as name,
        PrivateSlapd(Path(name) / "provider", session_log=1_000_000) as provider,
    ):
        provider.load(generator.entries(total))
        provider.start()
        sites = Sites(provider, Path(name), total)
        runs: dict[str, list[dict[str, Figures]]] = {_FILE: [], _HTTPS: []}
        for pair in range(pairs):
            for way in sorted(runs, reverse=pair % 2 == 1):
                console.log(f"{way}, {pair + 1} of {pairs}")
                runs[way].append(sites.measured(https=way == _HTTPS))
                console.log(line_of(runs[way][-1]["first sync"]))
    return {way: medians(some) for way, some in runs.items()}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.sites", description=__doc__)
    parser.add_argument("--objects", type=int, default=20_000, metavar="N")
    parser.add_argument("--pairs", type=int, default=1, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args()
    found = measured(options.objects, options.pairs, Console(stderr=True, width=_WIDTH))
    if options.json:
        answer: dict[str, Any] = {"objects": options.objects, "ways": found}
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    else:
        for work in ("first sync", *DELTAS):
            Console(width=_WIDTH).print(table_of(work, options.objects, found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
