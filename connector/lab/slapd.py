"""Run a private slapd with its own folder and its own port on the loopback.

It needs no root, uses slapd's own tools only, and never touches the system's slapd.
"""

from __future__ import annotations

import os
import secrets
import shlex
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from connector import resources
from connector.errors import LabUnusable
from connector.lab import contoso, installed
from connector.lab.configuration import Configuration, TlsFiles
from connector.lab.processes import Detached, Tied
from connector.lab.server import DirectoryAccess

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from connector.lab.processes import Process

__all__ = ["PrivateSlapd", "TlsFiles"]

SUFFIX = "dc=contoso,dc=com"
_START_SECONDS = 20.0
_PORT_ATTEMPTS = 5


class PrivateSlapd:
    """A private slapd in the folder ``path``, stopped until ``start``.

    Use it as a context manager: leaving it stops the server and keeps the folder. The server also ends
    with the thread that started it, even one that was killed, if ``installed.tied`` can do that. With
    ``detached`` it goes on running, and another PrivateSlapd with the same folder and ports finds it.
    ``ports`` are those of LDAP and of LDAP over TLS, by default two free ones. ``schemas`` are further
    schema files, by default the lab's own. Configuration describes the other arguments. Raises
    LabUnusable if slapd is not installed.
    """

    def __init__(  # noqa: PLR0913 - each is a separate choice of a test
        self,
        path: Path,
        *,
        detached: bool = False,
        ports: tuple[int, int] | None = None,
        schemas: Sequence[Path] | None = None,
        suffix: str = SUFFIX,
        session_log: int | None = 1000,
        accesslog: bool = False,
        content_sync: bool = True,
        tls: TlsFiles | None = None,
        directives: Sequence[str] = (),
    ) -> None:
        own = [resources.schema("directory", "onprem.schema")] if schemas is None else schemas
        self.path = path.absolute()
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.password_file = self.path / "admin.password"
        self.configuration = Configuration(
            path=self.path,
            suffix=suffix,
            schemas=[*installed.schemas(), *own],
            module_path=installed.module_folder(),
            password=_secret(self.password_file),
            session_log=session_log,
            accesslog=accesslog,
            content_sync=content_sync,
            tls=tls,
            directives=directives,
        )
        self._program = installed.unconfined(installed.program("slapd"), self.path)
        file = self.path / "slapd.conf"
        self._process: Process = (
            Detached(self.path / "slapd.pid", str(file)) if detached else Tied()
        )
        self.ports = ports or (0, 0)
        self._write_configuration()

    @property
    def suffix(self) -> str:
        return self.configuration.suffix

    @property
    def admin(self) -> str:
        """The DN of the administrator; its password is in ``password_file``."""
        return self.configuration.admin

    @property
    def url(self) -> str:
        """Where it listens (with StartTLS if it has TLS files); a restart keeps the port."""
        return f"ldap://127.0.0.1:{self.ports[0]}"

    @property
    def ldaps_url(self) -> str:
        return f"ldaps://127.0.0.1:{self.ports[1]}"

    def is_running(self) -> bool:
        return self.find_pid() is not None

    def find_pid(self) -> int | None:
        return self._process.find_pid()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Start it; return when it answers. Raises LabUnusable with slapd's output."""
        if self.is_running():
            return self
        keep_ports = any(self.ports)
        for _ in range(1 if keep_ports else _PORT_ATTEMPTS):
            if not keep_ports:
                self.ports = three_ports()[:2]
            if self._start_once():
                return self
        raise LabUnusable(
            f"slapd did not start on {self.url}: {self._complaint()}. "
            f"Its configuration is {self.path / 'slapd.conf'}."
        )

    def stop(self) -> None:
        """Stop it in good order; kill it if that takes too long."""
        self._process.stop()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._process.kill()

    def restart(self) -> Self:
        self.stop()
        return self.start()

    def load(self, ldif: Path | Iterable[str]) -> None:
        """Add the entries of an LDIF file, or of its text in pieces.

        A stopped server gets them through slapadd, tens of thousands of entries a second and without
        a check of references, a running one through ldapadd.
        """
        if self.is_running():
            command = [installed.program("ldapadd"), *self._identity()]
        else:
            offline = ["-q", "-w", "-f", str(self.path / "slapd.conf"), "-b", self.suffix]
            command = [self._program, "-T", "add", *offline]
        if isinstance(ldif, Path):
            with ldif.open(encoding="utf-8") as lines:
                self._run(command, lines)
        else:
            self._run(command, ldif)

    def apply(self, ldif: str) -> None:
        """Apply change records (without ``changetype:``, add) to the running server."""
        self._run([installed.program("ldapmodify"), "-a", *self._identity()], [ldif])

    def search(
        self, filter_: str, *attributes: str, base: str | None = None, scope: str = "sub"
    ) -> str:
        """Return the matching entries as LDIF without line folding.

        A filter on an attribute of msuser matches nothing: these attributes have no EQUALITY rule.
        """
        where = ["-LLL", "-o", "ldif-wrap=no", "-b", base or self.suffix, "-s", scope]
        return self._run(
            [installed.program("ldapsearch"), *self._identity(), *where, filter_, *attributes]
        )

    def access(self) -> DirectoryAccess:
        """Return how a connector reaches it: as administrator, with StartTLS if it has TLS files."""
        tls = self.configuration.tls
        return DirectoryAccess(self.url, self.admin, self.password_file, tls.ca if tls else None)

    def description(self) -> str:
        pid = self.find_pid()
        state = f"process {pid}" if pid else "stopped"
        return f"a private slapd ({state}) on {self.url}"

    def change_command(self) -> str:
        """Return a command line that applies a file of changes."""
        return f"ldapmodify {shlex.join(self._identity())} -f CHANGES.ldif"

    def mail_command(self) -> None:
        """Return None: it has no mail catcher."""

    def remove(self) -> list[str]:
        """Stop it; return what ran."""
        was = self.find_pid()
        self.stop()
        return [f"slapd (process {was})"] if was else []

    def create(self) -> None:
        """Start it anew with the empty organizational units of the lab."""
        self.wipe()
        self.load(contoso.base())
        self.start()

    def wipe(self) -> None:
        """Stop it and remove all entries."""
        self.stop()
        for folder in self.configuration.databases:
            for file in folder.iterdir():
                file.unlink()

    def _write_configuration(self) -> None:
        for folder in self.configuration.databases:
            folder.mkdir(exist_ok=True)
        file = self.path / "slapd.conf"
        file.touch(mode=0o600)
        file.write_text(self.configuration.text(), encoding="utf-8")

    def _start_once(self) -> bool:
        (self.path / "slapd.pid").unlink(missing_ok=True)
        urls = self.url + (f" {self.ldaps_url}" if self.configuration.tls else "")
        command = [self._program, "-d", "0", "-f", str(self.path / "slapd.conf"), "-h", urls]
        self._process.start(command, self.path / "slapd.log")
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and (pid := self._process.find_pid()):
            if self._answers(pid):
                return True
            time.sleep(0.02)
        self.kill()
        return False

    def _answers(self, pid: int) -> bool:
        """Tell whether our own slapd, not another program on its port, accepts connections."""
        try:
            owner = (self.path / "slapd.pid").read_text().strip()
            socket.create_connection(("127.0.0.1", self.ports[0]), 1).close()
        except OSError:
            return False
        return owner == str(pid)

    def _complaint(self) -> str:
        log = self.path / "slapd.log"
        text = log.read_text("utf-8", "replace") if log.exists() else ""
        if text.strip():
            return text.strip()
        return self._test_configuration() or "it gave no reason"

    def _test_configuration(self) -> str:
        """Let slapd check its configuration; a server that fails early may say nothing."""
        command = [self._program, "-T", "test", "-u", "-f", str(self.path / "slapd.conf")]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()

    def _identity(self) -> list[str]:
        return ["-x", "-H", self.url, "-D", self.admin, "-y", str(self.password_file)]

    def _run(self, command: list[str], text: Iterable[str] = ()) -> str:
        """Run a tool with a text on its standard input; return its output."""
        # Settings of the machine or the user must not change what the tools do.
        environ = {**os.environ, "LDAPNOINIT": "1", "LC_ALL": "C.UTF-8"}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            # In a process group of its own: Ctrl-C reaches this process alone, which then ends the tool.
            with subprocess.Popen(
                command, env=environ, stdin=subprocess.PIPE, stdout=out, stderr=err, process_group=0
            ) as tool:
                _feed(tool, text)
            if tool.returncode:
                said = _read(err).decode("utf-8", "replace").strip()
                raise LabUnusable(f"{Path(command[0]).name} failed ({tool.returncode}): {said}")
            return _read(out).decode("utf-8", "surrogateescape")


def _feed(tool: subprocess.Popen[bytes], text: Iterable[str]) -> None:
    """Write a text to a tool, which may end before it has read all, and wait for its end."""
    assert tool.stdin is not None  # noqa: S101 - Popen was asked for it
    try:
        with suppress(BrokenPipeError):
            for piece in text:
                tool.stdin.write(piece.encode())
        with suppress(BrokenPipeError):
            tool.stdin.close()
        tool.wait()
    except BaseException:
        # First of all: to close what a tool does not read would wait for it.
        tool.kill()
        with suppress(BrokenPipeError):
            tool.stdin.close()
        raise


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _secret(file: Path) -> str:
    """Read the administrator's password, a random one on first use; no newline in the file."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text()


def three_ports() -> tuple[int, int, int]:
    """Return three ports of 127.0.0.1 that are free now."""
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        for each in (one, two, three):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1], three.getsockname()[1]
