"""A part of a 389 Directory Server with the verbs of ``tests.fakes.MemoryDirectory``."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from connector.settings import DirectorySettings
from tests.system.commandline import CommandLine
from tests.system.ds389 import READER, READER_PASSWORD, SUFFIX
from tests.system.ldif_world import LdifWorld

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.ds389 import Private389

_NUMBERS = count(1)


class Ds389World(LdifWorld):
    """An organizational unit on a shared server."""

    def __init__(self, server: Private389, *, mode: str = "auto") -> None:
        self.server = server
        self.mode = mode
        super().__init__(server.apply, f"ou=t{next(_NUMBERS)},{SUFFIX}")
        self.add(self.suffix, ["organizationalUnit"], {})
        for name in ("users", "groups", "contacts"):
            self.ou(name)

    @property
    def password(self) -> str:
        return READER_PASSWORD

    def settings(self, **changed: Any) -> DirectorySettings:
        values = {
            "url": self.server.url,
            "base_dn": self.suffix,
            "bind_dn": READER,
            "mode": self.mode,
            "timeout": timedelta(seconds=10),
        }
        return DirectorySettings(**{**values, **changed})

    def command_line(self, path: Path, **directory: Any) -> CommandLine:
        """Return a connector of this part of the directory; ``directory`` are settings."""
        values = {
            "url": self.server.url,
            "base_dn": self.suffix,
            "bind_dn": READER,
            "password": self.password,
        }
        return CommandLine(path, {**values, **directory})
