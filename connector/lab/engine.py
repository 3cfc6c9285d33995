"""Build images from the project's files, and run containers on a Docker engine of this machine.

Containers, networks and volumes carry the label ``connector.lab`` with the folder that they belong to,
images with the word ``image``. Nothing else is ever changed.
"""

from __future__ import annotations

import hashlib
import io
import os
import signal
import tarfile
import tempfile
import threading
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from connector import resources
from connector.errors import LabUnusable
from connector.ports import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from connector.ports import Progress

BASE = "debian:bookworm-slim"
LABEL = "connector.lab"
_LONG = 600
_PULL_SECONDS = 30
_NO_PACKAGE = (
    "containers need the extra lab, which is not installed: "
    "pip install 'directory-sync-connector[lab]'"
)
_PIP = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
# As strict as those of docker-compose.yml.
_CONFINED: Mapping[str, Any] = {
    "init": True,
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "tmpfs": {"/tmp": "size=64m,mode=1777"},  # noqa: S108 - within the container
    "pids_limit": 100,
    # The starter of a container waits for it in its own way.
    "healthcheck": {"test": ["NONE"]},
}
_CONTEXTS: Mapping[str, Sequence[str]] = {
    "directory": ("schema/directory", "compose/directory", "compose/lab"),
    "mail": ("compose/mail",),
    "connector": (
        *("pyproject.toml", "LICENSE", "README.md", "tests/requirements.lock"),
        *("compose", "schema", "connector"),
    ),
}


class Executed(NamedTuple):
    """The result of a command in a container: exit code, standard output, standard error."""

    code: int
    out: bytes
    err: bytes


class DockerEngine:
    """The engine at DOCKER_HOST or the usual socket; every method may raise LabUnusable."""

    def __init__(self, progress: Progress = SILENT) -> None:
        try:
            import docker  # noqa: PLC0415 - it is slow to import, and only some labs need it
        except ModuleNotFoundError:
            raise LabUnusable(_NO_PACKAGE) from None

        self._progress = progress
        try:
            self._docker = docker.from_env(timeout=_LONG)
        except docker.errors.DockerException as error:
            raise LabUnusable(_unanswered(error)) from error

    def close(self) -> None:
        self._docker.close()

    # --- images -------------------------------------------------------------------------------

    def image(self, name: str) -> str:
        """Return the tag of the image of compose/NAME; build it unless it is up to date."""
        with _told():
            base = self._base()
            context = _context(name)
            tag = f"connector-lab/{name}:{hashlib.sha256(base.encode() + context).hexdigest()[:12]}"
            if not self._docker.images.list(tag):
                self._progress.begin(f"building the image of compose/{name}")
                self._build(name, context, tag)
                self._progress.end()
                self._drop_older(name, tag)
        return tag

    def _base(self) -> str:
        """Return the id of the image that all others are built from; pull it if it is missing."""
        import docker  # noqa: PLC0415

        try:
            return str(self._docker.images.get(BASE).id)
        except docker.errors.ImageNotFound:
            pass
        puller = docker.from_env(timeout=_PULL_SECONDS)
        try:
            return str(puller.images.pull(BASE).id)
        except (docker.errors.DockerException, OSError) as error:
            raise LabUnusable(
                f"the image {BASE} is missing and cannot be pulled ({_reason(error)}); in a checkout, "
                "./compose/base-image makes it"
            ) from error
        finally:
            puller.close()

    def _build(self, name: str, context: bytes, tag: str) -> None:
        said = ""
        answers = self._docker.api.build(
            fileobj=io.BytesIO(context),
            custom_context=True,
            dockerfile=f"compose/{name}/Dockerfile",
            tag=tag,
            labels={LABEL: "image"},
            buildargs={key: os.environ[key] for key in _PIP if os.environ.get(key)},
            rm=True,
            forcerm=True,
            decode=True,
        )
        for answer in answers:
            if "error" in answer:
                raise LabUnusable(
                    f"the image of compose/{name} could not be built: {answer['error'].strip()}; "
                    f"it said: {said[-500:].strip()}"
                )
            said += answer.get("stream", "")

    def _drop_older(self, name: str, tag: str) -> None:
        """Remove earlier images of the same folder, unless a container still uses them."""
        import docker  # noqa: PLC0415

        only = {"label": f"{LABEL}=image"}
        for image in self._docker.images.list(f"connector-lab/{name}", filters=only):
            for other in image.tags:
                if other != tag:
                    with suppress(docker.errors.APIError):
                        self._docker.images.remove(other)

    # --- networks, volumes, containers --------------------------------------------------------

    def network(self, name: str, owner: str, *, internal: bool = False) -> None:
        """Make a network unless it exists."""
        with _told():
            if name not in {network.name for network in self._docker.networks.list()}:
                with _unbroken():
                    self._docker.networks.create(name, labels={LABEL: owner}, internal=internal)

    def volume(self, name: str, owner: str) -> None:
        """Make a volume unless it exists."""
        with _told(), _unbroken():
            self._docker.volumes.create(name, labels={LABEL: owner})

    def create(self, name: str, image: str, owner: str, **options: Any) -> None:
        """Make a container unless it exists; do not start it."""
        with _told():
            if self._find(name):
                return
            options = {**_CONFINED, "labels": {LABEL: owner}, **options}
            if network := options.get("network"):
                # Within the network, its name is the part after the last dash.
                alias = name.rpartition("-")[2]
                endpoint = self._docker.api.create_endpoint_config(aliases=[alias])
                options["networking_config"] = {network: endpoint}
            with _unbroken():
                self._docker.containers.create(image, name=name, **options)

    def start(self, name: str) -> None:
        with _told():
            self._docker.containers.get(name).start()

    def stop(self, name: str, seconds: int = 30) -> None:
        with _told():
            for container in self._find(name):
                container.stop(timeout=seconds)

    def delete(self, name: str) -> None:
        with _told():
            for container in self._find(name):
                _remove(container)

    def status(self, name: str) -> str | None:
        """Return ``running``, ``exited`` or another word of Docker's; None for no container."""
        with _told():
            found = self._find(name)
            return str(found[0].status) if found else None

    def logs(self, name: str) -> str:
        with _told():
            raw: bytes = self._docker.containers.get(name).logs()
        return raw.decode("utf-8", "replace")

    def wait(self, name: str) -> int:
        """Wait for a container to end; return its exit code."""
        with _told():
            return int(self._docker.containers.get(name).wait()["StatusCode"])

    def execute(
        self, name: str, command: Sequence[str], environ: Mapping[str, str] | None = None
    ) -> Executed:
        """Run a command in a running container."""
        with _told():
            container = self._docker.containers.get(name)
            code, (out, err) = container.exec_run(
                list(command), environment=dict(environ or {}), demux=True
            )
        return Executed(code, out or b"", err or b"")

    def execute_detached(
        self, name: str, command: Sequence[str], environ: Mapping[str, str]
    ) -> None:
        """Start a command in a running container, and do not wait for it."""
        with _told():
            container = self._docker.containers.get(name)
            container.exec_run(list(command), environment=dict(environ), detach=True)

    def upload(self, name: str, target: str, content: IO[bytes], owner: int) -> None:
        """Write a file into a volume of a container; the user id ``owner`` owns it."""
        folder, _, file = target.rpartition("/")
        with _told(), tempfile.TemporaryFile() as packed:
            with tarfile.open(fileobj=packed, mode="w") as archive:
                described = tarfile.TarInfo(file)
                described.size = content.seek(0, os.SEEK_END)
                described.uid = described.gid = owner
                described.mode = 0o600
                content.seek(0)
                archive.addfile(described, content)
            packed.seek(0)
            self._docker.containers.get(name).put_archive(folder, packed)

    def remove(self, owner: str) -> list[str]:
        """Remove everything that belongs to a folder; return what was removed."""
        only = {"label": f"{LABEL}={owner}"}
        removed = []
        with _told():
            for container in self._containers(only):
                _remove(container, v=True)
                removed.append(f"container {container.name}")
            for network in self._docker.networks.list(filters=only):
                network.remove()
                removed.append(f"network {network.name}")
            for volume in self._docker.volumes.list(filters=only):
                volume.remove(force=True)
                removed.append(f"volume {volume.name}")
        return removed

    def _find(self, name: str) -> list[Any]:
        return self._containers({"name": f"^/{name}$"})

    def _containers(self, only: Mapping[str, str]) -> list[Any]:
        """Return containers; one that goes while the engine lists them is left out."""
        found: list[Any] = self._docker.containers.list(all=True, filters=only, ignore_removed=True)
        return found


