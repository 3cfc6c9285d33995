"""The verbs of ``tests.fakes.MemoryDirectory`` for a real server, as LDIF change records."""

from __future__ import annotations

from abc import ABC, abstractmethod
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from connector.directory import open_directory
from connector.directory.diagnose import diagnose
from connector.values import dn as dns
from tests.fakes import CLASSES, SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.directory.check_result import CheckResult
    from connector.ports import Directory
    from connector.settings import DirectorySettings


class LdifWorld(ABC):
    """Changes entries below ``suffix``; ``apply`` takes change records."""

    classes = CLASSES

    def __init__(self, apply: Callable[[str], None], suffix: str = SUFFIX) -> None:
        self.apply = apply
        self.suffix = suffix
        self._opened: list[Directory] = []

    @property
    @abstractmethod
    def password(self) -> str:
        """The password of the reading account."""

    @abstractmethod
    def settings(self, **changed: Any) -> DirectorySettings:
        """Return settings that read this directory, with some changed."""

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

    def findings(self, **changed: Any) -> dict[str, CheckResult]:
        """The results of ``connector check``, by name; ``changed`` are settings, and the password."""
        password = changed.pop("password", self.password)
        return {each.name: each for each in diagnose(self.settings(**changed), password)}

    def close(self) -> None:
        for directory in self._opened:
            directory.close()

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
            f"uid={name},ou=users,{self.suffix}", self.classes["user"], {**defaults, **attributes}
        )

    def group(self, name: str, members: Sequence[str] = ()) -> str:
        attributes = {"cn": name, "member": list(members)}
        return self.add(f"cn={name},ou=groups,{self.suffix}", self.classes["group"], attributes)

    def contact(self, name: str, address: str) -> str:
        attributes = {"cn": name, "mail": address}
        return self.add(f"cn={name},ou=contacts,{self.suffix}", self.classes["contact"], attributes)

    def ou(self, name: str, *, below: str = "") -> str:
        return self.add(f"ou={name},{below or self.suffix}", ["organizationalUnit"], {"ou": name})

    def add(self, dn: str, classes: Sequence[str], attributes: dict[str, Any]) -> str:
        self.apply(record(dn, classes, attributes))
        return dn

    def modify(self, dn: str, **attributes: Any) -> None:
        changes = (f"replace: {name}\n{_lines(name, v)}-\n" for name, v in attributes.items())
        self.apply(f"dn: {dn}\nchangetype: modify\n{''.join(changes)}\n")

    def rename(self, dn: str, rdn: str) -> str:
        self.apply(f"dn: {dn}\nchangetype: modrdn\nnewrdn: {rdn}\ndeleteoldrdn: 1\n")
        return f"{rdn},{dns.parent(dn)}"

    def move(self, dn: str, parent: str) -> str:
        rdn = dn[: len(dn) - len(dns.parent(dn)) - 1]
        self.apply(
            f"dn: {dn}\nchangetype: modrdn\nnewrdn: {rdn}\ndeleteoldrdn: 1\nnewsuperior: {parent}\n"
        )
        return f"{rdn},{parent}"

    def remove(self, dn: str) -> None:
        self.apply(f"dn: {dn}\nchangetype: delete\n")


def record(dn: str, classes: Sequence[str], attributes: dict[str, Any]) -> str:
    lines = [_lines("objectClass", list(classes))]
    lines += [_lines(name, values) for name, values in attributes.items()]
    return f"dn: {dn}\n{''.join(lines)}\n"


def _lines(name: str, values: Any) -> str:
    listed = values if isinstance(values, list) else [values]
    raw = (value if isinstance(value, bytes) else str(value).encode() for value in listed)
    return "".join(f"{name}:: {b64encode(value).decode()}\n" for value in raw)
