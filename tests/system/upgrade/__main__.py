"""``python -m tests.system.upgrade NAME [CHECKOUT]`` stores databases that the code of a checkout writes.

By default that is this checkout. The databases hold a small company with quarantines, objects that fail,
deleted users and changes that are not exported yet. The directory and the output of the commands are stored
with them. If NAME ends in "interrupted", the last export was killed after the commit of the tenant and
before that of the connector space.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld
from tests.system.upgrade import SEEN, STORED, dump

if TYPE_CHECKING:
    from collections.abc import Callable


# Run by a connector that dies between the two commits of an export.
DYING = """\
import os, signal
from connector.cli.app import main
from connector.export.exporter import Exporter
Exporter._record = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
main()
"""


def play(world: SlapdWorld, sync: Callable[[], object]) -> None:
    """Play a few days of changes; the last changes are not synced yet."""
    ann = world.user(
        "ann", title="Head", proxyAddresses=["SMTP:ann@contoso.com", "smtp:desk@contoso.com"]
    )
    bob = world.user("bob", proxyAddresses=["SMTP:bob@contoso.com"], manager=ann)
    leaver = world.user("carla", proxyAddresses=["SMTP:carla@contoso.com"])
    world.contact("supplier", "supplier@fabrikam.example")
    world.group("all", [ann, bob, leaver])
    for number in range(6):
        world.user(f"clerk{number}", title="Clerk", department="Sales")
    sync()

    world.user("another-ann", "ann@contoso.com")
    world.user("dora", proxyAddresses=["SMTP:dora@contoso.com", "smtp:desk@contoso.com"])
    world.modify(bob, title="Deputy", displayName="Bob Bräunlich")
    world.remove(leaver)
    sync()

    for colour in ("red", "blue"):
        dn = f"cn={colour},ou=groups,{world.suffix}"
        address = "team@contoso.com"
        names = {"cn": colour, "member": ann, "mail": address, "proxyAddresses": f"SMTP:{address}"}
        world.add(dn, world.classes["group"], names)
    world.user("joe", "bob@contoso.com", proxyAddresses=["SMTP:bob@contoso.com"])
    sync()

    world.user("erik")
    world.modify(ann, title="Director")


def main(name: str, checkout: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        world = SlapdWorld(Path(folder, "slapd"))
        directory = {
            "url": world.slapd.url,
            "bind_dn": world.slapd.admin,
            "password": world.password,
        }
        Path(folder, "connector").mkdir()
        connector = CommandLine(Path(folder, "connector"), directory, tenant={"random_seed": 1})
        connector.environ["PYTHONPATH"] = str(checkout)

        play(world, lambda: connector.json("sync", codes=(0, 1)))
        if name.endswith("interrupted"):
            Path("dying.py").write_text(DYING)
            connector.module = "dying"
            killed = connector.run("sync").returncode
            assert killed == -signal.SIGKILL
            connector.module = "connector"
        else:
            connector.environ["CONNECTOR__SCHEDULE__STAGING_MODE"] = "true"
            connector.json("sync")
        seen = {key: connector.json(*arguments) for key, arguments in SEEN.items()}
        del seen["status"]["staging"]  # is a setting, and not stored
        seen["told"] = [event["value"] for event in connector.logged("export.quarantined")]
        world.close()
        (STORED / name).mkdir(exist_ok=True)
        dump(connector.storage, name)
        entries = [world.slapd._program, "-T", "cat", "-f", str(world.slapd.path / "slapd.conf")]
        ldif = world.slapd._run([*entries, "-b", world.suffix])
        (STORED / name / "directory.ldif").write_text(ldif, encoding="utf-8")
        (STORED / name / "seen.json").write_text(json.dumps(seen, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else ".").absolute())
