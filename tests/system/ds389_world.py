"""A part of a 389 Directory Server with the verbs of ``tests.fakes.MemoryDirectory``."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from connector.directory import open_directory
from connector.settings import DirectorySettings
from tests.system.commandline import CommandLine
from tests.system.ds389 import READER, READER_PASSWORD, SUFFIX
from tests.system.ldif_world import LdifWorld

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connector.ports import Directory
    from tests.system.ds389 import Private389

_NUMBERS = count(1)


class Ds389World(LdifWorld):
    """An organizational unit of its own, on a server on which others have units."""

    def __init__(self, server: Private389, *, mode: str = "auto") -> None:
        self.server = server
        self.mode = mode
        self._opened: list[Directory] = []
        super().__init__(server.apply, f"ou=t{next(_NUMBERS)},{SUFFIX}")
        self.add(self.suffix, ["organizationalUnit"], {})
        for name in ("users", "groups", "contacts"):
            self.ou(name)

    def settings(self, **changed: Any) -> DirectorySettings:
        values = {
            "url": self.server.url,
            "base_dn": self.suffix,
            "bind_dn": READER,
            "mode": self.mode,
            "timeout": timedelta(seconds=10),
        }
        return DirectorySettings(**{**values, **changed})

    def open(
        self,
        *,
        only: str | None = None,
        password: str | None = None,
        stop: Callable[[], bool] = lambda: False,
        **changed: Any,
    ) -> Directory:
        """Return the port; ``changed`` are settings."""
        if only is not None:
            changed["filter"] = f"(employeeType={only})"
        directory = open_directory(
            self.settings(**changed), password=password or READER_PASSWORD, stop=stop
        )
        self._opened.append(directory)
        return directory

    def command_line(self, path: Path, **directory: Any) -> CommandLine:
        """Return a connector of this part of the directory; ``directory`` are settings."""
        values = {
            "url": self.server.url,
            "base_dn": self.suffix,
            "bind_dn": READER,
            "password": READER_PASSWORD,
        }
        return CommandLine(path, {**values, **directory})

    def close(self) -> None:
        for directory in self._opened:
            directory.close()
