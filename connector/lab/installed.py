"""Find the parts of OpenLDAP on this machine; raises LabUnusable for a missing one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import LabUnusable

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROGRAM_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/lib/openldap", "/usr/libexec")
_SCHEMAS = ("core", "cosine", "inetorgperson", "nis", "msuser")
_SCHEMA_FOLDERS = ("/etc/ldap/schema", "/etc/openldap/schema", "/usr/local/etc/openldap/schema")
_MODULE_FOLDERS = (
    "/usr/lib/ldap",
    "/usr/lib64/openldap",
    "/usr/lib/openldap",
    "/usr/local/libexec/openldap",
)
_CONFINED_BY = Path("/etc/apparmor.d/usr.sbin.slapd")
_INSTALL = "Install it (Debian, Ubuntu: apt-get install slapd ldap-utils) and try again."


def program(name: str) -> str:
    """Find a program, also in folders that a user's PATH lacks."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_PROGRAM_FOLDERS))
    if found := shutil.which(name, path=path):
        return found
    raise LabUnusable(f"{name} is not installed. {_INSTALL}")


def unconfined(executable: str, path: Path) -> str:
    """Return a program that may read and write below ``path``.

    AppArmor (on Ubuntu) confines slapd to the system's own folders. It recognizes the program by its
    path, so a copy is not confined.
    """
    if not _CONFINED_BY.exists():
        return executable
    copy = path / "slapd"
    shutil.copy(executable, copy)
    return str(copy)


def tied(command: Sequence[str]) -> list[str]:
    """Make a command end with the thread that starts it, even if that is killed.

    This needs setpriv (util-linux, on every Debian and Ubuntu); without it the command is unchanged.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", *command] if setpriv else list(command)


def module_folder() -> Path | None:
    """Return the folder of the backends; None if they are linked into slapd."""
    for folder in map(Path, _MODULE_FOLDERS):
        if any(folder.glob("back_mdb*")):
            return folder
    return None


def schemas() -> list[Path]:
    """Return the schema files that slapd ships, in the order of loading."""
    for folder in map(Path, _SCHEMA_FOLDERS):
        files = [folder / f"{name}.schema" for name in _SCHEMAS]
        if all(file.exists() for file in files):
            return files
    raise LabUnusable(
        f"the schema files {', '.join(_SCHEMAS)} of slapd are in none of "
        f"{', '.join(_SCHEMA_FOLDERS)}. {_INSTALL}"
    )
