"""The alerts and the dashboard of compose/monitoring name metrics that are there, and say what to do."""

from __future__ import annotations

import json
import re
from itertools import combinations

import pytest

from tests import documents, inventory

FOLDER = documents.ROOT / "compose" / "monitoring"
ALERTS = (FOLDER / "alerts.yml").read_text(encoding="utf-8")
OVER_TIME = (documents.ROOT / "tests" / "system" / "alerts.yml").read_text(encoding="utf-8")
DASHBOARD = json.loads((FOLDER / "grafana" / "dashboards" / "connector.json").read_text("utf-8"))
NAMES = re.findall(r"^ +- alert: (\w+)$", ALERTS, re.MULTILINE)
HISTOGRAM = ("_bucket", "_count", "_sum")


def metrics_in(text):
    found = re.findall(r"\bconnector_\w+", text)
    return {re.sub(f"({'|'.join(HISTOGRAM)})$", "", name) for name in found}


def panels():
    return {panel["title"]: panel for panel in DASHBOARD["panels"]}


def queries():
    """Every query of the dashboard: those of its panels, its variables and its annotations."""
    yield from (target["expr"] for panel in panels().values() for target in panel["targets"])
    yield from (mark["expr"] for mark in DASHBOARD["annotations"]["list"])
    yield from (
        variable["query"]["query"]
        for variable in DASHBOARD["templating"]["list"]
        if variable["type"] == "query"
    )


def test_every_alert_has_its_line_in_the_guide_and_none_that_is_not_there():
    rows = documents.table("docs/operations.md", "Alerts")

    assert [row[0].strip("`") for row in rows] == NAMES
    assert [row[0] for row in rows if not all(row)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_alert_says_how_bad_it_is_and_where_the_guide_is(name):
    rule = ALERTS.split(f"- alert: {name}\n", 1)[1].split("- alert: ", 1)[0]

    assert re.search(r"severity: (critical|warning)", rule)
    assert 'runbook: "docs/operations.md#alerts"' in rule
    assert re.search(r'summary: ".+\."\n', rule)


@pytest.mark.parametrize("name", NAMES)
def test_every_alert_is_tried_when_it_has_to_fire_and_when_it_must_not(name):
    tried = re.findall(rf"alertname: {name}\n +exp_alerts:( \[\])?\n", OVER_TIME)

    assert set(tried) == {"", " []"}


def test_alerts_and_dashboard_name_only_metrics_that_are_there():
    named = metrics_in(ALERTS) | set().union(*map(metrics_in, queries()))

    assert named - inventory.metrics() == set()


def test_every_metric_is_on_the_dashboard():
    shown = set().union(*map(metrics_in, queries()))

    assert inventory.metrics() - shown - {"connector_last_success_timestamp_seconds"} == set()


def test_every_panel_has_a_title_of_its_own_and_says_what_it_shows():
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]

    assert len(panels()) == len(DASHBOARD["panels"]) == len(set(numbers))
    assert [title for title, panel in panels().items() if not panel["description"]] == []


def test_no_panel_lies_on_another_one_or_outside():
    places = {title: cells(panel["gridPos"]) for title, panel in panels().items()}

    assert [pair for pair in combinations(places, 2) if places[pair[0]] & places[pair[1]]] == []
    assert max(x for taken in places.values() for x, _ in taken) < 24


def cells(place):
    columns = range(place["x"], place["x"] + place["w"])
    return {(x, y) for x in columns for y in range(place["y"], place["y"] + place["h"])}
