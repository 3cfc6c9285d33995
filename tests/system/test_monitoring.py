"""Prometheus with the alerts of compose/monitoring, beside real daemons, and over a made-up time."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.parse
import urllib.request
from contextlib import contextmanager

import pytest

from tests import documents
from tests.ports import free_port
from tests.system.commandline import CommandLine
from tests.system.installed import demand, program
from tests.system.slapd_world import SlapdWorld
from tests.system.test_daemon import Daemon, until
from tests.test_monitoring import DASHBOARD, NAMES, queries

pytestmark = pytest.mark.prometheus

FOLDER = documents.ROOT / "compose" / "monitoring"
OVER_TIME = documents.ROOT / "tests" / "system" / "alerts.yml"
CONNECTOR, INTERVAL = "connector:8080", "15s"
SEEN = "connector_failing_jobs and on () count(up == 1) == 2"


@contextmanager
def prometheus(path, *targets):
    """Prometheus with the shipped configuration, but for other targets and a shorter interval."""
    demand(["prometheus", "promtool"], "prometheus")
    shipped = (FOLDER / "prometheus.yml").read_text(encoding="utf-8")
    config = shipped.replace(f'"{CONNECTOR}"', json.dumps(targets)[1:-1]).replace(INTERVAL, "1s")
    assert all(target in config for target in targets)
    (path / "prometheus.yml").write_text(config)
    (path / "alerts.yml").write_text((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
    address = f"127.0.0.1:{free_port()}"
    options = {
        "--config.file": path / "prometheus.yml",
        "--storage.tsdb.path": path / "data",
        "--web.listen-address": address,
    }
    process = subprocess.Popen(
        [program("prometheus"), *(f"{name}={value}" for name, value in options.items())],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


def asked(address, path, **query):
    """What Prometheus answers; None while it does not."""
    try:
        url = f"http://{address}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]
    except OSError:
        return None


class Watched:
    """A healthy daemon, one in trouble, and a Prometheus that watches both."""

    def __init__(self, address, healthy, troubled):
        self.address, self.healthy, self.troubled = address, healthy, troubled

    def ask(self, path, **query):
        return asked(self.address, path, **query)

    def alerts(self, instance):
        """The names of the alerts that fire, or will when enough time has passed."""
        found = self.ask("alerts")["alerts"]
        return {
            each["labels"]["alertname"]
            for each in found
            if each["labels"].get("instance") == instance
        }

    def labels(self):
        """The labels of every metric of the connector, as Prometheus has them."""
        found: dict[str, set[str]] = {}
        for series in self.ask("series", **{"match[]": '{job="connector"}'}):
            found.setdefault(series["__name__"], set()).update(series.keys() - {"__name__"})
        return found


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    path = tmp_path_factory.mktemp("monitoring")
    world = SlapdWorld(path / "slapd")
    world.user("ann")
    gone = world.user("gone")
    healthy = Monitored(path / "healthy", world)
    world.user("bob", upn="ann@contoso.com")
    troubled = Monitored(
        path / "troubled",
        world,
        schedule={"delta": "1s"},
        tenant={"resiliency": False},
        safety={"delete_threshold": 0},
    )
    with prometheus(path, healthy.address, troubled.address) as address:
        try:
            until(lambda: healthy.number("connector_last_success_age_seconds") is not None)
            until(lambda: troubled.number("connector_failed_objects"))
            world.remove(gone)
            until(lambda: troubled.number("connector_held_deletions"))
            (path / "troubled" / "password").write_text("")
            until(lambda: troubled.number("connector_failing_jobs"))
            until(lambda: troubled.number("connector_last_success_age_seconds") > 3)
            until(lambda: (asked(address, "query", query=SEEN) or {}).get("result"))
            yield Watched(address, healthy.address, troubled.address)
        finally:
            healthy.daemon.stop()
            troubled.daemon.stop()
            world.close()


class Monitored:
    """A daemon with a password file of its own that answers monitors on a free port."""

    def __init__(self, path, world, **sections):
        path.mkdir()
        self.address = f"127.0.0.1:{free_port()}"
        (path / "password").write_text(world.password)
        right = {"url": world.slapd.url, "bind_dn": world.slapd.admin}
        right["password_file"] = str(path / "password")
        sections = {"schedule": {"delta": "1h"}, "web": {"listen": self.address}, **sections}
        self.daemon = Daemon(CommandLine(path, right, **sections)).started()

    def number(self, metric):
        """The first value of a metric; None where there is none."""
        with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        found = re.search(rf"^{metric}(?:{{.*}})? (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else None


def test_each_alert_fires_when_it_has_to_and_not_before():
    done = subprocess.run(
        [program("promtool"), "test", "rules", OVER_TIME],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_prometheus_takes_the_alerts_as_they_are_shipped(watched):
    (group,) = watched.ask("rules")["groups"]

    assert [rule["name"] for rule in group["rules"]] == NAMES
    assert [rule["name"] for rule in group["rules"] if rule["health"] == "err"] == []


def test_alerts_and_dashboard_name_only_labels_that_a_real_daemon_shows(watched):
    # The daemon that is watched has its tenant in a file.
    known = {**watched.labels(), "connector_tenant_server_bytes": {"instance"}}
    (group,) = watched.ask("rules")["groups"]
    wanted = [rule["query"] for rule in group["rules"]] + list(queries())
    wrong = []
    for query in wanted:
        metrics = re.findall(r"\bconnector_\w+|\bup\b", query)
        labels = set(re.findall(r"(\w+)\s*=~?\s*\"", query)) - {"alertname", "alertstate"}
        for listed in re.findall(r"\b(?:by|on|group_left|without) \(([^)]*)\)", query):
            labels |= {label.strip() for label in listed.split(",")}
        have = set().union(*(known.get(metric, set()) for metric in metrics))
        wrong += [(query, metric) for metric in metrics if metric not in known]
        wrong += [(query, label) for label in sorted(labels - have) if metrics]

    assert wrong == []


def test_prometheus_understands_every_query_of_the_dashboard(watched):
    asked_for = [query for query in queries() if not query.startswith("label_values(")]
    answers = {
        query: watched.ask("query", query=query.replace("$instance", ".*")) for query in asked_for
    }

    assert [query for query, answer in answers.items() if answer is None] == []
    assert len(asked_for) > len(DASHBOARD["panels"])


def test_a_daemon_in_good_health_alerts_nobody(watched):
    until(lambda: watched.alerts(watched.troubled))

    assert watched.alerts(watched.healthy) == set()


def test_a_daemon_in_trouble_alerts_for_each_of_its_troubles(watched):
    expected = {
        "ConnectorNotSyncing",
        "ConnectorJobFailing",
        "ConnectorDeletionsHeld",
        "ConnectorObjectsFail",
    }
    until(lambda: watched.alerts(watched.troubled) >= expected)

    assert watched.alerts(watched.troubled) == expected


def test_what_a_daemon_shows_is_what_prometheus_recommends(watched):
    with urllib.request.urlopen(f"http://{watched.healthy}/metrics", timeout=10) as answer:
        shown = answer.read()
    done = subprocess.run(
        [program("promtool"), "check", "metrics"], input=shown, capture_output=True, check=False
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, b"")
