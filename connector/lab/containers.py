"""The lab's directory in a container, with a mail catcher beside it (see compose/)."""

from __future__ import annotations

import hashlib
import tempfile
import time
from typing import TYPE_CHECKING

from connector.errors import LabUnusable
from connector.lab.server import DirectoryAccess

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from connector.lab.engine import DockerEngine, Executed

CREDENTIALS = "/etc/connector/credentials"
_DATA = "/var/lib/directory"
_OWNER = 10002  # the user of compose/directory/Dockerfile
_READER = "cn=connector,cn=services"
_LDAP, _LDAPS, _SMTP = "1389/tcp", "1636/tcp", "1025/tcp"
_SECONDS_TO_START = 60.0
_SECONDS_BETWEEN_LOOKS = 0.1
_OFFLINE = ("slapadd", "-q", "-w", "-f", "/etc/ldap/slapd.conf", "-b", "dc=contoso,dc=com", "-l")
_TEXT = f"{_DATA}/lab.ldif"


class DirectoryContainer:
    """A directory and a mail catcher in containers that belong to the folder ``path``.

    ``ports`` are those of LDAP, LDAP over TLS and mail, published on 127.0.0.1. Without them both
    containers can be reached only within the network ``name``, as ``directory`` and ``mail``.
    """

    def __init__(
        self, engine: DockerEngine, path: Path, ports: tuple[int, int, int] | None
    ) -> None:
        self.owner = str(path)
        self.name = f"connector-lab-{hashlib.sha256(self.owner.encode()).hexdigest()[:8]}"
        self.volumes = {
            f"{self.name}-data": {"bind": _DATA, "mode": "rw"},
            f"{self.name}-credentials": {"bind": CREDENTIALS, "mode": "rw"},
        }
        self.mail = f"{self.name}-mail"
        self._directory, self._loader = f"{self.name}-directory", f"{self.name}-loader"
        self._engine = engine
        self._ports = ports
        self._files = path / "directory"

    def is_running(self) -> bool:
        return self._engine.status(self._directory) == "running"

    def create(self) -> None:
        """Make everything anew, with empty organizational units, and start it."""
        self.remove()
        self.start()

    def start(self) -> None:
        """Make the missing parts, start them, and return when the directory answers."""
        # A killed command may have left it running.
        self._engine.delete(self._loader)
        self._engine.network(self.name, self.owner, internal=self._ports is None)
        for volume in self.volumes:
            self._engine.volume(volume, self.owner)
        ldap, ldaps, smtp = self._ports or (None, None, None)
        load = {"DIRECTORY_LOAD": "base"}
        self._run("mail", self.mail, {_SMTP: smtp})
        self._run(
            "directory",
            self._directory,
            {_LDAP: ldap, _LDAPS: ldaps},
            volumes=self.volumes,
            environment=load,
        )
        self._await()
        if self._ports:
            self._fetch_credentials()

    def stop(self) -> None:
        self._engine.stop(self._directory)

    def load(self, ldif: Iterable[str]) -> None:
        if self.is_running():
            self._apply(ldif)
            return
        # Another container, because the server's own would start the server.
        self._engine.delete(self._loader)
        self._engine.create(
            self._loader,
            self._engine.image("directory"),
            self.owner,
            command=[*_OFFLINE, _TEXT],
            volumes=self.volumes,
            network_mode="none",
        )
        try:
            self._upload(self._loader, ldif)
            self._engine.start(self._loader)
            if code := self._engine.wait(self._loader):
                said = self._engine.logs(self._loader).strip()
                raise LabUnusable(f"slapadd failed ({code}): {said}")
        finally:
            self._engine.delete(self._loader)

    def apply(self, ldif: str) -> None:
        self._apply([ldif])

    def search(self, filter_: str, *attributes: str) -> str:
        command = ["ldapsearch", "-LLLQ", "-o", "ldif-wrap=no", filter_, *attributes]
        return self._execute(command).out.decode("utf-8", "surrogateescape")

    def access(self) -> DirectoryAccess:
        """Return how a connector on this machine reaches it: as a reader, with StartTLS."""
        ldap, _, _ = self._ports or (0, 0, 0)
        return DirectoryAccess(
            f"ldap://127.0.0.1:{ldap}",
            _READER,
            self._files / "ldap-password",
            self._files / "ca.pem",
        )

    def description(self) -> str:
        state = "" if self.is_running() else ", stopped,"
        return f"the container {self._directory}{state} on {self.access().url}"

    def change_command(self) -> str:
        """Return a command line that applies a file of changes."""
        return f"docker exec -i {self._directory} ldapmodify -Q <CHANGES.ldif"

    def mail_command(self) -> str:
        """Return a command line that shows the caught mails."""
        return f"docker logs {self.mail}"

    def remove(self) -> list[str]:
        """Remove containers, network and volumes; return what was removed."""
        return self._engine.remove(self.owner)

    def _run(
        self, image: str, name: str, ports: Mapping[str, int | None], **options: object
    ) -> None:
        """Start a container of an image of compose/; make it if it is missing."""
        if self._engine.status(name) is None:
            self._engine.create(
                name,
                self._engine.image(image),
                self.owner,
                ports={inner: ("127.0.0.1", outer) for inner, outer in ports.items() if outer},
                network=self.name,
                **options,
            )
        if self._engine.status(name) != "running":
            self._engine.start(name)

    def _await(self) -> None:
        """Wait until the directory answers; raises LabUnusable with its output."""
        deadline = time.monotonic() + _SECONDS_TO_START
        question = ["ldapsearch", "-LLLQ", "-s", "base", "-b", "", "1.1"]
        while time.monotonic() < deadline and self.is_running():
            if self._engine.execute(self._directory, question).code == 0:
                return
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        said = self._engine.logs(self._directory).strip()
        raise LabUnusable(f"the directory did not start in its container; it said: {said}")

    def _fetch_credentials(self) -> None:
        """Copy a connector's credentials out of the container, readable by their owner alone."""
        self._files.mkdir(mode=0o700, exist_ok=True)
        for name in ("ldap-password", "ca.pem"):
            content = self._execute(["cat", f"{CREDENTIALS}/{name}"]).out
            file = self._files / name
            file.touch(mode=0o600)
            file.write_bytes(content)

    def _apply(self, ldif: Iterable[str]) -> None:
        self._upload(self._directory, ldif)
        self._execute(["ldapmodify", "-Q", "-a", "-f", _TEXT])

    def _upload(self, name: str, ldif: Iterable[str]) -> None:
        with tempfile.TemporaryFile() as file:
            file.writelines(text.encode() for text in ldif)
            self._engine.upload(name, _TEXT, file, _OWNER)

    def _execute(self, command: Sequence[str]) -> Executed:
        done = self._engine.execute(self._directory, command)
        if done.code:
            said = done.err.decode("utf-8", "replace").strip()
            raise LabUnusable(f"{command[0]} failed ({done.code}): {said}")
        return done
