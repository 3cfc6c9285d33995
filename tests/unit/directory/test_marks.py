"""Which cookies of OpenLDAP are trusted, and from when on."""

from __future__ import annotations

import pytest

from connector.directory.marks import Marks, ahead

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def cookie(*times: str) -> bytes:
    marks = (f"{time}.000000Z#000000#{sid:03x}#000000" for sid, time in enumerate(times))
    return f"rid=000,csn={';'.join(marks)}".encode()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    "times",
    [("20270115075959",), ("20270115080459",), ("20260101000000", "20270115080001")],
)
def test_a_cookie_of_now_or_a_little_later_is_trusted(times) -> None:
    assert Marks(Clock()).doubt(cookie(*times)) is None


@pytest.mark.parametrize(
    ("times", "server", "distance"),
    [
        (("20270115080600",), "000", "6 minutes (until 2027-01-15T08:06:00Z)"),
        (("20270115103000",), "000", "2 hours (until 2027-01-15T10:30:00Z)"),
        (("20260101000000", "20270802080000"), "001", "199 days (until 2027-08-02T08:00:00Z)"),
        (("99999999999999",), "000", "for ever"),
    ],
)
def test_a_cookie_from_the_future_is_not_trusted_and_its_mark_is_named(
    times, server, distance
) -> None:
    reason = Marks(Clock()).doubt(cookie(*times))

    assert reason == (
        f"the change mark {times[-1]}.000000Z#000000#{server}#000000 of server {server} lies "
        f"{distance} ahead of the clock of this machine"
    )


@pytest.mark.parametrize("other", [b"", b"rid=000", b"host#cn=x#12", b"rid=000,csn=rubbish"])
def test_what_has_no_mark_is_left_to_others(other) -> None:
    marks = Marks(Clock())

    assert (marks.doubt(other), marks.noted(other, NOW)) == (None, other)


def test_no_marks_are_not_ahead() -> None:
    assert ahead([], NOW) is None


def test_a_cookie_that_was_taken_ahead_of_its_time_stays_doubtful_afterwards() -> None:
    clock = Clock()
    marks = Marks(clock)
    kept = marks.noted(cookie("20270115090000"), clock())
    clock.now += 2 * 3600

    reason = Marks(clock).doubt(kept)

    assert reason is not None
    assert "lay in the future" in reason


def test_a_doubted_mark_is_trusted_only_when_a_read_began_safely_after_it() -> None:
    clock = Clock()
    marks = Marks(clock)
    kept = marks.noted(cookie("20270115090000"), clock())
    trusted = []
    for minutes in (56, 58, 64, 66):
        clock.now = NOW + 60 * minutes
        if marks.doubt(kept):
            kept = marks.noted(cookie("20270115090000"), clock())
        trusted.append(marks.doubt(kept) is None)

    assert trusted == [False, False, False, True]


def test_a_mark_a_little_ahead_is_ordinary_where_nothing_was_doubted() -> None:
    taken = cookie("20270115080200")

    assert Marks(Clock()).noted(taken, NOW) == taken
