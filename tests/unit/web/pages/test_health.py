"""Connect Health: what it shows, and what its two buttons do."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from connector.web.pages.health import said, tone
from connector.web.pages.work import swept

PATH = "/health"


def wait_for(page, text):
    deadline = time.monotonic() + 60
    while text not in page().text:
        assert time.monotonic() < deadline, f"{text!r} does not come"
        time.sleep(0.05)


def test_the_runs_are_listed_newest_first_with_what_they_exported(visitor):
    visitor.world.user("a")
    visitor.world.sync()
    visitor.world.user("b")
    visitor.world.user("c")
    visitor.world.sync()

    rows = visitor.page(PATH).rows("Run history")

    assert [[row[0], row[1], row[2], row[5]] for row in rows] == [
        ["2", "delta", "success", "2"],
        ["1", "delta", "success", "1"],
    ]


def test_before_the_first_run_it_says_what_to_do(visitor):
    page = visitor.page(PATH)

    assert "Nothing has run yet." in page.text
    assert "Run duration: no run yet." in page.text


def test_the_counts_of_the_categories_lead_to_them(visitor):
    visitor.world.user("a", upn="x@contoso.com")
    visitor.world.sync()
    visitor.world.user("b", upn="x@contoso.com")
    visitor.world.sync()

    links = visitor.page(PATH).links

    assert links["Duplicate Attribute"] == "/health/sync-errors?category=Duplicate+Attribute"


def test_a_hundred_runs_are_a_page(visitor):
    for _ in range(101):
        visitor.world.sync()

    first = visitor.page(PATH)

    assert len(first.rows("Run history")) == 100
    assert [row[0] for row in visitor.page(first.links["Next page"]).rows("Run history")] == ["1"]


@pytest.mark.parametrize("action", ["/health/sync", "/health/sweep"])
def test_while_another_command_is_at_work_nothing_begins(visitor, action):
    reply = visitor.send(action)  # the world holds the lock

    assert reply.status == 409
    assert b"A run is at work" in reply.body
    assert visitor.performed == []


def test_a_sweep_says_what_it_gave_back(visitor):
    world = visitor.world
    world.user("a", upn="x@contoso.com")
    world.sync()
    world.user("b", upn="x@contoso.com", displayName="Bea")
    world.sync()
    world.directory.remove("uid=a,ou=users,dc=contoso,dc=com")
    world.sync()
    world.stop()

    visitor.carry_out_apart()
    reply = visitor.send("/health/sweep")

    assert (reply.status, reply.headers["Location"]) == (303, "/health#cycle")
    wait_for(lambda: visitor.page(PATH), "The sweep released 1 value: x@contoso.com to Bea")


def test_a_cycle_without_a_daemon_runs_in_a_process_of_its_own(visitor_of):
    visitor = visitor_of(directory={"url": ["ldap://127.0.0.1:1"], "timeout": "1s"})
    visitor.world.stop()

    reply = visitor.send("/health/sync")

    assert (reply.status, reply.headers["Location"]) == (303, "/health#cycle")
    wait_for(lambda: visitor.page(PATH), "finished: no-start-connection")
    assert visitor.performed == []


@pytest.mark.parametrize(
    ("result", "colour"),
    [
        ("success", "good"),
        ("in-progress", "busy"),
        ("completed-export-errors", "warn"),
        ("stopped-import-shrunk", "bad"),
        ("aborted", "bad"),
    ],
)
def test_a_result_has_a_colour_beside_its_name(result, colour):
    assert tone(result) == colour


def test_intervals_are_said_in_their_largest_unit():
    spans = [timedelta(days=1), timedelta(hours=2), timedelta(minutes=30), timedelta(seconds=90)]

    assert [said(span) for span in spans] == ["1 d", "2 h", "30 min", "90 s"]


def test_of_many_released_values_the_first_are_named():
    released = [{"value": f"v{n}", "name": f"N{n}"} for n in range(7)]

    assert swept(released, 1) == (
        "The sweep released 7 values: v0 to N0, v1 to N1, v2 to N2, v3 to N3, v4 to N4 and 2 more; "
        "1 value still waiting."
    )
    assert swept([], 0) == "The sweep released nothing; 0 values still waiting."
