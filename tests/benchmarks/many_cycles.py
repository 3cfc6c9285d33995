"""Let one daemon run hundreds of cycles, and look at its memory on the way.

    python -m tests.benchmarks.many_cycles [--cycles N] [--objects N] [--json]

Every cycle has changes of all kinds; half of the new conflicts are resolved in the next one. Sweeps,
comparisons of identities and full cycles come in between. The bar is the resident size at the end beside
that after the first tenth.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import track

from connector.daemon.control import ask
from connector.lab import generator
from connector.lab.records import group, group_dn, user, user_dn
from connector.lab.slapd import PrivateSlapd
from connector.values.ldif import replace
from tests.benchmarks.table import Row, table
from tests.system.commandline import CommandLine

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

_CYCLES = 500
_OBJECTS = 20_000
_GROWTH = 1.1
_WIDTH = 110
_PATIENCE = 60.0
_NEW = 6


def changes(cycle: int, users: int) -> Iterator[str]:
    """Yield the changes before a cycle: users come and go, clash, are renamed, and change groups."""
    for number in range(20):
        changed = generator.user_dn((cycle * 20 + number) % (users // 2))
        yield replace(changed, {"title": f"Title {cycle}"})
    for number in range(_NEW):
        name = f"new{cycle}x{number}"
        shared = f"shared{cycle}x{number // 2}@contoso.com"
        clash = {"upn": shared} if number < _NEW // 2 else {"proxies": [f"smtp:{shared}"]}
        yield user(name, f"New {cycle} {number}", **clash)
    before = cycle - 1
    if before >= 0:
        yield f"dn: {user_dn(f'new{before}x0')}\nchangetype: delete\n\n"
        yield replace(
            user_dn(f"new{before}x2"), {"proxyAddresses": f"smtp:only{before}@contoso.com"}
        )
        renamed = user_dn(f"new{before}x1")
        yield f"dn: {renamed}\nchangetype: modrdn\nnewrdn: uid=old{before}\ndeleteoldrdn: 1\n\n"
    if cycle >= 10:
        for gone in (
            user_dn(f"old{cycle - 10}"),
            *(user_dn(f"new{cycle - 10}x{n}") for n in range(2, _NEW)),
        ):
            yield f"dn: {gone}\nchangetype: delete\n\n"
    members = [generator.user_dn((cycle + number) % users) for number in range(50)]
    yield replace(group_dn("Rotating"), {"member": members})


def requests(cycle: int) -> Iterator[dict[str, Any]]:
    """Yield what the daemon is asked to do in a cycle."""
    yield {"command": "sync"}
    if cycle % 10 == 9:
        yield {"command": "sweep"}
    if cycle % 25 == 24:
        yield {"command": "sync", "policy": "reconcile"}
    if cycle % 100 == 99:
        yield {"command": "sync", "policy": "initial"}


def measured(folder: Path, cycles: int, objects: int, console: Console) -> list[Row]:
    """Run the cycles; return the resident sizes after a tenth, half and all of them."""
    looks = {cycles // 10: 0.0, cycles // 2: 0.0, cycles: 0.0}
    users = generator.Population(objects).users
    with PrivateSlapd(folder / "slapd", session_log=100_000) as slapd:
        slapd.load([*generator.entries(objects), group("Rotating", [generator.user_dn(0)])])
        slapd.start()
        connector = CommandLine(
            folder,
            {"url": slapd.url, "bind_dn": slapd.admin, "password_file": str(slapd.password_file)},
            schedule={"delta": "1d", "reconcile": "0", "sweep": "1d"},
            tenant={"random_seed": 1},
        )
        daemon = connector.start("run")
        try:
            _until_idle(connector, daemon)
            began = time.perf_counter()
            for cycle in track(range(cycles), description="cycles", console=console):
                slapd.apply("".join(changes(cycle, users)))
                for request in requests(cycle):
                    _asked(connector, request)
                if cycle + 1 in looks:
                    looks[cycle + 1] = _resident(daemon.pid)
            took = time.perf_counter() - began
        finally:
            daemon.terminate()
            daemon.communicate()
        quarantined = len(connector.logged("export.quarantined"))
        console.log(f"{took:.0f} s, {quarantined} values quarantined")
        if not quarantined >= cycles:
            raise RuntimeError(f"only {quarantined} values were quarantined in {cycles} cycles")
    first, *rest = looks.items()
    name = "resident size after {} cycles"
    rows = [Row(name.format(first[0]), first[1], "MB")]
    rows += [
        Row(name.format(n), size, "MB", None, name.format(first[0]), first[1]) for n, size in rest
    ]
    last = rest[-1]
    rows[-1] = Row(name.format(last[0]), last[1], "MB", _GROWTH, f"{first[0]} cycles", first[1])
    return rows


def _until_idle(connector: CommandLine, daemon: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not connector.logged("cycle.finished"):
        if daemon.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the daemon did not run its first cycle")
        time.sleep(0.1)


def _asked(connector: CommandLine, request: dict[str, Any]) -> None:
    answer = ask(connector.storage, request)
    if answer is None or "error" in answer or answer.get("exitCode", 0) not in {0, 1}:
        raise RuntimeError(f"{request}: {answer}")


def _resident(process: int) -> float:
    """Return the resident size of a process in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.many_cycles", description=__doc__
    )
    parser.add_argument("--cycles", type=int, default=_CYCLES, metavar="N")
    parser.add_argument("--objects", type=int, default=_OBJECTS, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    console = Console(stderr=True, width=_WIDTH)
    with tempfile.TemporaryDirectory(prefix="connector-cycles.") as folder:
        rows = measured(Path(folder), options.cycles, options.objects, console)
    if options.json:
        sys.stdout.write(json.dumps([row.as_json() for row in rows], indent=2) + "\n")
    else:
        Console(width=_WIDTH).print(table(options.objects, rows))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
