"""The folder of a lab, which holds all its files.

lab.json          the state of the lab: its engine, its ports, and whether it is complete
connector.toml    settings that point to its directory
slapd/, samba/ or the directory's own folder, with its password
directory/        the password and the authority of a directory in a container
var/              the connector's two databases, its mails and snapshots
connector.log     the sync log
exercise          the name of the exercise that it is, if it is one
web-password      the password of the pages that the daemon serves
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from connector.errors import LabUnusable
from connector.settings.secrets import WEB

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Engine = Literal["docker", "slapd", "samba"]
_STATE, _LOCK, _SETTINGS = "lab.json", "lab.lock", "connector.toml"
_OURS = (_STATE, _LOCK, _SETTINGS, "slapd", "samba", "directory", "var", "exercise", WEB)
_LOG = "connector.log"


@dataclass(frozen=True, slots=True)
class LabState:
    """The state of a lab; ``ports`` are those of LDAP, LDAP over TLS and mail on 127.0.0.1.

    ``complete`` says that the lab was made to the end. ``settings`` is the hash of the settings file
    as the lab wrote it.
    """

    engine: Engine
    ports: tuple[int, int, int]
    complete: bool = False
    settings: str = ""


class LabFolder:
    """A folder that is a lab, or could become one."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.settings_file = self.path / _SETTINGS
        self.storage = self.path / "var"

    def state(self) -> LabState | None:
        """Return the noted state; None if the folder is not a lab."""
        try:
            noted = json.loads((self.path / _STATE).read_text(encoding="utf-8"))
            return LabState(**{**noted, "ports": tuple(noted["ports"])})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError) as error:
            raise LabUnusable(f"{self.path / _STATE} cannot be read: {error}") from error

    def note(self, state: LabState) -> None:
        """Write the state of the lab, completely or not at all."""
        new = self.path / f"{_STATE}.new"
        new.write_text(json.dumps(asdict(state), indent=2) + "\n", encoding="utf-8")
        new.replace(self.path / _STATE)

    def remove_if_bare(self) -> bool:
        """Remove the folder if it holds only files from before the first note; tell whether."""
        try:
            is_bare = {file.name for file in self.path.iterdir()} <= {_LOCK, f"{_STATE}.new"}
        except FileNotFoundError:
            return False
        if is_bare:
            self.remove()
        return is_bare

    def occupy(self) -> None:
        """Make the folder; raises LabUnusable if it holds foreign files and is not a lab."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            strangers = [file.name for file in self.path.iterdir() if file.name not in _OURS]
        except OSError as error:
            raise LabUnusable(f"{self.path} cannot become a lab: {error.strerror}") from error
        if strangers and self.state() is None:
            raise LabUnusable(
                f"{self.path} is not a lab and holds {strangers[0]}: name an empty or new folder "
                "with --path"
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other lab commands away from this lab until the block ends."""
        descriptor = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise LabUnusable(f"another connector lab command is using {self.path}") from error
        finally:
            os.close(descriptor)

    def write_settings(self, text: str) -> str:
        """Write the settings file unless it exists; return the hash of the text."""
        if not self.settings_file.exists():
            self.settings_file.touch(mode=0o600)
            self.settings_file.write_text(text, encoding="utf-8")
        return _hash(text)

    def wanted(self, state: LabState) -> list[str]:
        """Name what its user may want to keep: foreign files, changed settings, snapshots."""
        found = [
            f"the file {file.name}" if file.is_file() else f"the folder {file.name}"
            for file in sorted(self.path.iterdir())
            if file.name not in _OURS and not file.name.startswith((_LOG, f"{_STATE}."))
        ]
        if self.settings_file.exists() and state.settings not in {
            "",
            _hash(self.settings_file.read_text(encoding="utf-8", errors="replace")),
        }:
            found.append("your changes of connector.toml")
        if any((self.storage / "snapshots").glob("*")):
            found.append("snapshots in var/snapshots")
        return found

    def remove(self) -> None:
        if self.storage.is_mount():  # the small disk of an exercise
            subprocess.run(["umount", str(self.storage)], check=False)
        shutil.rmtree(self.path)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
