"""A directory behind a proxy, and connectors that sync it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from connector.lab import generator
from tests.fakes import SUFFIX
from tests.system.commandline import CommandLine
from tests.system.outcome import everything
from tests.system.proxy import Proxy
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OBJECTS = 60
READER = f"cn=reader,ou=users,{SUFFIX}"


@dataclass
class Site:
    """A directory, a connector that has synced it, and the expected result of later changes."""

    world: SlapdWorld
    proxy: Proxy
    path: Path

    def connector(self, name: str, **sections: Any) -> CommandLine:
        path = self.path / name
        path.mkdir()
        directory = {
            "url": self.proxy.url,
            "bind_dn": READER,
            "password": "reader",
            "timeout": "1s",
            **sections.pop("directory", {}),
        }
        schedule = {"delta": "1h", **sections.pop("schedule", {})}
        return CommandLine(
            path, directory, tenant={"random_seed": 1}, schedule=schedule, **sections
        )

    def copy(self, name: str, original: CommandLine, **sections: Any) -> CommandLine:
        """Return a connector with a copy of another's databases, and a log of its own."""
        connector = self.connector(name, **sections)
        shutil.copytree(original.storage, connector.storage)
        return connector


def a_site(path: Path, *, objects: int = OBJECTS, session_log: int | None = 1000) -> Iterator[Site]:
    """Build a site, and take it down at the end."""
    access = [
        "# what the reader sees",
        f'limits dn.exact="{READER}" size=unlimited',
        "access to attrs=userPassword by anonymous auth by * none",
        "access to * by * read",
    ]
    world = SlapdWorld(path / "slapd", directives=access, session_log=session_log)
    world.slapd.load(islice(generator.entries(objects), 4, None))
    world.add(READER, ["person"], {"cn": "reader", "sn": "reader", "userPassword": "reader"})
    with Proxy(world.slapd.url) as proxy:
        yield Site(world, proxy, path)
    world.close()


def change(world: SlapdWorld) -> None:
    """Make a delta: additions with a conflict, changes and deletes."""
    for number in range(2):
        world.user(f"new{number}", "new@contoso.com")
        world.modify(generator.user_dn(10 + number), title="Changed")
        world.remove(generator.user_dn(20 + number))


def synced(connector: CommandLine) -> dict[str, Any]:
    """Run a cycle that must succeed; return its result."""
    done = connector.run("sync")
    assert done.returncode in {0, 1}, (done.stdout, done.stderr)
    return everything(connector)


def complaints(connector: CommandLine) -> list[str]:
    """Name the events that alarm an operator."""
    return [each["event"] for each in connector.events() if each["level"] in {"warning", "error"}]
