"""What people see on a terminal of 80 columns."""

from __future__ import annotations

import re

import pytest

from connector.values import screen
from tests.system import demonstration
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld
from tests.system.terminal import on_a_terminal

USERS = 300
SECONDS, NAME = re.compile(r"\d+\.\d\d"), re.compile(r"Joe \d{3}")


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    """A directory in which 300 users want what one has."""
    world = SlapdWorld(tmp_path_factory.mktemp("slapd"))
    for number in range(USERS + 1):
        world.user(f"joe{number:03d}", upn="joe@contoso.com", displayName=f"Joe {number:03d}")
    yield world
    world.close()


@pytest.fixture
def connector(slapd, tmp_path):
    """A connector that logs to standard error."""
    right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    made = CommandLine(tmp_path, right)
    text = made.settings.read_text().partition("[log]")[0]
    made.settings.write_text(text)
    return made


def test_a_first_sync_prints_a_summary_and_keeps_its_events_in_a_file(connector):
    code, shown = on_a_terminal(80, "sync", environment=connector.environment)

    kept = (connector.storage / "connector.log").read_text()
    assert code == 1
    assert NAME.sub("Joe", SECONDS.sub("0.00", shown)).splitlines() == [
        "Run 1 (delta): completed-export-errors in 0.00 s",
        "Step              Result                   Adds  Quarantined  Seconds",
        "directory-import  success                  301   0            0.00",
        "cloud-import      success                  0     0            0.00",
        "synchronization   success                  301   0            0.00",
        "export            completed-export-errors  301   300          0.00",
        *["Quarantined: UserPrincipalName joe@contoso.com of Joe, held by Joe"] * 10,
        "and 290 more errors: connector errors",
        "Next: 300 values quarantined: connector errors",
    ]
    assert (kept.count("object.added"), kept.count("export.quarantined")) == (USERS + 1, USERS)


def test_a_sync_shows_its_events_when_that_is_asked_for(connector):
    _, shown = on_a_terminal(200, "sync", "-v", environment=connector.environment)

    assert shown.count("object.added") == USERS + 1


@pytest.mark.parametrize("columns", demonstration.COLUMNS)
def test_the_demonstration_looks_as_it_did(columns):
    """Where it is to look otherwise: ``python -m tests.system.demonstration``."""
    expected = demonstration.screen_file(columns).read_text(encoding="utf-8")

    code, shown = demonstration.play(columns)

    assert (code, shown.splitlines()) == (0, expected.splitlines())


def test_no_line_of_the_demonstration_is_broken_within_a_word():
    text = demonstration.screen_file(80).read_text(encoding="utf-8")

    assert [
        line
        for line in text.splitlines()
        if screen.columns_of(line) > 80
        and not line.startswith(("$ ", "    "))
        and len(line.split()) > 1
    ] == []
