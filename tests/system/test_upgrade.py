"""The connector opens and migrates databases of earlier versions, and goes on without a loss."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from connector.cli.app import main
from connector.lab.slapd import PrivateSlapd
from connector.storage.instance import lock_storage
from tests.system import next_version, upgrade
from tests.system.commandline import CommandLine

if TYPE_CHECKING:
    from pathlib import Path


class Stored:
    """A connector with the databases of an earlier version, the day after, beside its directory."""

    def __init__(self, name: str, path: Path) -> None:
        folder = upgrade.STORED / name
        self.seen = json.loads((folder / "seen.json").read_text(encoding="utf-8"))
        self.slapd = PrivateSlapd(path / "slapd")
        self.slapd.load(folder / "directory.ldif")
        self.slapd.start()
        (path / "connector").mkdir()
        password = self.slapd.password_file.read_text()
        directory = {"url": self.slapd.url, "bind_dn": self.slapd.admin, "password": password}
        self.connector = CommandLine(path / "connector", directory, tenant={"random_seed": 1})
        upgrade.restore(name, self.connector.storage)
        last = datetime.fromisoformat(self.seen["history"][0]["started"])
        self._clock = time_machine.travel(last + timedelta(days=1))

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run a command in this process, where the time can be set; return code and output."""
        said = io.StringIO()
        with self._clock, redirect_stdout(said), pytest.raises(SystemExit) as ended:
            main(["--config", str(self.connector.settings), *arguments])
        return int(ended.value.code or 0), said.getvalue()

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json")[1])


@pytest.fixture(params=upgrade.names())
def stored(request, tmp_path):
    stored = Stored(request.param, tmp_path)
    yield stored
    stored.slapd.stop()


def is_within(old: Any, new: Any) -> bool:
    """Tell whether an answer still holds all of an earlier one, in any order and with more keys."""
    match old, new:
        case dict(), dict():
            return all(key in new and is_within(value, new[key]) for key, value in old.items())
        case list(), list():
            return len(old) == len(new) and all(any(is_within(a, b) for b in new) for a in old)
        case "in-progress", "aborted":  # earlier versions did not say that nobody is at it any more
            return True
        case _:
            return bool(old == new)


def test_nothing_that_an_operator_sees_is_lost(stored):
    code, _ = stored.run("status")
    now = {key: stored.json(*arguments) for key, arguments in upgrade.SEEN.items()}

    assert code == 0
    assert [key for key in now if not is_within(stored.seen[key], now[key])] == []


def test_a_command_that_only_reads_brings_them_up_to_date(stored):
    commands = (("deletions",), ("history", "--object", "uid=ann,ou=users,dc=contoso,dc=com"))

    assert [stored.run(*arguments)[0] for arguments in commands] == [0, 0]


def test_databases_that_an_older_version_works_on_are_left_to_it(stored, capsys):
    with lock_storage(stored.connector.storage):
        code, _ = stored.run("status")

    assert code == 2
    assert capsys.readouterr().err == (
        f"connector: {stored.connector.storage} has the databases of an older version, which is still at "
        "work on them. Restart the daemon: it brings them up to date.\n"
    )


def test_the_next_cycle_finds_a_manager_that_was_not_read_and_exports_what_waited(stored):
    run = stored.json("sync")

    read = run["steps"][0]
    names = {each["displayName"] for each in stored.json("objects")}
    assert (read["name"], read["result"]) == ("directory-import", "success")
    assert [read[counter] for counter in ("adds", "updates", "deletes")] == [0, 1, 0]
    assert (
        stored.json("show", "uid=bob,ou=users,dc=contoso,dc=com")["manager"]["displayName"] == "Ann"
    )
    assert run["result"] in {"success", "completed-export-errors"}
    assert names == {each["displayName"] for each in stored.seen["objects"]} | {
        "Erik",
        "red",
        "blue",
    }


def test_each_quarantine_is_told_once_by_the_old_version_or_by_the_new(stored):
    stored.run("sync")

    told = [event["value"] for event in stored.connector.logged("export.quarantined")]
    values = [e["value"] for e in stored.json("errors") if e["kind"] == "quarantine"]
    assert sorted(stored.seen["told"] + told) == sorted(values)
    assert len(stored.seen["told"]) >= 4


def test_after_the_next_cycles_all_three_agree(stored):
    for _ in range(2):
        stored.run("sync")

    assert stored.run("sync", "--dry-run") == (0, "Nothing to do.\n")
    assert stored.run("verify")[0] == 0


def test_a_change_of_the_directory_is_taken_as_by_the_old_version(stored):
    stored.run("sync")
    dn = "uid=clerk0,ou=users,dc=contoso,dc=com"
    stored.slapd.apply(f"dn: {dn}\nchangetype: modify\nreplace: title\ntitle: Boss\n")

    stored.run("sync")

    assert stored.json("show", dn)["jobTitle"] == "Boss"


def test_a_database_of_a_later_version_is_refused_in_a_sentence(stored, tmp_path, capsys):
    next_version.write_schema(tmp_path / "schema")
    with next_version.schema_of(tmp_path / "schema"):
        stored.run("sync")
    capsys.readouterr()

    code, said = stored.run("status")

    file = stored.connector.storage / "connector-space.db"
    assert (code, said) == (2, "")
    assert capsys.readouterr().err == (
        f"connector: {file} was written by a newer version of the connector (it has 9999_later). "
        "Install that version, or restore a backup made before the upgrade.\n"
    )


@pytest.mark.parametrize("name", upgrade.names())
def test_a_migration_that_is_killed_leaves_the_old_or_the_new_and_never_half(name):
    done = subprocess.run(
        [sys.executable, "-m", "tests.system.upgrade.killed", name],
        cwd=upgrade.STORED.parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    for states in json.loads(done.stdout).values():
        held = {
            migrations: {text for had, text in states if had == migrations}
            for migrations, _ in states
        }
        assert [texts for texts in held.values() if len(texts) != 1] == []
        assert len(states) > 5
