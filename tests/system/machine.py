"""A Debian machine with systemd, in a container, beside a directory that it finds by name.

systemd is process 1, as on a real machine. The connector comes as a wheel, as from an operator. Its
dependencies are downloaded outside, so that the machine itself needs no network.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
import tarfile
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from tests.system.containers import ROOT, Done, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import docker

DIRECTORY = "ldap.contoso.test"
WHEELS = "/srv/wheels"
_DEBIAN_PYTHON = "3.11"
_PACKAGES = "ca-certificates curl logrotate procps python3 python3-venv systemd systemd-sysv"
_DOCKERFILE = f"""
FROM debian:bookworm-slim
RUN apt-get update \\
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends {_PACKAGES} \\
    && rm -rf /var/lib/apt/lists/*
"""
# What a machine has and a container lacks: a shared /run, which systemd leaves to others in a
# container although its credentials need them, and all of /proc, which the unit shows the service anew.
_BOOT = """\
mount --make-shared /run
awk '$2 ~ "^/proc/" { print $2 }' /proc/mounts | xargs umount
exec /sbin/init
"""


class Machine:
    """A machine that has booted."""

    def __init__(self, container: Any) -> None:
        self._container = container

    def run(self, text: str, *, user: str = "root") -> Done:
        """Run a command line as a user."""
        environ = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELS, "SYSTEMD_COLORS": "0"}
        code, printed = self._container.exec_run(
            ["bash", "-o", "pipefail", "-c", text], user=user, environment=environ, workdir="/srv"
        )
        return Done(code, printed.decode())

    def done(self, text: str, *, user: str = "root") -> str:
        """Run a command line that must succeed; return its output."""
        done = self.run(text, user=user)
        assert done.code == 0, f"{text}: {done}"
        return done.printed

    def json(self, *arguments: str) -> Any:
        done = self.run(f"connector {shlex.join(arguments)} --json")
        assert done.code in {0, 1}, done
        return json.loads(done.printed)

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file as root."""
        described = tarfile.TarInfo(path.lstrip("/"))
        content = text.encode()
        described.size, described.mode = len(content), mode
        self._put(described, content)

    def bring(self, folder: Path, path: str) -> None:
        """Copy the files of a folder to a folder of the machine."""
        self.done(f"mkdir -p {path}")
        for file in sorted(folder.iterdir()):
            described = tarfile.TarInfo(f"{path}/{file.name}".lstrip("/"))
            described.size, described.mode = file.stat().st_size, 0o644
            self._put(described, file.read_bytes())

    def service(self, name: str) -> str:
        """Return the service's properties from systemd, by name."""
        return self.done(f"systemctl show --value --property {name} connector").strip()

    def _put(self, described: tarfile.TarInfo, content: bytes) -> None:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.addfile(described, io.BytesIO(content))
        assert self._container.put_archive("/", packed.getvalue())


@contextmanager
def machine(client: docker.DockerClient) -> Iterator[Machine]:
    """Boot a machine, with a directory that answers as DIRECTORY; leaving removes both."""
    name = f"connector-test-machine-{os.getpid()}"
    with ExitStack() as stack:
        image = _built(client, stack, name, fileobj=io.BytesIO(_DOCKERFILE.encode()))
        dockerfile = {"path": str(ROOT), "dockerfile": "compose/directory/Dockerfile"}
        beside = _built(client, stack, f"{name}-directory", **dockerfile)
        network = client.networks.create(name)
        stack.callback(network.remove)
        directory = _directory(client, beside, network)
        stack.callback(directory.remove, force=True, v=True)
        container = _boot(client, image, network)
        stack.callback(container.remove, force=True, v=True)
        here = Machine(container)
        eventually(
            lambda: here.run("systemctl is-system-running --wait").code == 0, "it has booted"
        )
        _trust(directory, container)
        yield here


def _built(client: docker.DockerClient, stack: ExitStack, tag: str, **source: Any) -> Any:
    image, _ = client.images.build(tag=tag, rm=True, forcerm=True, **source)
    stack.callback(client.images.remove, tag)
    return image


def wheels(folder: Path) -> Path:
    """Build the connector's wheel, and download its dependencies for Debian; return their folder."""
    built = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder)]
    _quietly(*built, str(ROOT))
    (wheel,) = folder.glob("*.whl")
    locked = ["--constraint", str(ROOT / "tests" / "requirements.lock")]
    debian = ["--only-binary", ":all:", "--python-version", _DEBIAN_PYTHON]
    pip = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check"]
    _quietly(*pip, *locked, *debian, "--dest", str(folder), str(wheel))
    return folder


def _quietly(*command: str) -> None:
    """Run a command, and show its output only if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{shlex.join(command)}: {done.stdout}{done.stderr}"


def _directory(client: docker.DockerClient, image: Any, network: Any) -> Any:
    environ = {"DIRECTORY_LOAD": "base conflicts", "DIRECTORY_NAMES": f"DNS:{DIRECTORY}"}
    container = client.containers.create(image, environment=environ, hostname="directory")
    network.connect(container, aliases=[DIRECTORY])
    container.start()
    return container


def _boot(client: docker.DockerClient, image: Any, network: Any) -> Any:
    """Start systemd, with the two rights that it needs to put a service into namespaces of its own."""
    is_unified = client.info()["CgroupVersion"] == "2"
    container = client.containers.create(
        image,
        ["sh", "-ec", _BOOT],
        cap_add=["SYS_ADMIN", "SYS_PTRACE"],
        security_opt=["seccomp=unconfined", "apparmor=unconfined"],
        cgroupns="host",
        volumes={
            "/sys/fs/cgroup": {"bind": "/sys/fs/cgroup", "mode": "rw" if is_unified else "ro"}
        },
        tmpfs={"/run": "", "/run/lock": "", "/tmp": ""},  # noqa: S108
        environment={"container": "docker"},
        stop_signal="SIGRTMIN+3",
    )
    network.connect(container)
    container.start()
    return container


def _trust(directory: Any, container: Any) -> None:
    """Copy the directory's authority and the connector's password over, as an operator would."""
    names = ("ca.pem", "ldap-password")
    folder = "/etc/connector/credentials"
    eventually(
        lambda: directory.exec_run(["ls", *(f"{folder}/{name}" for name in names)])[0] == 0,
        "the directory has made its password",
    )
    archive, _ = directory.get_archive(folder)
    assert container.put_archive("/srv", b"".join(archive))
    trusted = "/usr/local/share/ca-certificates/directory.crt"
    code, said = container.exec_run(
        ["sh", "-c", f"cp /srv/credentials/ca.pem {trusted} && update-ca-certificates"]
    )
    assert code == 0, said
