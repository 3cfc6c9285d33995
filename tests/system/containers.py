"""A Docker engine for tests, and the lab of compose/docker-compose.yml on it."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import docker
import pytest

from connector.logs.text import parse
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
SERVICES = ("directory", "connector", "mail")
PATIENCE = 180.0
_DIRECTORY, _DIRECTORY_USER = "/var/lib/directory", 10002


class Done(NamedTuple):
    """How a command in a container ended, and what it printed to either stream."""

    code: int
    printed: str


@contextmanager
def engine() -> Iterator[docker.DockerClient]:
    """The Docker engine of this machine, with the base image; without one the test fails."""
    asked = subprocess.run(["docker", "version"], capture_output=True, text=True, check=False)
    if asked.returncode:
        pytest.fail(
            f"no Docker engine answers: {asked.stderr.strip()}\n./tests/run containers starts one"
        )
    subprocess.run([ROOT / "compose" / "base-image"], check=True)
    client = docker.from_env(timeout=120)
    try:
        yield client
    finally:
        client.close()


def compose_command() -> list[str]:
    """Return the words that call Compose on this machine."""
    plugin = ["docker", "compose"]
    if (
        shutil.which("docker")
        and not subprocess.run([*plugin, "version"], capture_output=True, check=False).returncode
    ):
        return plugin
    return ["docker-compose"]


def eventually(true: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait until something holds; the test fails if that takes too long."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.2)


class Lab:
    """The services of the compose file, under a name of their own; leaving removes all of it."""

    def __init__(self, client: docker.DockerClient) -> None:
        self.client = client
        self.project = f"connector-test-{os.getpid()}"
        self._environ = {
            **os.environ,
            "COMPOSE_PROJECT_NAME": self.project,
            "DIRECTORY_PORT": str(free_port()),
            "WEB_PORT": str(free_port()),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.compose("down", "--volumes", "--rmi", "local", "--timeout", "5")

    def compose(self, *arguments: str) -> str:
        """Run a command of Compose; show its output only if it fails."""
        done = subprocess.run(
            [*compose_command(), *arguments],
            cwd=ROOT / "compose",
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"compose {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def up(self) -> None:
        """Start everything, and wait until the connector is in good health and the seed is there."""
        self.compose("up", "--detach")
        eventually(lambda: self.container("seed").status == "exited", "the seed has ended")
        self.healthy()

    def healthy(self) -> None:
        for service in SERVICES:
            eventually(partial(self._is_healthy, service), f"healthy: {service}")

    def _is_healthy(self, service: str) -> bool:
        return self.health(service) == "healthy"

    def health(self, service: str) -> str:
        container = self.container(service)
        state = container.attrs["State"]
        return str(state["Health"]["Status"]) if container.status == "running" else "down"

    def container(self, service: str) -> Any:
        labels = [
            f"com.docker.compose.project={self.project}",
            f"com.docker.compose.service={service}",
        ]
        (found,) = self.client.containers.list(all=True, filters={"label": labels})
        return found

    def log(self, service: str) -> str:
        return str(self.container(service).logs().decode())

    def events(self, name: str) -> list[dict[str, Any]]:
        """The events of a name in the connector's log."""
        records = filter(None, map(parse, self.log("connector").splitlines()))
        return [record for record in records if record["event"] == name]

    def run(self, service: str, *command: str, **options: Any) -> Done:
        """Run a command in a container as its own user."""
        code, printed = self.container(service).exec_run(list(command), **options)
        return Done(code, printed.decode())

    def connector(self, *arguments: str) -> Done:
        return self.run("connector", "connector", *arguments)

    def json(self, *arguments: str) -> Any:
        done = self.connector(*arguments, "--json")
        assert done.code in {0, 1}, done
        return json.loads(done.printed)

    def objects(self) -> dict[str, dict[str, Any]]:
        """The objects of the tenant by display name."""
        return {item["displayName"]: item for item in self.json("objects")}

    def change(self, ldif: str) -> None:
        """Change the directory as an operator does: with ldapmodify, in its container."""
        self.container("directory").put_archive(_DIRECTORY, _packed("change.ldif", ldif.encode()))
        done = self.run("directory", "ldapmodify", "-aQ", "-f", f"{_DIRECTORY}/change.ldif")
        assert done.code == 0, done

    def kill(self, service: str, process: int, first: str = ":") -> None:
        """Kill a process, which ends its container; Docker starts it again.

        ``first`` is a command that runs in the container immediately before.
        """
        before = self.container(service).attrs["RestartCount"]
        self.run(service, "sh", "-c", f"{first}; kill -9 {process}")
        eventually(
            lambda: self.container(service).attrs["RestartCount"] > before,
            f"{service} is started again",
        )
        eventually(lambda: self.container(service).status == "running", f"{service} runs")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let cycles begin only on request, also after restarts."""
        self.connector("daemon", "pause")
        yield
        self.connector("daemon", "resume")


def _packed(name: str, content: bytes) -> bytes:
    """An archive of one file, as the engine takes it, for the directory's own user."""
    described = tarfile.TarInfo(name)
    described.size = len(content)
    described.uid = described.gid = _DIRECTORY_USER
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(described, io.BytesIO(content))
    return packed.getvalue()
