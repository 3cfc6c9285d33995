"""The places where the commands of the documents run: a lab, or a checkout."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from connector.lab.slapd import PrivateSlapd
from tests import documents
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

INSTEAD = {
    "./compose/demo": "python -P -m connector lab story contoso --engine slapd",
}
"""What a script would start after it has installed what this environment has already."""

# Those that run until they are told to stop. The daemon stays for the commands that follow.
_DAEMON = re.compile(r"connector run\b")
_ENDLESS = re.compile(r"connector log\b.* (?:-f|--follow)\b")
# Their exit code 1 says that there is something to see.
_TELLING = re.compile(r"connector (?:sync|lint|whatif|verify)\b")
_LAB = ("base", "contoso")
_SETTINGS = """\
[directory]
url = "{url}"
base_dn = "dc=contoso,dc=com"
bind_dn = "cn=admin,dc=contoso,dc=com"
password_file = "{etc}/directory-password"
exclude = ["ou=Service Accounts,dc=contoso,dc=com"]

[tenant]
initial_domain = "contoso.onmicrosoft.com"
verified_domains = ["contoso.com", "fabrikam.com"]

[storage]
path = "{var}"

[log]
file = "{log}/connector.log"

[web]
listen = "{listen}"
"""


class Done(NamedTuple):
    """How a command ended, and what it printed to either stream."""

    code: int
    printed: str


class Checkout:
    """A copy of the checkout, with the environment that runs these tests; it keeps folder and variables.

    ``names`` maps words of the documents to those of this place. Commands are translated one way, their
    output the other way.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: dict[str, str] = {}
        self._cwd = path / "checkout"
        home = path / "home"
        home.mkdir(parents=True)
        rules = (documents.ROOT / ".gitignore").read_text(encoding="utf-8").split()
        left_out = shutil.ignore_patterns(".git", *(rule.strip("/") for rule in rules))
        shutil.copytree(documents.ROOT, self._cwd, ignore=left_out)
        (self._cwd / ".venv").symlink_to(sys.prefix)
        tools = Path(sys.executable).parent
        self._environ = {
            **{name: value for name, value in os.environ.items() if "CONNECTOR" not in name},
            "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(home),
            "TMPDIR": str(home),
            "PYTHONPATH": str(self._cwd),
            "COLUMNS": "200",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave it; nothing is running in it."""

    def run(self, text: str, *, seconds: float = 600.0) -> Done:
        """Run a command line of a document as in a shell that stays open between commands."""
        kept = self.path / "kept"
        # What it printed goes to a file: a pipe would stay open in what it leaves running.
        script = f'{self._translated(text)}\nended=$?\n{{ pwd; env -0; }} >"{kept}"\nexit $ended\n'
        with (self.path / "printed").open("w+", encoding="utf-8", errors="replace") as printed:
            code = subprocess.run(
                ["bash", "-o", "pipefail", "-c", script],
                cwd=self._cwd,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                check=False,
            ).returncode
            printed.seek(0)
            told = printed.read()
        if kept.exists():
            folder, _, variables = kept.read_text(encoding="utf-8").partition("\n")
            self._cwd = Path(folder)
            pairs = (line.partition("=") for line in variables.split("\0") if line)
            self._environ = {name: value for name, _, value in pairs}
            kept.unlink()
        return Done(code, self._told(told))

    def _translated(self, text: str) -> str:
        for script, command in INSTEAD.items():
            text = re.sub(rf"(?<![^\s;&|]){re.escape(script)}(?![^\s;&|])", command, text)
        return documents.substituted(text, self.names)

    def _told(self, text: str) -> str:
        return documents.substituted(text, {here: name for name, here in self.names.items()})


class Lab(Checkout):
    """A checkout beside a private slapd that holds contoso, synced once; LDAP tools know the server."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        folders = {name: path / name for name in ("etc", "var", "log", "backups")}
        for name in ("etc", "log", "backups"):
            folders[name].mkdir()
        self._slapd = PrivateSlapd(path / "slapd")
        for story in _LAB:
            self._slapd.load(self._cwd / "compose" / "lab" / f"{story}.ldif")
        self._slapd.start()
        shutil.copy(self._slapd.password_file, folders["etc"] / "directory-password")
        listen = f"127.0.0.1:{free_port()}"
        settings = folders["etc"] / "connector.toml"
        settings.write_text(_SETTINGS.format(url=self._slapd.url, listen=listen, **folders))
        settings.chmod(0o600)
        self.log = folders["log"] / "connector.log"
        self.names = {
            "/etc/connector": str(folders["etc"]),
            "/var/lib/connector": str(folders["var"]),
            "/var/log/connector": str(folders["log"]),
            "/var/backups/connector": str(folders["backups"]),
            "127.0.0.1:8080": listen,
            "ldap://ldap.contoso.com": self._slapd.url,
        }
        self._environ |= {
            "CONNECTOR_CONFIG": str(settings),
            "LDAPURI": self._slapd.url,
            "LDAPBINDDN": self._slapd.admin,
        }
        self._daemon: subprocess.Popen[bytes] | None = None
        first = self.run("connector sync --policy initial")
        if first.code:
            raise AssertionError(first.printed)

    def close(self) -> None:
        self._end_daemon()
        self._slapd.stop()

    def run(self, text: str, *, seconds: float = 600.0) -> Done:
        if _DAEMON.match(text):
            return self._start_daemon()
        if _ENDLESS.match(text):
            return self._follow(text)
        return super().run(text, seconds=seconds)

    def _start_daemon(self) -> Done:
        """Start the daemon and wait until it has run a cycle."""
        self._end_daemon()
        self._daemon = self._start("connector run")
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self._daemon.poll() is None:
            state = super().run("connector daemon status").printed
            if re.search(r"^Daemon +(?:idle|paused)$", state, re.MULTILINE):
                return Done(0, "")
            time.sleep(0.1)
        raise AssertionError(f"the daemon did not start: {self.log.read_text(encoding='utf-8')}")

    def _end_daemon(self) -> None:
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait(60)
            self._daemon = None

    def _follow(self, text: str) -> Done:
        """Let a command run for a second, and end it as Ctrl-C does."""
        looking = self._start(text)
        time.sleep(1)
        if looking.poll() is None:
            looking.send_signal(signal.SIGINT)
        return Done(0 if looking.wait(90) in {0, 130, -signal.SIGINT} else 1, "")

    def _start(self, text: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["bash", "-c", f"exec {self._translated(text)}"],
            cwd=self._cwd,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def broken(
    document: str,
    commands: Iterable[documents.Command],
    run: Callable[[str], Done],
) -> list[str]:
    """Run the commands of a document in their order; return each promise that it does not keep.

    Values that a command prints replace those that the document shows, in all later commands.
    """
    found: list[str] = []
    values: dict[str, str] = {}
    for command in commands:
        done = run(documents.substituted(command.text, values))
        said = wrong(command, done)
        if command.shown:
            differing, bound = documents.compare(command.shown, done.printed)
            said += differing
            values |= bound
        if said:
            found += [f"{document}:{command.line}: $ {command.text}", *said]
    return found


def wrong(command: documents.Command, done: Done) -> list[str]:
    """Say how a command broke the promise of the document; empty if it kept it."""
    if command.exit_code is not None:
        allowed = {command.exit_code}
    else:
        allowed = {0, 1} if _TELLING.search(command.text) else {0}
    if done.code in allowed:
        return []
    return [f"exit code {done.code}: {done.printed.strip()[-2000:]}"]
