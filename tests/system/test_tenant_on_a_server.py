"""The commands of the connector on a tenant in PostgreSQL."""

from __future__ import annotations

import pytest

from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld

PASSWORD = "Pa55-never-told"


@pytest.fixture
def slapd(tmp_path):
    world = SlapdWorld(tmp_path / "slapd")
    world.user("ann", "joe@contoso.com")
    world.user("bob", "joe@contoso.com")
    yield world
    world.close()


@pytest.fixture
def connector(tmp_path, slapd, postgresql):
    """A connector whose environment has the URL with a password."""
    right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    with postgresql.database() as server:
        made = CommandLine(tmp_path, right)
        name = server.parameters["dbname"]
        made.environ["CONNECTOR__TENANT__DATABASE"] = (
            f"postgresql://postgres:{PASSWORD}@/{name}?host={postgresql.folder}"
        )
        yield made


def said(connector, *arguments, code=0):
    done = connector.run(*arguments)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def test_every_command_works_on_it_and_none_tells_the_password(connector, slapd, tmp_path):
    plan = tmp_path / "plan.json"
    told = [
        said(connector, "check"),
        said(connector, "sync", "--dry-run"),
        said(connector, "status"),
        said(connector, "sync"),
        said(connector, "sync"),
        said(connector, "status"),
        said(connector, "show", "Ann"),
        said(connector, "tenant", "sweep"),
        said(connector, "settings", "show"),
        said(connector, "settings", "show", "--json"),
        said(connector, "tenant", "clients"),
    ]
    [error] = connector.json("errors", codes=(0, 1))
    slapd.user("eve", "eve@contoso.com")
    told += [
        said(connector, "sync", "--plan", str(plan)),
        plan.read_text(),
        said(connector, "sync", "--apply", str(plan)),
        said(connector, "show", "Eve"),
        said(connector, "backup", str(tmp_path / "copy"), code=2),
        said(connector, "tenant", "snapshot", "before", code=2),
        connector.log.read_text(),
    ]

    assert "PostgreSQL" in told[0]
    assert "Nothing is synced yet" in told[2]
    assert error["value"] == "joe@contoso.com"
    assert "postgresql://postgres@/" in told[8]
    assert "pg_dump" in told[-3]
    assert [text for text in told if PASSWORD in text] == []
    assert list(connector.storage.glob("tenant.db*")) == []
