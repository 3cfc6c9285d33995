"""Servers that take seconds to install: one of each a session, shared by the tests of a process.

Only the commands of docs/directories.md prepare each of them for the connector.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.documents import commands
from tests.system.ds389 import Private389
from tests.system.following import follow
from tests.system.samba import CONTEXT, READER_PASSWORD, PrivateSamba

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.documents import Command


@pytest.fixture(scope="session")
def samba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSamba]:
    server = fresh_domain(tmp_path_factory.mktemp("samba") / "own")
    # A domain in which something was deleted before, as any that is in use.
    server.apply(f"dn: OU=once,{CONTEXT}\nobjectClass: organizationalUnit\n")
    server.remove_tree(f"OU=once,{CONTEXT}")
    yield server
    server.kill()
    shutil.rmtree(server.path)


def fresh_domain(path: Path) -> PrivateSamba:
    """Provision and start a domain that has the account of docs/directories.md, and nothing else new."""
    server = PrivateSamba(path)
    server.start()
    twice = f"{READER_PASSWORD}\n" * 2
    follow(setting_up("samba"), server.places, stdin=twice, environ=server.environ)
    return server


@pytest.fixture(scope="session")
def ds389(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Private389]:
    server = Private389(tmp_path_factory.mktemp("ds389") / "own")
    server.start()
    follow(setting_up("389"), server.places, restart=server.restart)
    yield server
    server.stop()  # not killed, for it has a semaphore outside of its folder
    shutil.rmtree(server.path)


def setting_up(place: str) -> list[Command]:
    """Return the commands that prepare a server, without those of the connector."""
    found = commands("docs/directories.md", place)
    return [command for command in found if not command.text.startswith("connector ")]
