"""Play on this machine: the connector runs on this Python, beside a private slapd."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.lab import browser, installed, reach
from connector.lab.settings_file import settings_text, variables
from connector.lab.slapd import PrivateSlapd, three_ports
from connector.lab.stage import WIDTH, Done, ReceivedMail
from connector.logs.text import parse
from connector.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connector.lab.browser import Seen
    from connector.lab.server import LabServer
    from connector.settings.web import WebSettings


class LocalPlace:
    """A place for a connector beside a directory that is already running.

    The settings file of the folder is made unless it is there.
    """

    def __init__(self, folder: Path, directory: LabServer, *, why: str = "") -> None:
        self.directory = directory
        self._why = why
        self._folder = folder
        self._settings_file = folder / "connector.toml"
        self._daemons: list[subprocess.Popen[bytes]] = []
        if not self._settings_file.exists():
            web_port, *_ = three_ports()
            text = settings_text(directory.access(), delta="10s", web_port=web_port)
            self._settings_file.write_text(text, encoding="utf-8")
        self._password = browser.write_password(folder)

    def description(self) -> str:
        return f"{self.directory.description()}, and the connector of this machine{self._why}"

    def connector(self, arguments: Sequence[str], settings: Mapping[str, str]) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "connector", *arguments],
            cwd=self._folder,
            env=self._environment(settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            process_group=0,
            check=False,
        )
        return Done(done.returncode, _text(done.stdout), _text(done.stderr))

    def write(self, name: str, content: bytes) -> None:
        file = self._folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def remove(self, name: str) -> None:
        (self._folder / name).unlink()

    def start_daemon(self, settings: Mapping[str, str]) -> None:
        command = installed.tied([sys.executable, "-m", "connector", "run"])
        with (self._folder / "daemon.log").open("ab") as log:
            self._daemons.append(
                subprocess.Popen(
                    command,
                    env=self._environment(settings),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            )

    def serve(self, settings: Mapping[str, str]) -> None:
        self.start_daemon(settings)
        self._daemons[-1].wait()

    def close(self) -> None:
        """End the daemons that are still running."""
        for daemon in self._daemons:
            daemon.terminate()
            daemon.wait()

    def events(self) -> list[dict[str, Any]]:
        log = self._folder / "connector.log"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return list(filter(None, map(parse, lines)))

    def mails(self) -> list[ReceivedMail]:
        files = (self._folder / "var" / "mail").glob("*.eml")
        return [_mail(file) for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]

    def visit(self, path: str, settings: Mapping[str, str]) -> Seen:
        return browser.look(self._web(settings), path)

    def pages(self, settings: Mapping[str, str]) -> list[str]:
        return [browser.address(self._web(settings)), f"cat {shlex.quote(str(self._password))}"]

    def _web(self, settings: Mapping[str, str]) -> WebSettings:
        return load(self._settings_file, self._environment(settings)).web

    def directions(self) -> list[str]:
        return [
            *reach.lines(elsewhere=True),
            f"export CONNECTOR_CONFIG={shlex.quote(str(self._settings_file))}",
            *(f"connector {look}" for look in ("status", "errors", "objects", "log -f")),
            self.directory.change_command(),
        ]

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a command, without the user's own connector variables.

        That of the screen's width stays: the output of the command is shown there.
        """
        kept = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith("CONNECTOR_") or name == WIDTH
        }
        return {**kept, **variables(settings), "CONNECTOR_CONFIG": str(self._settings_file)}


@contextmanager
def local_place() -> Iterator[LocalPlace]:
    """Make a place in a temporary folder; raises LabUnusable if slapd is not installed."""
    with (
        tempfile.TemporaryDirectory(prefix="connector-story.") as folder,
        PrivateSlapd(Path(folder) / "slapd") as slapd,
    ):
        slapd.create()
        with closing(LocalPlace(Path(folder), slapd)) as place:
            yield place


def _mail(file: Path) -> ReceivedMail:
    message = BytesParser(policy=default).parsebytes(file.read_bytes())
    return ReceivedMail(str(message["Subject"]), message.get_content())


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
