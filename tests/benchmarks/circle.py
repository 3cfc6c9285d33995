"""Hand all addresses of 3,000 users round in a circle, in one delta.

    python -m tests.benchmarks.circle [--users N] [--addresses N] [--json]

User n takes the addresses of user n + 1; so no update can be sent before another one. Nothing may be
quarantined, and every user must end with what it asked for.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from connector.lab import generator
from connector.lab.records import user, user_dn
from connector.lab.slapd import PrivateSlapd
from connector.values.ldif import replace
from tests.benchmarks import measure
from tests.benchmarks.table import Row, table
from tests.system.commandline import CommandLine

if TYPE_CHECKING:
    from collections.abc import Iterator

_USERS = 3000
_ADDRESSES = 200
_MEGABYTES = 200
_SECONDS = 10
_WIDTH = 110


class Circle:
    """Users by number, and the addresses that each has after some turns."""

    def __init__(self, users: int, addresses: int) -> None:
        self.users = users
        self._addresses = addresses

    def of(self, number: int, turns: int = 0) -> list[str]:
        owner = (number + turns) % self.users
        aliases = (f"smtp:u{owner}.a{n}@contoso.com" for n in range(self._addresses - 1))
        return [f"SMTP:u{owner}.main@contoso.com", *aliases]

    def entries(self) -> Iterator[str]:
        yield from generator.base()
        for number in range(self.users):
            yield user(f"u{number}", f"User {number}", proxies=self.of(number))

    def turn(self) -> Iterator[str]:
        for number in range(self.users):
            yield replace(user_dn(f"u{number}"), {"proxyAddresses": self.of(number, 1)})


def measured(folder: Path, circle: Circle, console: Console) -> list[Row]:
    """Measure the first sync of the users and the delta of the circle."""
    with PrivateSlapd(folder / "slapd", session_log=100_000) as slapd:
        slapd.load(circle.entries())
        slapd.start()
        connector = CommandLine(
            folder,
            {"url": slapd.url, "bind_dn": slapd.admin, "password_file": str(slapd.password_file)},
        )
        console.log("first sync")
        first = _sync(connector)
        _sync(connector)
        slapd.apply("".join(circle.turn()))
        console.log("circle")
        turned = _sync(connector)
        steps = json.loads(turned.output)["steps"]
        console.log(", ".join(f"{step['name']} {step['seconds']:.1f} s" for step in steps))
        _check(connector, circle)
    return [
        Row("peak memory of the first sync", first.megabytes, "MB", _MEGABYTES),
        Row("peak memory of the circle", turned.megabytes, "MB", _MEGABYTES),
        Row("circle", turned.seconds, "s", _SECONDS),
        Row("circle, processor time of both threads", turned.processor, "s"),
    ]


def _sync(connector: CommandLine) -> measure.Finished:
    command = [sys.executable, "-m", "connector", "sync", "--json"]
    return measure.run(command, env={"CONNECTOR_CONFIG": str(connector.settings)})


def _check(connector: CommandLine, circle: Circle) -> None:
    found = {name: sorted(item["proxyAddresses"]) for name, item in connector.objects().items()}
    wanted = {f"User {n}": sorted(circle.of(n, 1)) for n in range(circle.users)}
    if found != wanted or connector.logged("export.quarantined"):
        raise RuntimeError("the addresses did not go round")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.circle", description=__doc__)
    parser.add_argument("--users", type=int, default=_USERS, metavar="N")
    parser.add_argument("--addresses", type=int, default=_ADDRESSES, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    console = Console(stderr=True, width=_WIDTH)
    with tempfile.TemporaryDirectory(prefix="connector-circle.") as folder:
        rows = measured(Path(folder), Circle(options.users, options.addresses), console)
    if options.json:
        sys.stdout.write(json.dumps([row.as_json() for row in rows], indent=2) + "\n")
    else:
        Console(width=_WIDTH).print(table(options.users, rows))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
