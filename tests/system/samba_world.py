"""A part of a Samba domain with the verbs of ``tests.fakes.MemoryDirectory``."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID

from connector.directory.controls import SHOW_DELETED
from connector.settings import DirectorySettings
from tests.system.commandline import CommandLine
from tests.system.ldif_world import LdifWorld
from tests.system.samba import CONTEXT, READER, READER_PASSWORD, REALM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.system.samba import PrivateSamba

_NUMBERS = count(1)


class SambaWorld(LdifWorld):
    """An organizational unit in a shared domain."""

    classes = {"user": ["user"], "group": ["group"], "contact": ["contact"]}  # noqa: RUF012

    def __init__(self, samba: PrivateSamba, *, mode: str = "auto") -> None:
        self.samba = samba
        self.mode = mode
        self.number = next(_NUMBERS)
        super().__init__(samba.apply, f"ou=t{self.number},{CONTEXT}".lower())
        self.add(self.suffix, ["organizationalUnit"], {})
        for name in ("users", "groups", "contacts"):
            self.ou(name)

    @property
    def password(self) -> str:
        return READER_PASSWORD

    def settings(self, **changed: Any) -> DirectorySettings:
        values = {
            "url": self.samba.ldaps_url,
            "base_dn": self.suffix,
            "bind_dn": f"{READER}@{REALM}",
            "ca_file": str(self.samba.ca_file),
            "mode": self.mode,
            "timeout": timedelta(seconds=20),
        }
        return DirectorySettings(**{**values, **changed})

    def user(self, name: str, upn: str | None = None, **attributes: Any) -> str:
        defaults = {
            "displayName": name.title(),
            "sAMAccountName": self.account(name),
            "userPrincipalName": upn or f"{name}@contoso.com",
        }
        dn = f"cn={name},ou=users,{self.suffix}"
        return self.add(dn, self.classes["user"], {**defaults, **attributes})

    def group(self, name: str, members: Sequence[str] = ()) -> str:
        attributes = {"sAMAccountName": self.account(name), "member": list(members)}
        return self.add(f"cn={name},ou=groups,{self.suffix}", self.classes["group"], attributes)

    def add_group(self, name: str, kind: int, **attributes: Any) -> str:
        """Add a group of this groupType."""
        attributes |= {"sAMAccountName": self.account(name), "groupType": kind}
        return self.add(f"cn={name},ou=groups,{self.suffix}", self.classes["group"], attributes)

    def contact(self, name: str, address: str) -> str:
        dn = f"cn={name},ou=contacts,{self.suffix}"
        return self.add(dn, self.classes["contact"], {"mail": address})

    def account(self, name: str) -> str:
        """Return a name that no other part of the domain uses."""
        return f"{name}.{self.number}"

    def command_line(self, path: Path, **directory: Any) -> CommandLine:
        """Return a connector of this part of the domain; ``directory`` are settings."""
        values = {
            "url": self.samba.ldaps_url,
            "base_dn": self.suffix,
            "bind_dn": f"{READER}@{REALM}",
            "password": self.password,
            "ca_file": str(self.samba.ca_file),
            "mode": self.mode,
        }
        return CommandLine(path, {**values, **directory})

    def guid(self, dn: str) -> bytes:
        """Return objectGUID in the order of its bytes."""
        found = self.samba.search(f"(distinguishedName={dn})", "objectGUID")
        return UUID(found.partition("objectGUID: ")[2].split()[0]).bytes_le

    def restore(self, guid: bytes, dn: str) -> None:
        """Bring a deleted object back under this name."""
        held = self.samba.search(
            f"(objectGUID={UUID(bytes_le=guid)})", "dn", controls=["show_deleted:1"]
        )
        deleted = held.partition("dn: ")[2].partition("\n# ")[0].replace("\n ", "").strip()
        self.samba.apply(
            f"dn: {deleted}\nchangetype: modify\ndelete: isDeleted\n-\n"
            f"replace: distinguishedName\ndistinguishedName: {dn}\n-\n",
            controls=[SHOW_DELETED],
        )

    def close(self) -> None:
        """Remove the unit and everything below, so that its names are free again."""
        super().close()
        self.samba.remove_tree(self.suffix)
