"""A hundred refusals a minute are told, and how many were not."""

from __future__ import annotations

from connector.web.told import MOST, Allowance


def test_what_is_too_much_is_counted_and_told_with_the_next_event():
    now = [0.0]
    allowance = Allowance(monotonic=lambda: now[0])
    first = [allowance.take() for _ in range(MOST + 7)]
    now[0] = 60.0
    later = [allowance.take(), allowance.take()]

    assert (first, later) == ([0] * MOST + [None] * 7, [7, 0])


def test_a_flood_of_refused_requests_is_told_in_a_hundred_lines(web):
    for _ in range(MOST + 50):
        web.ask("GET", "/v1.0/users")

    assert len(web.told("web.refused")) == MOST
