"""``connector tenant move``: where the tenant goes, what stays, and what is refused before anything is done."""

from __future__ import annotations

import pytest

from connector.storage.instance import lock_storage, share_tenant
from tests.unit.cli.conftest import SETTINGS
from tests.world import World


@pytest.fixture
def synced(connector):
    with World(connector.storage) as world:
        world.user("ann")
        world.sync()
    return connector


def use(connector, database):
    connector.file.write_text(SETTINGS.replace("[tenant]", f'[tenant]\ndatabase = "{database}"'))


def names(connector):
    return [one["displayName"] for one in connector("objects", "--json").json]


def test_a_tenant_goes_to_another_file_and_back(synced, tmp_path):
    other = tmp_path / "other" / "cloud.db"

    there = synced("tenant", "move", "--to", str(other))
    refused = synced("objects")
    use(synced, other)
    found = names(synced)
    back = synced("tenant", "move", "--to", "sqlite", "--json").json
    synced.file.write_text(SETTINGS)

    assert there.code == 0
    assert f'Let the settings say so: [tenant] database = "{other}"' in there.out
    assert refused.code == 2
    assert f"until it was moved to {other}" in refused.err
    assert found == names(synced) == ["Ann"]
    assert (back["from"], back["setting"]["tenant.database"]) == (str(other), None)
    assert [one["rows"] for one in back["tables"] if one["name"] == "object"] == [1]
    assert back["readBack"]["rows"] == 1
    aside = back["setAside"]
    assert aside.startswith(f"{synced.storage}/tenant.db.moved-")
    assert "tenant.moved" in synced.log.read_text()


def test_a_tenant_that_was_moved_is_taken_back(synced, tmp_path):
    synced("tenant", "move", "--to", str(tmp_path / "cloud.db"))

    done = synced("tenant", "move", "--take-back")

    assert done.out.startswith(f"{synced.storage}/tenant.db may be used again. The one at ")
    assert names(synced) == ["Ann"]
    assert synced("tenant", "move", "--take-back").out.endswith("was not moved away.\n")


def test_a_tenant_goes_to_a_server(synced, postgresql):
    server = postgresql.make(migrated=False)
    url = postgresql.url(server.parameters["dbname"])

    done = synced("tenant", "move", "--to", url, "--json").json

    assert done["setting"] == {"tenant.database": url, "tenant.database_password_file": None}
    assert {one["name"]: one["rows"] for one in done["tables"]}["object"] == 1


def test_the_password_is_in_a_file(synced, tmp_path):
    done = synced(
        "tenant", "move", "--to", "postgresql://me@localhost/tenant", "--password-file", "nowhere"
    )

    assert (done.code, done.out) == (2, "")
    assert "--password-file: nowhere: No such file or directory" in done.err
    assert names(synced) == ["Ann"]


def test_beside_a_connector_at_work_nothing_is_moved(synced, tmp_path):
    with lock_storage(synced.storage):
        done = synced("tenant", "move", "--to", str(tmp_path / "cloud.db"))

    assert (done.code, done.out) == (75, "")
    assert "Stop it first: systemctl stop connector, or connector daemon stop." in done.err


def test_beside_another_connector_of_the_tenant_nothing_is_moved(synced, tmp_path):
    with share_tenant(synced.storage / "tenant.db"):
        done = synced("tenant", "move", "--to", str(tmp_path / "cloud.db"))

    assert done.code == 75
    assert "is in use by another connector: a move needs the tenant for itself" in done.err


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("sqlite", "The tenant is at "),
        ("postgresql://me:secret@localhost/tenant", "The URL has a password"),
        ("postgresql://me@localhost/tenant?password=secret", "The URL has a password"),
    ],
)
def test_a_place_that_cannot_be_meant_is_refused(synced, to, said):
    done = synced("tenant", "move", "--to", to)

    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "secret" not in done.err
    assert names(synced) == ["Ann"]


def test_without_a_tenant_nothing_is_moved(connector, tmp_path):
    done = connector("tenant", "move", "--to", str(tmp_path / "cloud.db"))

    assert done.code == 2
    assert "there is no tenant to move" in done.err
    assert not (tmp_path / "cloud.db").exists()
