"""A real slapd with the verbs of ``tests.fakes.MemoryDirectory``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connector.lab.slapd import PrivateSlapd
from connector.settings import DirectorySettings
from tests.fakes import SUFFIX
from tests.system.ldif_world import LdifWorld, record

if TYPE_CHECKING:
    from pathlib import Path


class SlapdWorld(LdifWorld):
    """A slapd of its own that holds the suffix and three organizational units."""

    def __init__(self, path: Path, *, mode: str = "auto", **slapd: Any) -> None:
        self.slapd = PrivateSlapd(path, **slapd)
        self.mode = mode
        super().__init__(self.slapd.apply)
        base = [record(SUFFIX, ["dcObject", "organization"], {"dc": "contoso", "o": "Contoso"})]
        base += (
            record(f"ou={name},{SUFFIX}", ["organizationalUnit"], {"ou": name})
            for name in ("users", "groups", "contacts")
        )
        self.slapd.load(base)
        self.slapd.start()

    @property
    def password(self) -> str:
        return self.slapd.password_file.read_text()

    def settings(self, **changed: Any) -> DirectorySettings:
        values = {
            "url": self.slapd.url,
            "base_dn": SUFFIX,
            "bind_dn": self.slapd.admin,
            "mode": self.mode,
            "timeout": timedelta(seconds=10),
        }
        return DirectorySettings(**{**values, **changed})

    def close(self) -> None:
        super().close()
        self.slapd.stop()
