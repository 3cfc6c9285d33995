"""The lab and its stories in containers, started through the Docker package."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from functools import partial

import pytest

from connector.lab.contained import container_place
from connector.lab.containers import DirectoryContainer
from connector.lab.engine import LABEL, DockerEngine
from connector.lab.records import user_dn
from connector.lab.slapd import three_ports
from connector.lab.stories import STORIES
from connector.values.ldif import delete
from tests import documents
from tests.contracts.lab import ANN, PlaceContract, ServerContract
from tests.system import containers, places
from tests.system.playing import playing
from tests.system.test_lab import User

pytestmark = pytest.mark.containers


@pytest.fixture(scope="module")
def engine():
    """The Docker engine of this machine, through the docker package."""
    with containers.engine() as client:
        yield client


def left(engine, owner) -> list[str]:
    """Everything that belongs to a folder."""
    only = {"label": f"{LABEL}={owner}"}
    found = [
        *engine.containers.list(all=True, filters=only, ignore_removed=True),
        *engine.networks.list(filters=only),
        *engine.volumes.list(filters=only),
    ]
    return [each.name for each in found]


# --- contracts ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(engine, tmp_path_factory):
    """One for all tests of the contract, because making it takes seconds."""
    with closing(DockerEngine()) as ours:
        container = DirectoryContainer(ours, tmp_path_factory.mktemp("lab"), three_ports())
        yield container
        container.remove()


class TestDirectoryContainer(ServerContract):
    @pytest.fixture
    def server(self, made):
        made.start()
        made.apply("".join(delete(user_dn(name)) for name in self.people(made)) or "\n")
        return made


class TestContainerPlace(PlaceContract):
    @pytest.fixture
    def place(self, engine):
        with container_place() as place:
            yield place


def test_outside_of_a_checkout_the_connector_is_this_machines(engine, monkeypatch):
    monkeypatch.setattr("connector.lab.engine.is_checkout", lambda: False)

    with container_place() as place:
        place.directory.apply(ANN)
        synced = place.connector(["sync"], {})
        said = place.description()

    assert (synced.code, "success" in synced.out) == (0, True), synced
    assert "the connector of this machine, because only a checkout can build its image" in said


# --- stories --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STORIES)
def test_a_story_holds_what_it_says(name, engine, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "connector", "lab", "story", name, "--engine", "docker", "--json"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    [outcome] = json.loads(done.stdout)
    assert (outcome["missed"], done.returncode) == (None, 0), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_sentence_that_does_not_hold_is_told_from_within_a_container(user):
    setting = "tenant.resiliency=false"

    done = user.types("lab", "story", "upn", "--engine", "docker", "--set", setting)

    assert done.returncode == 1
    assert "upn: this does not hold: the UPN of User B is quarantined" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_story_that_is_told_to_end_leaves_no_container(number, engine, tmp_path):
    with playing(tmp_path, "upn", "--engine", "docker") as (process, folder):
        before = left(engine, folder)

        os.killpg(process.pid, number)

    assert len(before) == 7
    assert left(engine, folder) == []
    assert list(tmp_path.iterdir()) == []


# --- the lab --------------------------------------------------------------------------------------


@pytest.fixture
def user(engine, tmp_path):
    somebody = User(tmp_path)
    somebody.environ = dict(os.environ)
    yield somebody
    somebody.types("lab", "down", "--yes")


def test_a_lab_in_containers_from_up_to_down(user, engine):
    up = user.types("lab", "up", "--engine", "docker")
    names = left(engine, user.lab)
    first = user.types("sync", "--json", **user.follows())
    user.types("lab", "seed", "conflicts")
    second = user.types("sync", "--json", **user.follows())
    mailed = user.types("tenant", "report", "--send", **user.follows())
    caught = engine.containers.get(next(n for n in names if n.endswith("-mail"))).logs().decode()
    again = user.types("lab", "up")
    down = user.types("lab", "down")

    assert up.stdout.startswith("The lab is up: the container connector-lab-"), up.stderr
    assert json.loads(first.stdout)["steps"][-1]["adds"] == 297
    assert json.loads(second.stdout)["steps"][-1]["quarantined"] == 5
    assert (mailed.returncode, "Sync errors detected on your Azure AD" in caught) == (0, True)
    assert again.stdout.startswith("The lab was up already: the container connector-lab-")
    assert sorted(line.split()[1] for line in down.stdout.splitlines()) == [
        *["container"] * 2,
        "network",
        "the",
        *["volume"] * 2,
    ]
    assert (left(engine, user.lab), list(user.home.iterdir())) == ([], [])


def test_its_containers_are_confined_and_reached_from_this_machine_alone(user, engine):
    user.types("lab", "up", "--engine", "docker", "--empty")

    found = engine.containers.list(filters={"label": f"{LABEL}={user.lab}"})

    assert len(found) == 2
    for container in found:
        host = container.attrs["HostConfig"]
        published = [each["HostIp"] for ports in host["PortBindings"].values() for each in ports]
        assert set(published) == {"127.0.0.1"}
        assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"])
        assert "no-new-privileges:true" in host["SecurityOpt"]
        assert container.attrs["Config"]["User"] not in {"", "root", "0"}


def test_a_big_directory_is_loaded_into_a_container(user):
    user.types("lab", "up", "--engine", "docker", "--empty")

    big = user.types("lab", "seed", "big", "3000")
    synced = user.types("sync", "--json", **user.follows())

    assert big.stdout.startswith("big: 3000 entries were added; 4 were there already.")
    assert json.loads(synced.stdout)["steps"][0]["adds"] == 3000


def test_a_container_that_was_stopped_is_started_again_with_its_entries(user, engine):
    user.types("lab", "up", "--engine", "docker")
    [directory] = [name for name in left(engine, user.lab) if name.endswith("-directory")]
    engine.containers.get(directory).kill()

    stopped = user.types("lab", "seed", "bad")
    up = user.types("lab", "up")
    seeded = user.types("lab", "seed", "contoso")

    assert (stopped.returncode, "connector lab up starts it" in stopped.stderr) == (2, True)
    assert up.stdout.startswith("The lab is up: the container")
    assert seeded.stdout.startswith("contoso: all 305 entries are there already")


def test_auto_prefers_containers(user):
    assert "the container" in user.types("lab", "up", "--empty").stdout


def test_a_killed_up_is_taken_down_and_foreign_containers_stay(user, engine):
    image = engine.images.get("debian:bookworm-slim")
    foreign = engine.containers.create(image, ["true"], labels={LABEL: "/somewhere/else"})
    try:
        with user.starts("lab", "up", "--engine", "docker") as up:
            while not left(engine, user.lab):
                time.sleep(0.02)
                assert up.poll() is None
            os.killpg(up.pid, signal.SIGKILL)
        before = left(engine, user.lab)

        down = user.types("lab", "down")

        assert (down.returncode, before != []) == (0, True)
        assert (left(engine, user.lab), user.lab.exists()) == ([], False)
        assert engine.containers.get(foreign.id).status == "created"
    finally:
        foreign.remove()


def test_containers_without_their_folder_are_taken_down_too(user, engine):
    user.types("lab", "up", "--engine", "docker", "--empty")
    subprocess.run(["rm", "-r", user.lab], check=True)

    down = user.types("lab", "down")

    assert down.stdout.count("Removed container") == 2
    assert left(engine, user.lab) == []


def test_an_interrupted_up_leaves_no_container(user, engine):
    with user.starts("lab", "up", "--engine", "docker") as up:
        while not left(engine, user.lab):
            time.sleep(0.02)
            assert up.poll() is None
        os.killpg(up.pid, signal.SIGINT)

    assert (up.returncode, left(engine, user.lab)) == (130, [])
    assert list(user.home.iterdir()) == []


def test_an_image_takes_the_place_of_those_of_earlier_states(engine):
    labelled = b"FROM debian:bookworm-slim\nLABEL connector.lab=image\n"
    engine.images.build(fileobj=io.BytesIO(labelled), tag="connector-lab/mail:older", rm=True)
    engine.images.get("debian:bookworm-slim").tag("connector-lab/mail", "foreign")
    with closing(DockerEngine()) as ours:
        engine.images.remove(ours.image("mail"), force=True)

        tag = ours.image("mail")

    there = {name for image in engine.images.list("connector-lab/mail") for name in image.tags}
    assert {tag, "connector-lab/mail:foreign"} <= there
    assert "connector-lab/mail:older" not in there
    engine.images.remove("connector-lab/mail:foreign")


def test_the_guide_to_the_lab_is_right(engine, tmp_path):
    commands = documents.commands("docs/lab.md", "docker")

    with places.Checkout(tmp_path / "docker") as here:
        problems = places.broken("docs/lab.md", commands, partial(here.run, seconds=300))

    assert commands
    assert problems == []