def is_checkout() -> bool:
    """Tell whether this is a checkout, which can build the connector's own image."""
    return (resources.schema().parent / "pyproject.toml").exists()


def _context(name: str) -> bytes:
    """Pack the files of an image; the same files always give the same bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for part in _CONTEXTS[name]:
            for path, file in sorted(_files(part)):
                described = tarfile.TarInfo(path)
                described.size = file.stat().st_size
                described.mode = 0o755 if os.access(file, os.X_OK) else 0o644
                with file.open("rb") as content:
                    archive.addfile(described, content)
    return packed.getvalue()


def _files(part: str) -> Iterator[tuple[str, Path]]:
    """Yield the files of a part of the project: the path in the context, and on the disk."""
    top, _, rest = part.partition("/")
    folders = {"schema": resources.schema, "compose": resources.compose}
    place = folders[top](rest) if top in folders else resources.schema().parent / part
    if place.is_file():
        yield part, place
    for file in place.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            yield f"{part}/{file.relative_to(place).as_posix()}", file


@contextmanager
def _told() -> Iterator[None]:
    """Turn errors of the engine, or of the connection to it, into LabUnusable."""
    import docker  # noqa: PLC0415

    try:
        yield
    except (docker.errors.DockerException, OSError) as error:
        raise LabUnusable(f"the Docker engine: {_reason(error)}") from error


@contextmanager
def _unbroken() -> Iterator[None]:
    """Let an interruption wait: the engine would make what nobody knows of and removes any more."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals do not come to it
        return
    told: list[int] = []
    # Not by a mask of this thread: another one would take the signal.
    before = {
        number: signal.signal(number, lambda number, _: told.append(number))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if told:
            signal.raise_signal(told[0])


def _remove(container: Any, **options: Any) -> None:
    """Remove a container that somebody else may remove at the same time: a killed ``lab up`` asked for it."""
    import docker  # noqa: PLC0415

    with suppress(docker.errors.NotFound):
        try:
            container.remove(force=True, **options)
        except docker.errors.APIError as error:
            if error.status_code != HTTPStatus.CONFLICT:
                raise
            container.wait(condition="removed", timeout=_PULL_SECONDS)


def _unanswered(error: Exception) -> str:
    if "Permission denied" in str(error):
        return "this user may not use the Docker engine: is it in the group docker?"
    place = os.environ.get("DOCKER_HOST", "the usual socket")
    return f"no Docker engine answers at {place}: start one, or name it in DOCKER_HOST"


def _reason(error: Exception) -> str:
    return str(getattr(error, "explanation", None) or error)
