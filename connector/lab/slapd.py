"""Run a private slapd: its own folder, its own port on the loopback, gone with its owner.

It never touches the system's slapd, needs no root, and is driven by slapd's own tools alone.
"""

from __future__ import annotations

import atexit
import os
import secrets
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from connector import resources
from connector.errors import LabUnusable
from connector.lab import installed
from connector.lab.configuration import Configuration, TlsFiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

__all__ = ["PrivateSlapd", "TlsFiles"]

SUFFIX = "dc=contoso,dc=com"
_START_SECONDS = 20.0
_STOP_SECONDS = 10.0
_PORT_ATTEMPTS = 5


class PrivateSlapd:
    """A slapd of one's own in the folder ``path``, stopped until ``start``.

    Use it as a context manager: leaving stops the server and keeps the folder. The server also ends
    when the thread that started it ends, even by SIGKILL, where ``installed.tied`` can do that.
    ``schemas`` are further schema files, by default the lab's own; for the other arguments see
    Configuration. Raises LabUnusable when slapd is not installed.
    """

    def __init__(  # noqa: PLR0913 - each one is a choice that a test makes alone
        self,
        path: Path,
        *,
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
        self._process: subprocess.Popen[bytes] | None = None
        self._port = self._tls_port = 0
        self._write_configuration()

    @property
    def suffix(self) -> str:
        return self.configuration.suffix

    @property
    def admin(self) -> str:
        """The DN that may do everything; its password is in ``password_file``."""
        return self.configuration.admin

    @property
    def url(self) -> str:
        """Where it listens (with StartTLS if it has TLS files); the port outlives a restart."""
        return f"ldap://127.0.0.1:{self._port}"

    @property
    def ldaps_url(self) -> str:
        return f"ldaps://127.0.0.1:{self._tls_port}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

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
        """Start it and return when it answers; LabUnusable carries what slapd said."""
        if self.running:
            return self
        keep_port = bool(self._port)
        for _ in range(1 if keep_port else _PORT_ATTEMPTS):
            if not keep_port:
                self._port, self._tls_port = _free_ports()
            if self._start_once():
                return self
        raise LabUnusable(
            f"slapd did not start on {self.url}: {self._complaint()}. "
            f"Its configuration is {self.path / 'slapd.conf'}."
        )

    def stop(self) -> None:
        """Stop it in good order, and by force where that takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reap()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    def restart(self) -> Self:
        self.stop()
        return self.start()

    def load(self, ldif: Path | Iterable[str]) -> None:
        """Add the entries of an LDIF file, or of its text in pieces.

        A stopped server gets them through slapadd, at tens of thousands of entries a second and
        without a check of references; a running one through ldapadd.
        """
        if not isinstance(ldif, Path):
            file = self.path / "load.ldif"
            with file.open("w", encoding="utf-8") as out:
                out.writelines(ldif)
            try:
                self.load(file)
            finally:
                file.unlink()
            return
        if self.running:
            self._run([installed.program("ldapadd"), *self._identity(), "-f", str(ldif)])
        else:
            offline = ["-q", "-w", "-f", str(self.path / "slapd.conf"), "-b", self.suffix]
            self._run([self._program, "-T", "add", *offline, "-l", str(ldif)])

    def apply(self, ldif: str) -> None:
        """Apply change records (``changetype:``; none means add) to the running server."""
        self._run([installed.program("ldapmodify"), "-a", *self._identity()], ldif)

    def search(
        self, filter_: str, *attributes: str, base: str | None = None, scope: str = "sub"
    ) -> str:
        """Return the matching entries as LDIF without line folding.

        A filter on an attribute of msuser matches nothing: those have no EQUALITY rule.
        """
        where = ["-LLL", "-o", "ldif-wrap=no", "-b", base or self.suffix, "-s", scope]
        return self._run(
            [installed.program("ldapsearch"), *self._identity(), *where, filter_, *attributes]
        )

    def wipe(self) -> None:
        """Stop it and forget every entry."""
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
        with (self.path / "slapd.log").open("wb") as log:
            self._process = subprocess.Popen(
                installed.tied(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        atexit.register(self.stop)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._answers(self._process.pid):
                return True
            time.sleep(0.02)
        self.kill()
        return False

    def _answers(self, pid: int) -> bool:
        """Tell whether our own slapd, and not another program on its port, accepts connections."""
        try:
            owner = (self.path / "slapd.pid").read_text().strip()
            socket.create_connection(("127.0.0.1", self._port), 1).close()
        except OSError:
            return False
        return owner == str(pid)

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait()
            self._process = None
        atexit.unregister(self.stop)

    def _complaint(self) -> str:
        log = self.path / "slapd.log"
        text = log.read_text("utf-8", "replace") if log.exists() else ""
        if text.strip():
            return text.strip()
        return self._test_configuration() or "it gave no reason"

    def _test_configuration(self) -> str:
        """Ask slapd what it dislikes: a server that fails early may say nothing."""
        command = [self._program, "-T", "test", "-u", "-f", str(self.path / "slapd.conf")]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()

    def _identity(self) -> list[str]:
        return ["-x", "-H", self.url, "-D", self.admin, "-y", str(self.password_file)]

    def _run(self, command: list[str], text: str | None = None) -> str:
        done = subprocess.run(
            command,
            input=(text or "").encode(),
            capture_output=True,
            check=False,
            # Settings of the machine or the user must not change what the tools do.
            env={**os.environ, "LDAPNOINIT": "1", "LC_ALL": "C.UTF-8"},
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise LabUnusable(f"{Path(command[0]).name} failed ({done.returncode}): {said}")
        return done.stdout.decode("utf-8", "surrogateescape")


def _secret(file: Path) -> str:
    """Read the administrator's password, made at random the first time; no newline in the file."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]
