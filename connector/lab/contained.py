"""Play in containers: directory, mail catcher and connector, on an isolated network."""

from __future__ import annotations

import io
import os
import re
import tempfile
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.errors import LabUnusable
from connector.lab.browser import seen_from
from connector.lab.containers import CREDENTIALS, DirectoryContainer
from connector.lab.local import LocalPlace
from connector.lab.settings_file import RANDOM_SEED, variables
from connector.lab.slapd import three_ports
from connector.lab.stage import WIDTH, Done, ReceivedMail
from connector.logs.text import parse
from connector.ports import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connector.lab.browser import Seen
    from connector.lab.engine import DockerEngine
    from connector.lab.stage import Place
    from connector.ports import Progress

_STATE = "/var/lib/connector"
_LOG = f"{_STATE}/connector.log"
_USER = 10001  # compose/connector/Dockerfile
# A copy of compose/connector/connector.toml stands where rules can be put beside it; the rest overrides it.
_SETTINGS = f"{_STATE}/connector.toml"
_ENVIRON = {
    "CONNECTOR_CONFIG": _SETTINGS,
    "CONNECTOR__LOG__FILE": _LOG,
    "CONNECTOR__LOG__FORMAT": "json",
    "CONNECTOR__TENANT__RANDOM_SEED": str(RANDOM_SEED),
}
_BROWSER = ("/opt/connector/bin/python", "-m", "connector.lab.browser")
_NO_IMAGE = ", because only a checkout can build its image"
# compose/mail/catcher.py prints each mail between two such lines.
_RULE = "-" * 72


class ContainerPlace:
    """A directory and a connector in a container each; commands run in the second one."""

    def __init__(self, engine: DockerEngine, directory: DirectoryContainer) -> None:
        self.directory = directory
        self._engine = engine
        self._connector = f"{directory.name}-connector"
        state = f"{directory.name}-state"
        engine.volume(state, directory.owner)
        engine.create(
            self._connector,
            engine.image("connector"),
            directory.owner,
            command=["sleep", "infinity"],
            network=directory.name,
            volumes={
                state: {"bind": _STATE, "mode": "rw"},
                f"{directory.name}-credentials": {"bind": CREDENTIALS, "mode": "ro"},
            },
        )
        engine.start(self._connector)
        engine.execute(self._connector, ["cp", "/etc/connector/connector.toml", _SETTINGS])

    def description(self) -> str:
        return "containers for the directory, the mail catcher and the connector"

    def connector(self, arguments: Sequence[str], settings: Mapping[str, str]) -> Done:
        environ = {**_ENVIRON, WIDTH: os.environ.get(WIDTH, ""), **variables(settings)}
        done = self._engine.execute(self._connector, ["connector", *arguments], environ)
        return Done(done.code, _text(done.out), _text(done.err))

    def write(self, name: str, content: bytes) -> None:
        path = f"{_STATE}/{name}"
        self._engine.execute(self._connector, ["mkdir", "-p", path.rpartition("/")[0]])
        self._engine.upload(self._connector, path, io.BytesIO(content), _USER)

    def remove(self, name: str) -> None:
        self._engine.execute(self._connector, ["rm", f"{_STATE}/{name}"])

    def start_daemon(self, settings: Mapping[str, str]) -> None:
        environ = {**_ENVIRON, **variables(settings)}
        self._engine.execute_detached(self._connector, ["connector", "run"], environ)

    def serve(self, settings: Mapping[str, str]) -> None:
        self.connector(["run"], settings)

    def events(self) -> list[dict[str, Any]]:
        log = self._engine.execute(self._connector, ["cat", _LOG])
        return list(filter(None, map(parse, _text(log.out).splitlines())))

    def mails(self) -> list[ReceivedMail]:
        return list(_mails(self._engine.logs(self.directory.mail)))

    def visit(self, path: str, settings: Mapping[str, str]) -> Seen:
        environ = {**_ENVIRON, **variables(settings)}
        done = self._engine.execute(self._connector, [*_BROWSER, path], environ)
        if done.code:
            raise LabUnusable(_text(done.err).strip())
        return seen_from(_text(done.out))

    def pages(self, settings: Mapping[str, str]) -> list[str]:  # noqa: ARG002 - as Place has it
        return []  # its network is isolated: no browser of this machine gets there

    def directions(self) -> list[str]:
        connector = f"docker exec {self._connector} connector"
        return [
            *(f"{connector} {look}" for look in ("status", "errors", "objects")),
            self.directory.change_command(),
        ]


@contextmanager
def container_place(progress: Progress = SILENT) -> Iterator[Place]:
    """Make a place in containers of its own; raises LabUnusable if no engine can run them.

    Only a checkout can build the connector's image. Without a checkout, the connector runs on this
    machine's Python.
    """
    from connector.lab.engine import DockerEngine, is_checkout  # noqa: PLC0415 - docker is slow to import

    with tempfile.TemporaryDirectory(prefix="connector-story.") as folder, ExitStack() as stack:
        path = Path(folder)
        engine = stack.enter_context(closing(DockerEngine(progress)))
        whole = is_checkout()
        directory = DirectoryContainer(engine, path, None if whole else three_ports())
        stack.callback(directory.remove)
        directory.create()
        if whole:
            yield ContainerPlace(engine, directory)
        else:
            yield stack.enter_context(closing(LocalPlace(path, directory, why=_NO_IMAGE)))


def _mails(log: str) -> Iterator[ReceivedMail]:
    """Parse the catcher's output: for each mail headers, an empty line and the text."""
    for printed in re.findall(rf"^{_RULE}\n(.*?)^{_RULE}$", log, re.MULTILINE | re.DOTALL):
        head, _, body = printed.partition("\n\n")
        subject = re.search(r"^Subject: (.*)$", head, re.MULTILINE)
        yield ReceivedMail(subject[1] if subject else "", body)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
