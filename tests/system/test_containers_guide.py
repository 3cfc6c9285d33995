"""The commands of docs/containers.md work, and so does the base image."""

from __future__ import annotations

import subprocess
from functools import partial

import pytest

from tests import documents
from tests.ports import free_port
from tests.system import containers, places

pytestmark = pytest.mark.containers


@pytest.fixture(scope="module")
def engine():
    with containers.engine() as client:
        yield client


def test_the_base_image_is_made_only_where_it_is_not_there(engine):
    script = containers.ROOT / "compose" / "base-image"
    before = engine.images.get("debian:bookworm-slim").id

    done = subprocess.run([script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert engine.images.get("debian:bookworm-slim").id == before


def test_the_base_image_needs_an_engine_and_says_so(tmp_path):
    script = containers.ROOT / "compose" / "base-image"
    environ = {"PATH": "/usr/bin:/bin", "DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}

    done = subprocess.run([script], env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "no Docker engine answers" in done.stderr


def test_the_guide_to_containers_is_right(engine, tmp_path, monkeypatch):
    port = free_port()
    monkeypatch.setenv("DIRECTORY_PORT", str(port))
    watcher = free_port()
    monkeypatch.setenv("PROMETHEUS_PORT", str(watcher))
    web = free_port()
    monkeypatch.setenv("WEB_PORT", str(web))
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", f"guide-{port}")
    commands = documents.commands("docs/containers.md", "docker")

    with places.Checkout(tmp_path / "docker") as here:
        here.names = {
            "127.0.0.1:1389": f"127.0.0.1:{port}",
            "http://127.0.0.1:8080/signin": f"http://127.0.0.1:{web}/signin",
            "'http://127.0.0.1:9090": f"'http://127.0.0.1:{watcher}",
            **older_compose(),
        }
        try:
            run = partial(here.run, seconds=300)
            problems = places.broken("docs/containers.md", commands, run)
        finally:
            here.run("docker compose --profile monitoring down --volumes --rmi local")

    assert not problems, "\n".join(problems)


def older_compose():
    """Translate the commands of the newer Compose on a machine that has only the older one."""
    if containers.compose_command() == ["docker", "compose"]:
        return {}
    return {
        "docker compose": "docker-compose",
        "docker compose exec": "docker-compose exec -T",
        "docker compose exec -T": "docker-compose exec -T",
    }
