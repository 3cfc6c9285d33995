"""Three connectors of other sites, and the server of the tenant, as processes that are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing

import pytest

from connector.lab.slapd import PrivateSlapd
from connector.tenant.opening import any_store_at
from tests.fakes import SUFFIX
from tests.system.commandline import CommandLine
from tests.system.ldif_world import record
from tests.system.web_site import Site, until

SITES = ("north", "south", "west")
PEOPLE = 200


@pytest.fixture
def slapd(tmp_path):
    """A directory with a part for each site, in which the same names want the same UPNs."""
    server = PrivateSlapd(tmp_path / "slapd")
    server.load(_records())
    server.start()
    yield server
    server.stop()


def _records():
    yield record(SUFFIX, ["dcObject", "organization"], {"dc": "contoso", "o": "Contoso"})
    for site in SITES:
        below = f"ou={site},{SUFFIX}"
        yield record(below, ["organizationalUnit"], {"ou": site})
        for number in range(PEOPLE):
            name = f"user{number}"
            values = {
                "uid": name,
                "cn": name,
                "sn": name,
                "displayName": f"{name} {site}",
                "userPrincipalName": f"{name}@contoso.com",
            }
            classes = ["inetOrgPerson", "onPremRecipient"]
            yield record(f"uid={name},{below}", classes, values)


@pytest.fixture
def office(tmp_path):
    (tmp_path / "office").mkdir()
    return Site(tmp_path / "office")


@pytest.fixture
def connectors(tmp_path, slapd, office):
    found = {}
    for site in SITES:
        app = office.app(site, "synchronization")
        (tmp_path / site).mkdir()
        (tmp_path / site / "tenant-secret").write_text(app["clientSecret"])
        directory = {
            "url": slapd.url,
            "base_dn": f"ou={site},{SUFFIX}",
            "bind_dn": slapd.admin,
            "password": slapd.password_file.read_text(),
        }
        tenant = {
            "url": f"https://localhost:{office.port}",
            "ca_file": str(office.connector.path / "tls" / "web-ca.pem"),
            "client_id": app["clientId"],
        }
        found[site] = CommandLine(tmp_path / site, directory, tenant=tenant)
        found[site].module = "tests.system.small_batches"
    return found


def arrived(office):
    """Count the objects of the tenant, past the server."""
    file = office.connector.storage / "tenant.db"
    with closing(any_store_at(file, read_only=True)) as store:
        return store.questions.counts().user


def serving(office):
    """Start the server, and wait until it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "connector", "web"],
        env=office.connector.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: office.answers("/healthz"))
    return process


def test_nothing_is_lost_and_nothing_twice_when_server_and_connector_are_killed(office, connectors):
    server = serving(office)
    try:
        syncs = {site: connectors[site].start("sync") for site in SITES}
        until(lambda: arrived(office) > PEOPLE // 2)
        server.kill()
        server.wait()
        syncs["north"].send_signal(signal.SIGKILL)
        server = serving(office)
        errors = {site: process.communicate(timeout=120)[1] for site, process in syncs.items()}
        codes = {site: process.returncode for site, process in syncs.items()}
        again = [connectors[site].run("sync") for site in SITES for _ in range(2)]
        verified = [connectors[site].run("verify") for site in SITES]
        objects = arrived(office)
    finally:
        server.terminate()
        server.wait()

    assert codes["north"] in {-signal.SIGKILL, 0, 1}
    assert [codes[site] in {0, 1} for site in SITES[1:]] == [True, True], errors
    assert [done.returncode in {0, 1} for done in again] == [True] * 6, again
    assert [done.returncode for done in verified] == [0] * 3, [one.stdout for one in verified]
    assert objects == PEOPLE * len(SITES)
    told = Counter(
        (site, event["anchor"])
        for site in SITES
        for event in connectors[site].logged("export.quarantined")
    )
    assert set(told.values()) == {1}
    assert len(told) == PEOPLE * (len(SITES) - 1)


def test_commands_say_what_the_server_says_and_where_to_ask(office, connectors):
    connector = connectors["south"]
    with office.running():
        told = {
            name: connector.run(*name.split())
            for name in (
                "check",
                "sync",
                "status",
                "tenant clients",
                "history",
                "errors",
                "objects",
                "show user1",
                "sync --dry-run",
                "tenant sweep",
                "web",
                "settings show",
            )
        }
        secret = (connector.path / "tenant-secret").read_text()
    away = connector.run("status")

    refused = [name for name, done in told.items() if "ask there" in done.stderr]
    assert refused == ["errors", "objects", "show user1", "sync --dry-run", "tenant sweep", "web"]
    assert {told[name].returncode for name in refused} == {2}
    assert [told[name].returncode for name in told if name not in refused] == [0] * 6, told
    assert f"https://localhost:{office.port}, tenant " in told["check"].stdout
    assert "200 users" in told["status"].stdout
    assert (away.returncode, "does not answer" in away.stderr) == (2, True)
    everything = [done.stdout + done.stderr for done in told.values()]
    assert not [text for text in (*everything, connector.log.read_text()) if secret in text]
