"""A server of PostgreSQL as an operator has it: TLS, passwords, users with few rights, backups, and outages."""

from __future__ import annotations

import os
import shlex
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import database_servers
from tests.database_servers import HOST
from tests.postgresql import PROGRAMS
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld
from tests.system.web_site import until

PASSWORD = "p%@/: 'ä\\never-told"
READER = "r%40-never-told-either"
SECRETS = (PASSWORD, READER)
OWNS = (
    f"CREATE ROLE connector LOGIN PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}'",
    f"CREATE ROLE reader LOGIN PASSWORD '{READER}'",
    "CREATE DATABASE tenant OWNER connector ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0",
    "CREATE DATABASE shared TEMPLATE template0",
)
SCHEMA = (
    "CREATE SCHEMA connector AUTHORIZATION connector",
    "ALTER ROLE reader SET search_path = connector",
    "GRANT USAGE ON SCHEMA connector TO reader",
    "ALTER DEFAULT PRIVILEGES FOR ROLE connector IN SCHEMA connector GRANT SELECT ON TABLES TO reader",
)


@pytest.fixture(scope="module")
def postgresql_over_tls():
    """A server that lets nobody in without TLS and a password, and its authority."""
    with ExitStack() as stack:
        folder = stack.enter_context(database_servers.room())
        files = database_servers.tls_files(folder)
        settings = {"ssl_cert_file": str(files.certificate), "ssl_key_file": str(files.key)}
        server = stack.enter_context(database_servers.one_server(folder, ssl="on", **settings))
        for sql in OWNS:
            server.ask("postgres", sql)
        for sql in SCHEMA:
            server.ask("shared", sql)
        yield server, files.ca


@pytest.fixture
def slapd(tmp_path):
    world = SlapdWorld(tmp_path / "slapd")
    world.user("ann", "joe@contoso.com")
    world.user("bob", "joe@contoso.com")
    yield world
    world.close()


@pytest.fixture
def connector(tmp_path, slapd, postgresql_over_tls):
    """A connector with the password in a file."""
    server, ca = postgresql_over_tls
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    tenant = {"database": url_of(server, ca), "database_password_file": str(file)}
    yield CommandLine(tmp_path, right, tenant=tenant, schedule={"delta": "1s", "sweep": "1h"})
    server.ask("tenant", "DROP OWNED BY connector CASCADE")


def url_of(server, ca, user="connector", database="tenant"):
    return (
        f"postgresql://{user}@{HOST}:{server.port}/{database}?hostaddr=127.0.0.1&sslrootcert={ca}"
    )


def said(connector, *arguments, codes=(0, 1)):
    done = connector.run(*arguments)
    told = done.stdout + done.stderr
    assert done.returncode in codes, (arguments, done.returncode, told)
    assert [secret for secret in SECRETS if secret in told] == []
    return told


def test_a_user_that_owns_its_schema_works_over_tls_and_a_reader_reads(
    connector, postgresql_over_tls
):
    server, ca = postgresql_over_tls
    connector.environ["CONNECTOR__TENANT__DATABASE"] = url_of(server, ca, database="shared")
    checked = said(connector, "check")
    said(connector, "sync")
    status = said(connector, "status")

    connector.environ["CONNECTOR__TENANT__DATABASE"] = url_of(
        server, ca, f"reader:{READER.replace('%', '%25')}", database="shared"
    )
    connector.settings.write_text(
        connector.settings.read_text().replace("database_password_file", "# database_password_file")
    )
    errors = said(connector, "errors", codes=(0, 1))
    refused = said(connector, "tenant", "sweep", codes=(2,))

    assert f"{HOST}:{server.port}/shared, PostgreSQL" in checked
    assert f"postgresql://connector@{HOST}" in status
    assert "joe@contoso.com" in errors
    assert "permission denied" in refused
    assert "Traceback" not in refused


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("postgresql://connector@{host}:{port}/tenant?hostaddr=127.0.0.1", "?sslrootcert=FILE"),
        (
            "postgresql://connector@other.contoso.com:{port}/tenant?hostaddr=127.0.0.1&sslrootcert={ca}",
            "as the certificate has it",
        ),
        (
            "postgresql://nobody@{host}:{port}/tenant?hostaddr=127.0.0.1&sslrootcert={ca}",
            "Check the user in the URL, and the password",
        ),
        (
            "postgresql://connector@{host}:{port}/nowhere?hostaddr=127.0.0.1&sslrootcert={ca}",
            "Make the database first",
        ),
        ("postgresql://connector@127.0.0.1:{port}/tenant?sslmode=disable", "in its pg_hba.conf"),
        ("postgresql://connector@127.0.0.1:1/tenant", "Check that the server runs"),
    ],
    ids=["authority", "name", "user", "database", "no-tls", "nobody-there"],
)
def test_a_server_that_cannot_be_used_is_named_with_the_next_step(
    connector, postgresql_over_tls, url, advice
):
    server, ca = postgresql_over_tls
    connector.environ["CONNECTOR__TENANT__DATABASE"] = url.format(
        host=HOST, port=server.port, ca=ca
    )

    told = said(connector, "status", codes=(2,))

    assert advice in told
    assert told.count("\n") == 1


def test_a_missing_password_file_is_named(connector):
    Path(connector.path / "password").unlink()

    assert "database_password_file" in said(connector, "status", codes=(2,))


def test_the_backup_of_the_document_brings_the_tenant_back(
    connector, slapd, postgresql_over_tls, tmp_path
):
    server, ca = postgresql_over_tls
    page = Path("docs/postgresql.md").read_text(encoding="utf-8")
    commands = [
        line.removeprefix("$ ").replace(
            "postgresql://connector@db.contoso.com/tenant", url_of(server, ca)
        )
        for line in page.splitlines()
        if line.startswith(("$ pg_dump", "$ pg_restore"))
    ]
    environ = {
        **os.environ,
        "PATH": f"{PROGRAMS[-1]}:{os.environ['PATH']}",
        "PGPASSWORD": PASSWORD,
    }

    def run(command):
        subprocess.run(shlex.split(command), check=True, cwd=tmp_path, env=environ, timeout=60)

    before = connector.synced()
    run(commands[0])
    slapd.user("eve", "eve@contoso.com")
    newer = connector.synced()
    run(commands[1])
    after = connector.objects()
    said(connector, "sync")

    assert len(commands) == 2
    assert after == before
    assert connector.objects().keys() == newer.keys() == {*before, "Eve"}
    assert [one["reason"].rpartition(" ")[2] for one in connector.logged("tenant.replaced")] == [
        "backup."
    ]


def test_a_daemon_says_once_that_its_server_is_away_and_goes_on(
    connector, slapd, postgresql_over_tls
):
    server, _ = postgresql_over_tls
    daemon = connector.start("run")
    try:
        until(lambda: connector.logged("cycle.finished"))
        server.stop()
        until(lambda: connector.logged("job.failed"))
        slapd.user("eve", "eve@contoso.com")
        until(lambda: connector.json("daemon", "status")["failing"][0]["times"] > 1)
        server.start()
        until(lambda: [e for e in connector.logged("object.added") if e["name"] == "Eve"])
        until(lambda: connector.logged("tenant.available"))
    finally:
        daemon.terminate()
        told = daemon.communicate(timeout=30)[1]

    failed = connector.logged("job.failed")
    assert [event["reason"] for event in failed] == ["server"]
    assert "Traceback" not in told
    assert [secret for secret in SECRETS if secret in connector.log.read_text() + told] == []
