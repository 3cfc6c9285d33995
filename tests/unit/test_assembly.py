"""Who reads makes nothing: neither a folder nor a database."""

from __future__ import annotations

import pytest

from connector.assembly import open_readers
from connector.cli.app import main
from connector.errors import StorageUnusable
from connector.staging.space import FILE, ConnectorSpace
from connector.storage.database import folder_to_itself, open_database
from connector.storage.instance import lock_storage
from tests.world import World

READING = [
    ["status"],
    ["objects"],
    ["errors"],
    ["history"],
    ["deletions"],
    ["explain", "ann"],
    ["tenant", "domains"],
    ["tenant", "features"],
    ["tenant", "clock"],
    ["tenant", "report"],
    ["backup", "copy"],
]
SETTINGS = """
[directory]
url = "ldap://localhost"
base_dn = "dc=contoso,dc=com"
[tenant]
initial_domain = "contoso.onmicrosoft.com"
[storage]
path = "var"
"""


@pytest.fixture
def settings(tmp_path):
    with World(tmp_path) as world:
        return world.settings


@pytest.mark.parametrize("arguments", READING, ids="-".join)
def test_a_command_that_reads_makes_no_storage(tmp_path, monkeypatch, arguments, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "connector.toml").write_text(SETTINGS)

    with pytest.raises(SystemExit):
        main(arguments)

    assert [path.name for path in tmp_path.iterdir()] == ["connector.toml"]
    assert capsys.readouterr().err


def test_before_the_first_sync_there_is_nothing_and_no_error(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "connector.toml").write_text(SETTINGS)

    with pytest.raises(SystemExit) as ended:
        main(["objects", "--json"])

    assert not ended.value.code
    assert capsys.readouterr() == (
        "[]\n",
        f"Nothing is synced yet: {tmp_path}/var has no databases. To begin: connector sync\n",
    )


def test_what_is_missing_reads_as_empty_and_is_named(settings):
    (settings.storage.path / "tenant.db").unlink()

    with open_readers(settings) as readers:
        found = readers.missing, readers.tenant.counts().user

    assert found == (("tenant.db",), 0)
    assert not (settings.storage.path / "tenant.db").exists()


def test_an_empty_file_is_a_database_that_was_never_made(settings):
    (settings.storage.path / FILE).write_bytes(b"")

    with open_readers(settings) as readers:
        missing = readers.missing

    assert missing == (FILE,)
    assert (settings.storage.path / FILE).read_bytes() == b""


def test_a_creation_that_hangs_is_an_error_in_good_time(settings, monkeypatch):
    monkeypatch.setattr("connector.storage.database._SECONDS_TO_MAKE", 0.05)
    storage = settings.storage.path

    with (
        folder_to_itself(storage, shared=False),
        pytest.raises(StorageUnusable, match="or hangs"),
        open_readers(settings),
    ):
        raise AssertionError("it was opened")


def test_databases_of_an_older_version_wait_for_an_instance_that_brings_them_up_to_date(
    settings, monkeypatch
):
    monkeypatch.setattr("connector.assembly._SECONDS_TO_UPGRADE", 0.05)
    with open_database(settings.storage.path / FILE, "staging").conn as connection:
        connection.execute("DELETE FROM _sqlite_migrations")

    with (
        lock_storage(settings.storage.path),
        pytest.raises(StorageUnusable, match="older version"),
        open_readers(settings),
    ):
        raise AssertionError("it was opened")


def test_a_run_is_aborted_where_no_instance_is_at_work(settings):
    space = ConnectorSpace.open(settings.storage.path)
    space.history.begin("delta", "2026-01-05T08:00:00Z")
    space.close()

    with open_readers(settings) as readers:
        dead = [run.result for run in readers.space.history.runs()]
        with lock_storage(settings.storage.path):
            at_work = [run.result for run in readers.space.history.runs()]

    assert (dead, at_work) == (["aborted"], ["in-progress"])
