"""Three connectors of other sites, and the server of the tenant, as processes that are killed."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, closing, contextmanager

import pytest

from connector.lab.slapd import PrivateSlapd
from connector.tenant.opening import any_store_at
from tests.fakes import SUFFIX
from tests.system.commandline import CommandLine
from tests.system.ldif_world import record
from tests.system.web_site import Site, until

SITES = ("north", "south", "west")
PEOPLE = 200
PATIENCE = 240.0


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


@contextmanager
def served(site, *command):
    """Run ``connector web``, or another command, until the block ends or the process is killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "connector", *(command or ("web",))],
        env=site.connector.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: site.answers("/healthz"))
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def test_nothing_is_lost_and_nothing_twice_when_server_and_connector_are_killed(office, connectors):
    with ExitStack() as stack:
        server = stack.enter_context(served(office))
        syncs = {site: connectors[site].start("sync") for site in SITES}
        for process in syncs.values():
            stack.callback(process.communicate)
            stack.callback(process.kill)
        until(lambda: arrived(office) > PEOPLE // 2)
        server.kill()
        server.wait(PATIENCE)
        syncs["north"].kill()
        stack.enter_context(served(office))
        codes = {site: process.wait(PATIENCE) for site, process in syncs.items()}
        again = [connectors[site].run("sync") for site in SITES for _ in range(2)]
        verified = [connectors[site].run("verify") for site in SITES]
        objects = arrived(office)

    assert codes["north"] in {-signal.SIGKILL, 0, 1}
    # A server that takes more than a minute to start ends their cycles.
    assert {codes[site] for site in SITES[1:]} <= {0, 1, 2}
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


def test_two_servers_on_one_database_serve_the_same_clients(tmp_path, slapd, postgresql):
    """On two machines: what sign-in keeps in the storage folder was copied from one to the other."""
    name = postgresql.make(migrated=False).parameters["dbname"]
    url = f"postgresql://postgres@/{name}?host={postgresql.folder}"
    servers = []
    for number in range(2):
        (tmp_path / f"server{number}").mkdir()
        servers.append(Site(tmp_path / f"server{number}", https=False))
        servers[number].connector.environ["CONNECTOR__TENANT__DATABASE"] = url
    first, second = servers
    reader, branch = first.app("reader"), first.app("branch", "synchronization")
    with served(first):
        headers = {"Authorization": f"Bearer {first.token(reader)}"}
        second.connector.storage.mkdir()
        for file in ("web-apps.json", "web-key.pem"):
            shutil.copy(first.connector.storage / file, second.connector.storage)
        with served(second):
            runs, rounds = [], []
            link = "/v1.0/users/delta"
            for server in (first, second, first):
                (tmp_path / "branch").mkdir(exist_ok=True)
                runs.append(_branch(tmp_path / "branch", slapd, server, branch).run("sync"))
                status, _, body = server.ask(link, headers=headers, seconds=60)
                found = json.loads(body)
                while "@odata.nextLink" in found:
                    link = found["@odata.nextLink"].partition(str(server.port))[2]
                    status, _, body = server.ask(link, headers=headers, seconds=60)
                    found = json.loads(body)
                rounds.append(status)
                link = found["@odata.deltaLink"].partition(str(server.port))[2]
            slapd.apply(f"dn: uid=user1,ou=north,{SUFFIX}\nchangetype: delete\n")
            runs.append(_branch(tmp_path / "branch", slapd, second, branch).run("sync"))
            status, _, body = second.ask(link, headers=headers, seconds=60)
            last = json.loads(body)["value"]

    assert [done.returncode for done in runs] == [0] * 4, runs
    assert rounds == [200] * 3
    assert ["@removed" in one for one in last] == [True]


def _branch(path, slapd, server, app):
    (path / "tenant-secret").write_text(app["clientSecret"])
    directory = {
        "url": slapd.url,
        "base_dn": f"ou=north,{SUFFIX}",
        "bind_dn": slapd.admin,
        "password": slapd.password_file.read_text(),
    }
    tenant = {"url": f"http://127.0.0.1:{server.port}", "client_id": app["clientId"]}
    return CommandLine(path, directory, tenant=tenant)


def test_daemons_work_on_both_sides_and_the_site_that_has_the_tenant_sweeps_it(office, connectors):
    branch = connectors["west"]
    with served(office, "run"):
        daemon = branch.start("run")
        try:
            until(lambda: branch.logged("cycle.finished"))
            until(lambda: office.events("sweep.finished"))
            status = branch.json("status")
            refused = branch.run("tenant", "sweep")
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.communicate(timeout=PATIENCE)
        objects = arrived(office)

    [cycle] = branch.logged("cycle.finished")
    assert (cycle["result"], cycle["adds"], objects) == ("success", PEOPLE, PEOPLE)
    assert status["objects"]["user"] == PEOPLE
    assert (refused.returncode, "ask there" in refused.stderr) == (2, True)
    told = {event["event"] for event in branch.events()}
    assert not told & {"sweep.finished", "daemon.failed"}
    assert [event["job"] for event in branch.logged("job.failed")] in ([], ["sweep"])


def test_a_daemon_that_starts_before_the_server_of_its_tenant_goes_on_when_that_answers(
    office, connectors
):
    branch = connectors["north"]
    daemon = branch.start("run")
    try:
        until(lambda: branch.json("daemon", "status")["state"] == "waiting")
        refused = branch.run("sync")
        with served(office):
            until(lambda: branch.logged("cycle.finished"))
            state = branch.json("daemon", "status")
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.communicate(timeout=PATIENCE)

    assert (daemon.returncode, refused.returncode) == (0, 2)
    assert "does not answer" in refused.stderr
    assert state["failing"] == []
    told = [
        (event["event"], event.get("job"))
        for event in branch.events()
        if event["event"] in {"daemon.started", "job.failed", "tenant.available", "daemon.stopped"}
    ]
    assert told == [
        ("daemon.started", None),
        ("job.failed", "start"),
        ("tenant.available", None),
        ("daemon.stopped", None),
    ]


def test_commands_say_what_the_server_says_and_where_to_ask(office, connectors):
    connector = connectors["south"]
    with served(office):
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
                "explain user1",
                "sync --dry-run",
                "tenant sweep",
                "web",
                "settings show",
            )
        }
        secret = (connector.path / "tenant-secret").read_text()
    away = connector.run("status")

    refused = [name for name, done in told.items() if "ask there" in done.stderr]
    assert refused == ["tenant sweep", "web"]
    assert {told[name].returncode for name in refused} == {2}
    assert [told[name].returncode for name in told if name not in refused] == [0] * 11, told
    assert f"https://localhost:{office.port}, tenant " in told["check"].stdout
    assert "200 users" in told["status"].stdout
    assert (away.returncode, "does not answer" in away.stderr) == (2, True)
    everything = [done.stdout + done.stderr for done in told.values()]
    assert not [text for text in (*everything, connector.log.read_text()) if secret in text]
