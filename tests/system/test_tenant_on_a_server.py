"""The commands of the connector on a tenant in PostgreSQL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld
from tests.system.web_site import Site, children_of

PASSWORD = "Pa55-never-told"


@pytest.fixture
def slapd(tmp_path):
    world = SlapdWorld(tmp_path / "slapd")
    world.user("ann", "joe@contoso.com")
    world.user("bob", "joe@contoso.com")
    yield world
    world.close()


@pytest.fixture
def environ(postgresql):
    """A variable with the URL of a database that is empty, and with a password."""
    name = postgresql.make(migrated=False).parameters["dbname"]
    url = f"postgresql://postgres:{PASSWORD}@/{name}?host={postgresql.folder}"
    return {"CONNECTOR__TENANT__DATABASE": url}


@pytest.fixture
def connector(tmp_path, slapd, environ):
    right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    made = CommandLine(tmp_path, right)
    made.environ |= environ
    return made


def said(connector, *arguments, codes=(0, 1)):
    done = connector.run(*arguments)
    assert done.returncode in codes, (arguments, done.returncode, done.stdout, done.stderr)
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
        said(connector, "backup", str(tmp_path / "copy"), codes=(2,)),
        said(connector, "tenant", "snapshot", "before", codes=(2,)),
        connector.log.read_text(),
    ]

    assert "PostgreSQL" in told[0]
    assert "Tenant           PostgreSQL, postgresql://postgres@/" in told[5]
    assert "Nothing is synced yet" in told[2]
    assert error["value"] == "joe@contoso.com"
    assert "postgresql://postgres@/" in told[8]
    assert "pg_dump" in told[-3]
    assert [text for text in told if PASSWORD in text] == []
    assert list(connector.storage.glob("tenant.db*")) == []


def test_daemon_and_web_serve_it_and_show_the_password_to_nobody(tmp_path, environ):
    site = Site(tmp_path, https=False)
    site.connector.environ |= environ
    app = site.app("writer", "admin")
    group = {
        "displayName": "Lab",
        "mailNickname": "lab",
        "mailEnabled": False,
        "securityEnabled": True,
    }
    with site.running("run") as daemon:
        headers = {
            "Authorization": f"Bearer {site.token(app)}",
            "Content-Type": "application/json",
        }
        made, *_ = site.ask("/v1.0/groups", "POST", headers, json.dumps(group).encode())
        status, _, answer = site.ask("/v1.0/groups?$select=displayName", headers=headers)
        health, _, metrics = site.ask("/metrics")
        shown = [
            Path(f"/proc/{number}/cmdline").read_text()
            for number in (daemon.pid, *children_of(daemon.pid))
        ]

    assert (made, status, health) == (201, 200, 200)
    assert [one["displayName"] for one in json.loads(answer)["value"]] == ["Lab"]
    assert b'connector_database_bytes{database="connector-space.db"}' in metrics
    assert b"connector_tenant_server_bytes " in metrics
    assert [
        text for text in (*shown, site.connector.log.read_text(), str(metrics)) if PASSWORD in text
    ] == []
