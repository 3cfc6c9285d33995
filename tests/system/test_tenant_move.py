"""A tenant is moved by the commands of an operator, killed in the middle or not, and the connector goes on."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from connector.lab import generator
from connector.lab.slapd import PrivateSlapd
from tests.system.commandline import CommandLine
from tests.system.killed_move import KILLED_AT, LAST_STEP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgresql import Postgres

SIGKILL = -9
COUNTS = ("adds", "updates", "deletes", "unchanged", "errors", "quarantined")


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSlapd]:
    server = PrivateSlapd(tmp_path_factory.mktemp("slapd") / "own")
    server.load(generator.entries(120))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def synced(slapd: PrivateSlapd, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storage that was synced, and has cloud-only users, licences and a feature of its own."""
    connector = _connector(slapd, tmp_path_factory.mktemp("synced"))
    assert connector.run("sync").returncode in {0, 1}
    for command in (
        ("add", "user", "userPrincipalName=zoe@contoso.com", "displayName=Zoe"),
        ("license", "zoe@contoso.com", "--assign", "EXCHANGE"),
        ("features", "BlockSoftMatch", "on"),
    ):
        done = connector.run("tenant", *command)
        assert done.returncode == 0, done.stderr
    assert connector.run("sync").returncode in {0, 1}
    # A storage that is still where it was would make the others copies of it.
    return connector.storage.rename(connector.path / "kept")


@pytest.fixture
def connector(slapd: PrivateSlapd, synced: Path, tmp_path: Path) -> CommandLine:
    made = _connector(slapd, tmp_path)
    shutil.copytree(synced, made.storage)
    return made


def _connector(slapd: PrivateSlapd, path: Path) -> CommandLine:
    directory = {
        "url": slapd.url,
        "bind_dn": slapd.admin,
        "password_file": str(slapd.password_file),
    }
    return CommandLine(path, directory, tenant={"random_seed": 1})


def use(connector: CommandLine, place: object) -> None:
    text = connector.settings.read_text()
    text = re.sub("^database = .*\n", "", text, flags=re.MULTILINE)
    line = f"[tenant]\ndatabase = {json.dumps(str(place))}\n" if place else "[tenant]\n"
    connector.settings.write_text(text.replace("[tenant]\n", line))


def shown(connector: CommandLine) -> dict[str, Any]:
    return {
        "objects": connector.json("objects"),
        "errors": connector.json("errors"),
        "features": connector.json("tenant", "features"),
    }


def goes_on(connector: CommandLine) -> None:
    """Sync once more: nothing is to be done, and the read-back tells no more than what changed."""
    done = json.loads(connector.run("sync", "--json").stdout)

    assert [step["name"] for step in done["steps"] if any(step[n] for n in COUNTS)] == []
    assert connector.logged("tenant.replaced") == []


@pytest.fixture(params=["file", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path, postgresql: Postgres) -> str:
    if request.param == "file":
        return str(tmp_path / "shared" / "cloud.db")
    return postgresql.url(postgresql.make(migrated=False).parameters["dbname"])


def test_a_connector_goes_on_where_its_tenant_was_moved_to(
    connector: CommandLine, place: str
) -> None:
    before = shown(connector)

    there = connector.run("tenant", "move", "--to", place)
    refused = connector.run("sync")
    use(connector, place)
    goes_on(connector)
    found = shown(connector)
    back = connector.run("tenant", "move", "--to", "sqlite")
    use(connector, None)
    goes_on(connector)

    assert (there.returncode, refused.returncode, back.returncode) == (0, 2, 0)
    assert f"until it was moved to {place}" in refused.stderr
    assert found == before == shown(connector)


@pytest.mark.parametrize("piece", ["Checking the read-back", LAST_STEP])
def test_a_killed_move_leaves_one_tenant_and_is_done_again(
    connector: CommandLine, place: str, piece: str
) -> None:
    before = shown(connector)
    connector.environ = {KILLED_AT: piece}
    connector.module = "tests.system.killed_move"
    killed = connector.run("tenant", "move", "--to", place)
    connector.module = "connector"
    old = connector.run("objects").returncode
    use(connector, place)
    new = connector.run("objects")
    use(connector, None)

    again = connector.run("tenant", "move", "--to", place)
    use(connector, place)

    assert (killed.returncode, old) == (SIGKILL, 2 if piece == LAST_STEP else 0)
    assert (new.returncode, "was interrupted. Run it again" in new.stderr) == (2, True)
    assert again.returncode == 0, again.stderr
    assert shown(connector) == before
