"""A real slapd with the verbs of ``tests.fakes.MemoryDirectory``."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connector import dn as dns
from connector.directory import open_directory
from connector.lab.slapd import PrivateSlapd
from connector.settings import DirectorySettings
from tests.fakes import CLASSES, SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from connector.ports import Directory


class SlapdWorld:
    """Starts a slapd of its own that holds the suffix and three organizational units."""

    def __init__(self, path: Path, *, mode: str = "auto", **slapd: Any) -> None:
        self.slapd = PrivateSlapd(path, **slapd)
        self.mode = mode
        self._opened: list[Directory] = []
        base = [_record(SUFFIX, ["dcObject", "organization"], {"dc": "contoso", "o": "Contoso"})]
        base += (
            _record(f"ou={name},{SUFFIX}", ["organizationalUnit"], {"ou": name})
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
            self.settings(**changed), password=password or self.password, stop=stop
        )
        self._opened.append(directory)
        return directory

    def user(self, name: str, upn: str | None = None, **attributes: Any) -> str:
        defaults = {
            "uid": name,
            "cn": name,
            "sn": name,
            "displayName": name.title(),
            "sAMAccountName": name,
            "userPrincipalName": upn or f"{name}@contoso.com",
        }
        return self.add(
            f"uid={name},ou=users,{SUFFIX}", CLASSES["user"], {**defaults, **attributes}
        )

    def group(self, name: str, members: Sequence[str] = ()) -> str:
        attributes = {"cn": name, "member": list(members)}
        return self.add(f"cn={name},ou=groups,{SUFFIX}", CLASSES["group"], attributes)

    def contact(self, name: str, address: str) -> str:
        attributes = {"cn": name, "mail": address}
        return self.add(f"cn={name},ou=contacts,{SUFFIX}", CLASSES["contact"], attributes)

    def ou(self, name: str, *, below: str = SUFFIX) -> str:
        return self.add(f"ou={name},{below}", ["organizationalUnit"], {"ou": name})

    def add(self, dn: str, classes: Sequence[str], attributes: dict[str, Any]) -> str:
        self.slapd.apply(_record(dn, classes, attributes))
        return dn

    def modify(self, dn: str, **attributes: Any) -> None:
        changes = (f"replace: {name}\n{_lines(name, v)}-\n" for name, v in attributes.items())
        self.slapd.apply(f"dn: {dn}\nchangetype: modify\n{''.join(changes)}\n")

    def rename(self, dn: str, rdn: str) -> str:
        self.slapd.apply(f"dn: {dn}\nchangetype: modrdn\nnewrdn: {rdn}\ndeleteoldrdn: 1\n")
        return f"{rdn},{dns.parent(dn)}"

    def move(self, dn: str, parent: str) -> str:
        rdn = dn[: len(dn) - len(dns.parent(dn)) - 1]
        self.slapd.apply(
            f"dn: {dn}\nchangetype: modrdn\nnewrdn: {rdn}\ndeleteoldrdn: 0\nnewsuperior: {parent}\n"
        )
        return f"{rdn},{parent}"

    def remove(self, dn: str) -> None:
        self.slapd.apply(f"dn: {dn}\nchangetype: delete\n")

    def close(self) -> None:
        for directory in self._opened:
            directory.close()
        self.slapd.stop()


def _record(dn: str, classes: Sequence[str], attributes: dict[str, Any]) -> str:
    lines = [_lines("objectClass", list(classes))]
    lines += [_lines(name, values) for name, values in attributes.items()]
    return f"dn: {dn}\n{''.join(lines)}\n"


def _lines(name: str, values: Any) -> str:
    listed = values if isinstance(values, list) else [values]
    raw = (value if isinstance(value, bytes) else str(value).encode() for value in listed)
    return "".join(f"{name}:: {b64encode(value).decode()}\n" for value in raw)
