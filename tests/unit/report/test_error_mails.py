"""The weekly mail is due once a week, and the mails say what they should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.report.error_mails import (
    ATTEMPT_SUBJECT,
    attempt,
    is_due,
    latest,
    report_link,
    weekly,
)
from connector.settings import WebSettings

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WHEN = "monday 08:00"
LINK = "http://127.0.0.1:8080/health/sync-errors"
MOMENTS = st.integers(-400 * 24, 400 * 24).map(lambda hours: MONDAY + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (MONDAY, MONDAY),
        (MONDAY - timedelta(microseconds=1), MONDAY - timedelta(days=7)),
        (MONDAY + timedelta(days=3), MONDAY),
        (MONDAY + timedelta(days=7), MONDAY + timedelta(days=6, hours=23)),
        (MONDAY + timedelta(days=8), MONDAY + timedelta(days=6)),
        (MONDAY + timedelta(days=1), MONDAY + timedelta(minutes=1)),
    ],
)
def test_latest_moment_and_due_agree(now, last):
    assert is_due(now, last, WHEN) == (last < latest(now, WHEN) <= now)


def test_the_time_has_come_on_monday_at_eight():
    last = MONDAY - timedelta(days=3)

    assert is_due(MONDAY - timedelta(seconds=1), last, WHEN) is False
    assert is_due(MONDAY, last, WHEN) is True


def test_mondays_that_were_missed_make_one_mail():
    now = MONDAY + timedelta(days=23)

    assert is_due(now, MONDAY - timedelta(days=1), WHEN) is True
    assert is_due(now + timedelta(seconds=1), now, WHEN) is False


def test_a_clock_set_back_makes_nothing_due_again():
    assert is_due(MONDAY - timedelta(days=30), MONDAY, WHEN) is False
    assert is_due(MONDAY, MONDAY + timedelta(days=1), WHEN) is False


def test_the_day_and_the_time_are_those_of_the_settings():
    assert latest(MONDAY, "sunday 23:59") == datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
    assert latest(MONDAY, "monday 08:01") == datetime(2026, 11, 16, 8, 1, tzinfo=UTC)


@given(st.lists(MOMENTS, min_size=1, max_size=30), MOMENTS)
def test_two_mails_never_fall_on_the_same_monday_however_the_clock_jumps(moments, last):
    settled = []
    for now in moments:
        if is_due(now, last, WHEN):
            settled.append(latest(now, WHEN))
            last = now

    assert len(set(settled)) == len(settled)


@pytest.mark.parametrize(
    ("errors", "sentence"),
    [
        (1, "Synchronization to contoso.com has 1 sync error that needs your attention."),
        (2, "Synchronization to contoso.com has 2 sync errors that need your attention."),
    ],
)
def test_the_weekly_mail_counts_the_errors(errors, sentence):
    mail = weekly(errors=errors, domain="contoso.com", link=LINK)

    assert mail.body.splitlines()[2] == sentence


def test_the_weekly_mail_has_the_subject_and_the_link_and_names_nobody():
    mail = weekly(errors=2, domain="contoso.onmicrosoft.com", link=LINK)

    assert mail.subject == "Sync errors detected on your Azure AD Connect service"
    assert LINK in mail.body.splitlines()
    assert "2 sync errors" in mail.body


def test_the_mail_of_an_attempt_lists_what_failed():
    error = {
        "anchor": "AA==",
        "name": "Bob",
        "dn": "uid=bob,dc=contoso,dc=com",
        "error": "AttributeValueMustBeUnique",
        "message": "Unable to update this object.",
    }

    mail = attempt(
        [error, {**error, "name": "", "message": None}],
        ended=MONDAY,
        directory="dc=contoso,dc=com",
        domain="contoso.onmicrosoft.com",
        link=LINK,
    )

    assert mail.subject == ATTEMPT_SUBJECT == "Identity Synchronization Error Report"
    assert mail.body.endswith(
        "The batch run was completed on Monday, 23 November 2026 08:00:00 GMT for directory "
        "dc=contoso,dc=com [contoso.onmicrosoft.com].\n\n"
        "The following errors occurred during synchronization:\n\n"
        "Identity: Bob\nError Description: Unable to update this object.\nSource Anchor: AA==\n\n"
        "Identity: uid=bob,dc=contoso,dc=com\nError Description: AttributeValueMustBeUnique\n"
        "Source Anchor: AA==\n"
    )


@pytest.mark.parametrize(
    "name", ["Bob\r\nBcc: eve@evil.example", "Bob\x1b[2J", "Bob\udcff", "B\u202eb"]
)
def test_a_hostile_name_stays_on_its_line(name):
    error = {"anchor": "AA==", "name": name, "error": "X", "message": None}

    mail = attempt([error], ended=MONDAY, directory="dc=x", domain="contoso.com", link=LINK)

    assert all(line.isprintable() for line in mail.body.split("\n"))
    assert sum(line.startswith("Identity: ") for line in mail.body.split("\n")) == 1
    assert mail.body.encode("utf-8")


@pytest.mark.parametrize(
    ("web", "link"),
    [
        (WebSettings(), LINK),
        (WebSettings(listen="0.0.0.0:80"), "http://localhost:80/health/sync-errors"),
        (WebSettings(listen="[::1]:80"), "http://[::1]:80/health/sync-errors"),
        (
            WebSettings(tls_cert=Path("a.crt"), tls_key=Path("a.key")),
            "https://127.0.0.1:8080/health/sync-errors",
        ),
        (
            WebSettings(public_url="https://sync.contoso.com/lab/"),
            "https://sync.contoso.com/lab/health/sync-errors",
        ),
    ],
)
def test_the_link_leads_to_where_people_reach_the_report(web, link):
    assert report_link(web) == link
