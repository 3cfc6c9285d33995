"""The lab of compose/docker-compose.yml, built, started and examined through the engine.

All tests share one lab, in any order: each has objects of its own, or looks at constant ones.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.lab.conflicts import QUARANTINED, RELEASED
from connector.lab.records import user, user_dn
from connector.values.ldif import replace
from tests.system import containers
from tests.system.containers import SERVICES, eventually

pytestmark = pytest.mark.containers

USERS = {"directory": 10002, "connector": 10001, "mail": 10003}
VOLUMES = {
    "directory": {"/etc/connector/credentials", "/var/lib/directory"},
    "connector": {"/var/lib/connector"},
    "mail": set(),
}
# Memory that the kernel lends every container.
TEMPORARY = {"/dev/mqueue", "/dev/shm", "/tmp"}  # noqa: S108
DOWN, FORBIDDEN = 4, 50


@pytest.fixture(scope="module")
def engine():
    with containers.engine() as client:
        yield client


class SeenLab(containers.Lab):
    """A lab with what was seen of it when it was new."""

    first_log: str
    first_events: list[dict[str, Any]]
    started: str


@pytest.fixture(scope="module")
def lab(engine):
    with SeenLab(engine) as lab:
        lab.compose("build", "--quiet")
        lab.up()
        eventually(lambda: lab.events("export.quarantined"), "a quarantine in the log")
        lab.first_log = lab.log("connector")
        lab.first_events = lab.events("export.quarantined")
        lab.started = lab.container("directory").attrs["State"]["StartedAt"]
        yield lab


# --- the story ------------------------------------------------------------------------------------


def test_a_quarantine_is_logged_within_a_minute_of_the_start(lab):
    started = datetime.fromisoformat(re.sub(r"\.\d+Z$", "Z", lab.started))
    first = datetime.fromisoformat(lab.first_events[0]["timestamp"])

    assert first - started < timedelta(minutes=1)


def test_the_conflicts_of_the_story_are_quarantined(lab):
    logged = {(event["name"], event["attribute"], event["value"]) for event in lab.first_events}

    assert logged >= set(QUARANTINED)


def test_connector_errors_tells_who_waits_for_whose_value(lab):
    errors = {
        (
            error["object"]["displayName"],
            error["propertyCausingError"],
            error["value"],
            error["conflictsWith"]["displayName"],
        )
        for error in lab.json("errors", "--kind", "quarantine")
    }

    assert {
        ("Second Head", "UserPrincipalName", "JUERGEN.MUELLER@contoso.com", "Jürgen Müller"),
        ("Wide World Importers", "ProxyAddresses", "smtp:all@contoso.com", "All Contoso"),
    } <= errors


def test_the_sweep_gives_back_what_ldapmodify_made_free(lab):
    done = lab.run("directory", "ldapmodify", "-Qf", "/usr/share/lab/resolve.ldif")
    lab.json("sync")
    lab.json("tenant", "sweep")
    errors = {error["value"] for error in lab.json("errors")}

    assert done.code == 0
    assert lab.objects()["User B"]["userPrincipalName"] == "User@contoso.com"
    assert not errors & {value for _, _, value in RELEASED}


def test_the_weekly_mail_arrives_at_the_catcher(lab):
    done = lab.connector("tenant", "report", "--send")

    assert done == (0, "Sent to mail:1025.\n")
    mail = lab.log("mail")
    assert "\nTo: admin@contoso.com\nSubject: Sync errors detected on your Azure AD Connect" in mail
    assert "\nSynchronization to contoso.onmicrosoft.com has " in mail


# --- what each container may ----------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
def test_every_process_is_a_plain_user_without_any_right(service, lab):
    done = lab.run(service, "sh", "-c", "cat /proc/[0-9]*/status")
    facts = Counter(
        line
        for line in done.printed.splitlines()
        if line.startswith(("Uid", "CapPrm", "CapEff", "CapBnd", "NoNewPrivs"))
    )
    number = USERS[service]

    assert facts.keys() == {
        f"Uid:\t{number}\t{number}\t{number}\t{number}",
        "CapPrm:\t0000000000000000",
        "CapEff:\t0000000000000000",
        "CapBnd:\t0000000000000000",
        "NoNewPrivs:\t1",
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_can_write_to_its_volumes_and_nowhere_else(service, lab):
    done = lab.run(
        service,
        *("sh", "-c", "find / -path /proc -prune -o -writable -type d -print 2>/dev/null; true"),
    )
    mine = {"/var/lib/directory": "/var/lib/directory", "/etc": "/etc/connector/credentials"}
    writable = {
        next((top for top in mine.values() if folder.startswith(top)), folder)
        for folder in done.printed.splitlines()
    }

    assert writable == VOLUMES[service] | TEMPORARY


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_written_beside_the_volumes(service, lab):
    changes = {change["Path"] for change in lab.container(service).diff() or []}

    # Where the engine puts its own init.
    assert changes - {"/usr", "/usr/sbin", "/sbin", "/usr/sbin/docker-init"} <= {
        "/sbin/docker-init"
    }


def test_the_connectors_root_file_system_cannot_be_written_to_even_by_root(lab):
    done = lab.run("connector", "touch", "/etc/connector/connector.toml", user="0")

    assert done.code == 1
    assert "Read-only file system" in done.printed


def test_both_databases_lie_on_the_volume(lab):
    (state,) = (
        mount
        for mount in lab.container("connector").attrs["Mounts"]
        if mount["Destination"] == "/var/lib/connector"
    )
    there = lab.run("connector", "ls", "/var/lib/connector").printed.split()

    assert (state["Type"], state["Name"]) == ("volume", f"{lab.project}_state")
    assert {"connector-space.db", "tenant.db"} <= set(there)


def test_only_the_directory_and_the_pages_are_published_and_only_on_this_machine(lab):
    published = {
        (service, port, binding["HostIp"])
        for service in SERVICES
        for port, bindings in lab.container(service).attrs["NetworkSettings"]["Ports"].items()
        for binding in bindings or []
    }

    assert published == {
        ("directory", "1389/tcp", "127.0.0.1"),
        ("connector", "8080/tcp", "127.0.0.1"),
    }


def test_the_pages_are_served_to_who_has_the_password_of_the_lab(lab):
    script = "/opt/connector/bin/python -m connector.lab.browser /health"

    seen = json.loads(lab.run("connector", *script.split()).printed)

    assert seen["heading"] == "Connect Health"
    assert len(seen["tables"]["Run history"]) > 1


@pytest.mark.parametrize(("service", "others"), [("connector", {"web"}), ("mail", set())])
def test_directory_and_mail_are_reached_on_a_network_that_leads_nowhere(service, others, lab):
    networks = lab.container(service).attrs["NetworkSettings"]["Networks"]

    assert set(networks) == {f"{lab.project}_{name}" for name in {"lab", *others}}
    assert lab.client.networks.get(f"{lab.project}_lab").attrs["Internal"]


def test_the_images_hold_no_compiler_no_pip_and_no_package_lists(lab):
    found = lab.run(
        "connector",
        *("sh", "-c", "command -v cc gcc pip pip3; ls /opt/connector/bin /var/lib/apt/lists"),
    )

    assert not {"cc", "gcc", "pip", "pip3"} & set(found.printed.split())
    assert found.printed.endswith("/var/lib/apt/lists:\n")


# --- secrets and TLS ------------------------------------------------------------------------------


def test_no_secret_is_in_an_image_a_description_an_argument_or_a_log(lab, engine):
    secrets = [
        lab.run("directory", "cat", file).printed
        for file in ("admin.password", "/etc/connector/credentials/ldap-password")
    ]
    told = []
    for service in SERVICES:
        container = lab.container(service)
        told += [
            json.dumps([container.attrs, container.image.attrs, container.image.history()]),
            lab.log(service),
            lab.run(service, "sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ").printed,
        ]

    assert [len(secret) for secret in secrets] == [48, 48]
    assert not [text for text in told for secret in secrets if secret in text]


def test_the_connector_may_read_its_own_passwords_and_no_other(lab):
    seen = lab.run("connector", "ls", "/etc/connector/credentials").printed.split()
    mounted = {mount["Destination"] for mount in lab.container("connector").attrs["Mounts"]}

    assert seen == ["ca.pem", "ldap-password", "web-password"]
    assert mounted == {"/etc/connector/credentials", "/var/lib/connector"}


def test_the_connectors_account_cannot_change_the_directory(lab):
    bind = "-x -H ldap://127.0.0.1:1389 -D cn=connector,cn=services"
    password = "-y /etc/connector/credentials/ldap-password"
    change = f"ldapdelete {bind} {password} {user_dn('user.a')}"

    done = lab.run("directory", "sh", "-c", change)

    assert done.code == FORBIDDEN


def test_the_connector_trusts_nobody_but_the_authority_of_the_lab(lab):
    environ = {"CONNECTOR__DIRECTORY__CA_FILE": "/etc/ssl/certs/ca-certificates.crt"}

    done = lab.run("connector", "connector", "sync", "--dry-run", environment=environ)

    assert done.code == DOWN
    assert "certificate" in done.printed


# --- what breaks ----------------------------------------------------------------------------------


def test_a_daemon_that_stands_still_is_not_healthy(lab):
    process = lab.json("daemon", "status")["pid"]
    asked = "kill -STOP {0}; timeout 3 healthy; code=$?; kill -CONT {0}; exit $code"

    stopped = lab.run("connector", "sh", "-c", asked.format(process))
    going = lab.run("connector", "healthy")

    assert stopped.code != 0
    assert going == (0, '{"ready": true, "checks": {"databases": "ok", "imported": "ok"}}\n')


def test_a_connector_that_is_killed_at_work_loses_nothing_and_tells_nothing_twice(lab):
    wanted = set()
    with lab.paused():
        for turn, share in enumerate((0.5, 0.3, 0.7, 0.2, 0.9)):
            seconds, added = add_conflicts(lab, turn)
            wanted |= added
            process = lab.json("daemon", "status")["pid"]
            lab.kill("connector", process, f"kill -USR1 {process}; sleep {seconds * share}")
            if any(run["result"] == "aborted" for run in lab.json("history")):
                break
        else:
            pytest.fail("no kill met the connector at work")
        lab.json("sync")
        different = [row for row in lab.json("verify") if "late" in str(row)]
    numbered = {event["seq"]: event for event in lab.events("export.quarantined")}
    told = Counter(
        (event["name"], event["value"])
        for event in numbered.values()
        if event["name"].startswith("Late")
    )

    assert told == Counter(wanted)
    assert not different


def add_conflicts(lab, turn):
    """Add users in pairs that want one UPN; the second of each pair is not read yet.

    Returns the seconds of the sync of the first ones, and the values that the others will lose.
    """
    upns = {f"{turn}x{number}": f"shared{turn}x{number}@contoso.com" for number in range(1000)}
    lab.change("".join(user(f"first{n}", f"First {n}", upn=upn) for n, upn in upns.items()))
    seconds = lab.json("sync")["seconds"]
    lab.change("".join(user(f"late{n}", f"Late {n}", upn=upn) for n, upn in upns.items()))
    return seconds, {(f"Late {n}", upn) for n, upn in upns.items()}


def test_a_network_that_is_cut_deletes_nothing_and_what_changed_meanwhile_arrives(lab):
    network = lab.client.networks.get(f"{lab.project}_lab")
    before = lab.json("objects", "--type", "contact")
    with lab.paused():
        network.disconnect(lab.container("connector"))
        try:
            lab.change(user("cut.off", "Cut Off"))
            cut = lab.connector("sync")
            last = lab.json("status")["lastRun"]
            objects = lab.json("objects", "--type", "contact")
        finally:
            network.connect(lab.container("connector"), aliases=["connector"])
    told = [event for event in lab.events("directory.unavailable") if event["run"] == last["run"]]

    assert (cut.code, last["result"]) == (DOWN, "no-start-connection")
    assert len(told) == 1
    assert objects == before
    eventually(lambda: "Cut Off" in lab.objects(), "what changed meanwhile arrives")


def test_a_directory_that_is_killed_comes_back_and_is_read_on(lab):
    lab.change(user("before.kill", "Before Kill"))
    process = int(lab.run("directory", "cat", "/var/lib/directory/slapd.pid").printed)
    before = lab.json("objects", "--type", "contact")

    lab.kill("directory", process)
    lab.healthy()
    lab.change(user("after.kill", "After Kill"))

    eventually(lambda: {"Before Kill", "After Kill"} <= lab.objects().keys(), "both arrive")
    assert lab.json("objects", "--type", "contact") == before


def test_down_and_up_again_keeps_the_state(lab):
    lab.change(user("kept", "Kept") + replace(user_dn("kept"), {"title": "Keeper"}))
    lab.json("sync")
    before = lab.objects()
    lab.compose("stop")
    stopped = lab.events("daemon.stopped")
    lab.compose("down")

    lab.up()

    assert [event["reason"] for event in stopped[-1:]] == ["SIGTERM"]
    assert lab.log("seed") == "conflicts: loaded already\n"
    assert {name: item["id"] for name, item in lab.objects().items()}.items() >= {
        name: item["id"] for name, item in before.items() if name != "Joe"
    }.items()
