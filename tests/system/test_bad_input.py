"""Faults from outside give one clear error with the next step, and lose nothing."""

from __future__ import annotations

import socket
import sqlite3

import pytest

from tests.fakes import SUFFIX
from tests.system.commandline import CommandLine
from tests.system.proxy import WITHIN_AN_ENTRY, Fault, Proxy
from tests.system.slapd_world import SlapdWorld


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    world = SlapdWorld(tmp_path_factory.mktemp("slapd"))
    world.user("ann", proxyAddresses=["SMTP:ann@contoso.com"])
    world.user("bob")
    yield world
    world.close()


@pytest.fixture
def connector_with(slapd, tmp_path):
    """Make a command line; ``directory`` settings replace the correct ones."""

    def make(directory=None, **sections):
        right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
        return CommandLine(tmp_path, {**right, **(directory or {})}, **sections)

    return make


def refused(connector, *words, code, arguments=("sync",)):
    """Run a command that must fail with this code, in one message that has these words."""
    done = connector.run(*arguments)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    said = (
        done.stdout
        + done.stderr
        + "".join(e["message"] for e in connector.logged("directory.unavailable"))
    )
    assert "Traceback" not in said
    assert [word for word in words if word not in said] == []
    return said


def test_a_wrong_password_is_told_and_never_shown(connector_with):
    connector = connector_with({"password": "not-the-secret"})

    said = refused(connector, f"cn=admin,{SUFFIX}", "password", code=4)

    assert "not-the-secret" not in said + connector.log.read_text()


def test_a_wrong_base_is_named(connector_with):
    refused(connector_with({"base_dn": "ou=nowhere,dc=contoso,dc=com"}), "ou=nowhere", code=4)


def test_a_server_that_cannot_be_reached_is_named(connector_with):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"ldap://127.0.0.1:{unused.getsockname()[1]}"

        refused(connector_with({"url": url}), url, code=4)


def test_an_unknown_setting_is_named_with_the_one_that_was_meant(connector_with):
    refused(connector_with({"bse_dn": SUFFIX}), "directory.bse_dn", "base_dn", code=2)


def test_all_wrong_settings_are_told_at_once(connector_with):
    connector = connector_with({"timeout": "soon"}, schedule={"delta": "1 fortnight"}, nonsense={})

    refused(connector, "directory.timeout", "schedule.delta", "nonsense", code=2)


def test_a_server_killed_in_the_middle_of_a_refresh_changes_nothing(connector_with, slapd):
    good = connector_with()
    good.json("sync")
    before = good.objects()
    with Proxy(slapd.slapd.url, Fault("cut", WITHIN_AN_ENTRY)) as proxy:
        cut = CommandLine(
            good.path,
            {"url": proxy.url, "bind_dn": slapd.slapd.admin, "password": slapd.password},
        )

        refused(cut, proxy.url, code=4, arguments=("sync", "--policy", "initial"))

    assert connector_with().objects() == before


def test_a_corrupt_database_is_named_with_what_to_do(connector_with):
    connector = connector_with()
    connector.storage.mkdir()
    (connector.storage / "connector-space.db").write_bytes(b"this is not a database" * 100)

    refused(connector, "connector-space.db", "restore a backup", code=2)


def test_a_page_of_the_database_that_is_damaged_is_told(connector_with):
    connector = connector_with()
    connector.json("sync")
    path = connector.storage / "tenant.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (size - 8192))

    refused(connector, "malformed", "damaged", code=2, arguments=("objects",))


def test_a_database_that_cannot_be_opened_is_named(connector_with):
    connector = connector_with()
    (connector.storage / "connector-space.db").mkdir(parents=True)

    refused(connector, "connector-space.db", "unable to open", code=2)


def test_a_database_of_a_newer_version_is_refused(connector_with):
    connector = connector_with()
    connector.json("sync")
    with sqlite3.connect(connector.storage / "connector-space.db") as database:
        database.execute(
            """INSERT INTO _sqlite_migrations (migration_set, name, applied_at)
               VALUES ('staging', '9999_future', '')"""
        )

    refused(connector, "newer version", "9999_future", code=2)


def test_a_full_disk_stops_the_run_and_loses_nothing(connector_with, slapd):
    connector = connector_with()
    connector.json("sync")
    before = connector.objects()
    names = [f"many{number}" for number in range(300)]
    slapd.slapd.apply("".join(map(_user, names)))
    largest = max(file.stat().st_size for file in connector.storage.iterdir())

    done = connector.run("sync", wrapper=("prlimit", f"--fsize={largest + 65536}"))
    after_failure = connector.objects()
    repaired = connector.json("sync")

    slapd.slapd.apply("".join(f"dn: {_dn(name)}\nchangetype: delete\n\n" for name in names))
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert "disk" in done.stderr
    assert after_failure == before
    assert (repaired["result"], len(connector.objects())) == ("success", len(before) + 300)


def test_malformed_addresses_do_not_stop_anything(connector_with, slapd):
    bad = slapd.user("bad", proxyAddresses=["SMTP: bad address@contoso.com", "no-prefix"])
    connector = connector_with()

    run = connector.json("sync")

    slapd.remove(bad)
    objects = connector.objects()
    assert (run["result"], set(objects)) == ("success", {"Ann", "Bob", "Bad"})
    assert objects["Bad"]["proxyAddresses"] == []


def _dn(name: str) -> str:
    return f"uid={name},ou=users,{SUFFIX}"


def _user(name: str) -> str:
    return (
        f"dn: {_dn(name)}\nobjectClass: inetOrgPerson\nobjectClass: onPremRecipient\nuid: {name}\n"
        f"cn: {name}\nsn: {name}\nuserPrincipalName: {name}@contoso.com\ndescription: {'x' * 400}\n\n"
    )
