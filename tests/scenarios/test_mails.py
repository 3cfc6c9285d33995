"""The mails of the seed: weekly with resiliency, at each attempt without it."""

from __future__ import annotations

import email
from datetime import timedelta
from email.policy import default

import pytest

from connector.operations.requests import perform
from connector.report.delivery import send_weekly_if_due

ERROR_REPORT = "http://127.0.0.1:8080/health/sync-errors"


def mails(world):
    """The mails that were written so far, oldest first."""
    files = sorted(
        world.settings.storage.path.glob("mail/*.eml"), key=lambda f: f.stat().st_mtime_ns
    )
    return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]


def days(world, number):
    """Let the daemon look at the clock once an hour for some days."""
    for _ in range(24 * number):
        world.time += timedelta(hours=1)
        assert send_weekly_if_due(world.parts)


def conflict(world):
    world.user("ann", upn="joe@contoso.com")
    world.sync()
    world.user("bob", upn="joe@contoso.com")
    world.sync()


def sync(world):
    world.time += timedelta(minutes=30)
    return perform(world.parts, {"command": "sync"})


def test_a_generic_mail_with_a_link_is_sent_every_monday(world):
    """A generic error report email is sent every Monday with the subject "Sync errors detected on your
    Azure AD Connect service" which contains a link to the Sync Error report in Azure AD Connect
    Health portal."""
    conflict(world)

    days(world, 15)

    sent = mails(world)
    assert [mail["Subject"] for mail in sent] == [
        "Sync errors detected on your Azure AD Connect service"
    ] * 2
    assert [mail["Date"].datetime.strftime("%A") for mail in sent] == ["Monday", "Monday"]
    assert ERROR_REPORT in sent[0].get_content().splitlines()


def test_the_weekly_mail_names_no_object_and_no_value(world):
    """A generic error report email ..."""
    conflict(world)

    days(world, 7)

    [mail] = mails(world)
    assert not any(text in mail.as_string() for text in ("Ann", "Bob", "joe@"))


def test_there_is_no_mail_while_there_is_no_error(world):
    world.user("ann")
    world.sync()

    days(world, 8)

    assert mails(world) == []


def test_an_error_after_monday_waits_for_the_next(world):
    days(world, 8)
    conflict(world)

    days(world, 5)
    before = len(mails(world))
    days(world, 2)

    assert (before, len(mails(world))) == (0, 1)


def test_a_restart_sends_no_second_mail(world):
    conflict(world)
    days(world, 7)

    world.restart()
    days(world, 1)

    assert len(mails(world)) == 1


def test_mondays_without_a_daemon_make_one_mail(world):
    conflict(world)
    assert send_weekly_if_due(world.parts)

    world.time += timedelta(days=30)
    days(world, 1)

    assert len(mails(world)) == 1


def test_a_clock_set_back_sends_no_second_mail(world):
    conflict(world)
    days(world, 8)

    world.time -= timedelta(days=3)
    days(world, 6)

    assert len(mails(world)) == 1


def test_monday_comes_with_the_tenants_clock(world):
    conflict(world)
    assert send_weekly_if_due(world.parts)

    world.tenant.clock.advance(timedelta(days=7))
    assert send_weekly_if_due(world.parts)

    assert len(mails(world)) == 1
    assert [event["kind"] for event in world.logged("report.sent")] == ["weekly"]


def test_the_report_can_be_sent_on_demand_beside_the_weekly_one(world):
    conflict(world)

    answer = perform(world.parts, {"command": "report"})
    days(world, 7)

    assert answer["errors"] == 1
    assert answer["sent"].endswith(".eml")
    assert len(mails(world)) == 2


def test_with_resiliency_an_attempt_makes_no_mail(world):
    world.user("ann", upn="joe@contoso.com")
    sync(world)
    world.user("bob", upn="joe@contoso.com")

    sync(world)

    assert mails(world) == []


def test_old_a_mail_was_generated_upon_each_attempt(world_with):
    """An error report email was generated upon each attempt and an error was logged by the sync
    client."""
    world = world_with(tenant={"resiliency": False})
    world.user("ann", upn="joe@contoso.com")
    sync(world)
    bob = world.user("bob", upn="joe@contoso.com")

    sync(world)
    sync(world)
    world.directory.modify(bob, userPrincipalName="bob@contoso.com")
    sync(world)

    sent = mails(world)
    assert [mail["Subject"] for mail in sent] == ["Identity Synchronization Error Report"] * 2
    assert "Identity: Bob" in sent[0].get_content().splitlines()
    assert "[UserPrincipalName joe@contoso.com;]" in sent[0].get_content()
    assert len(world.logged("export.failed")) == 2


@pytest.mark.parametrize("resiliency", [True, False])
def test_a_mail_that_cannot_be_sent_fails_nothing(world_with, resiliency):
    world = world_with(
        tenant={"resiliency": resiliency},
        mail={"host": "127.0.0.1", "port": 9, "to": ["admin@contoso.com"]},
    )
    world.user("ann", upn="joe@contoso.com")
    sync(world)
    world.user("bob", upn="joe@contoso.com")
    assert send_weekly_if_due(world.parts)

    result = sync(world)["result"]
    world.time += timedelta(days=7)

    assert send_weekly_if_due(world.parts) is False
    assert result == "completed-export-errors"
    assert world.logged("report.failed")


def test_a_weekly_mail_that_could_not_be_sent_is_still_due(world):
    conflict(world)
    assert send_weekly_if_due(world.parts)
    folder = world.settings.storage.path / "mail"
    folder.write_text("in the way")
    world.time += timedelta(days=7)

    failed = send_weekly_if_due(world.parts)
    folder.unlink()
    sent = send_weekly_if_due(world.parts)

    assert (failed, sent, len(mails(world))) == (False, True, 1)


def test_a_hostile_display_name_adds_no_header_and_no_recipient(world_with):
    world = world_with(tenant={"resiliency": False})
    world.user("ann", upn="joe@contoso.com")
    sync(world)
    world.user(
        "bob", upn="joe@contoso.com", displayName="B\r\nBcc: eve@evil.example\r\n\r\nJosé ß\x1b[2J"
    )

    sync(world)

    [mail] = mails(world)
    assert mail["Bcc"] is None
    assert "Bcc" not in [line[:3] for line in mail.get_content().splitlines()]
    assert "José ß" in mail.get_content()


@pytest.fixture
def guarded(world_with):
    """A world whose export was stopped, because one user of two left the directory."""
    world = world_with(safety={"delete_threshold": 0, "shrink_percent": 100})
    world.user("ann")
    world.user("bob")
    sync(world)
    world.directory.remove("uid=ann,ou=users,dc=contoso,dc=com")
    assert sync(world)["result"] == "stopped-deletion-threshold-exceeded"
    return world


def test_a_stopped_export_is_told_by_a_mail(guarded):
    """docs/sources.md 7.2: title and fields."""
    [mail] = mails(guarded)
    plan = guarded.parts.space.deletions.plan()

    assert mail["Subject"] == (
        "Export to Microsoft Entra ID was Stopped. Accidental delete threshold was reached."
    )
    fields = dict(line.split(": ", 1) for line in mail.get_content().splitlines() if ": " in line)
    assert fields["Description"] == (
        f"{plan.reason}. Nothing was exported; 1 deletion waits for an approval."
    )
    assert fields["Raised"] == "Monday, 23 November 2026 09:00:00 GMT"
    assert fields["Server"] != ""
    assert (fields["Service"], fields["Tenant"]) == ("contoso.onmicrosoft.com",) * 2
    assert fields["To let exactly that through"] == f"connector deletions approve {plan.hash}"
    assert [event["kind"] for event in guarded.logged("report.sent")] == ["stopped"]


def test_a_stopped_export_is_told_although_a_step_before_it_had_faults(world_with):
    world = world_with(safety={"delete_threshold": 0, "shrink_percent": 100})
    world.user("ann")
    world.user("bob")
    sync(world)
    world.user("bad", sAMAccountName=b"wor\xffse")
    world.directory.remove("uid=ann,ou=users,dc=contoso,dc=com")

    run = sync(world)

    results = [step["result"] for step in run["steps"]]
    assert "completed-sync-errors" in results[:-1]
    assert results[-1] == "stopped-deletion-threshold-exceeded"
    assert run["result"] == "stopped-deletion-threshold-exceeded"
    assert [event["kind"] for event in world.logged("report.sent")] == ["stopped"]


def test_a_set_of_deletions_is_told_once(guarded):
    """Also where it stops again and again, and after a discard; one object more is another set."""
    sync(guarded)
    guarded.parts.space.deletions.discard()
    sync(guarded)
    same = len(mails(guarded))
    guarded.user("carl")
    guarded.directory.remove("uid=bob,ou=users,dc=contoso,dc=com")
    sync(guarded)

    assert (same, len(mails(guarded))) == (1, 2)


def test_a_set_of_deletions_that_comes_back_later_is_told_again(guarded):
    plan = guarded.parts.space.deletions.plan()
    perform(guarded.parts, {"command": "approve", "hash": plan.hash})
    sync(guarded)
    sync(guarded)
    guarded.user("ann")
    sync(guarded)
    guarded.directory.remove("uid=ann,ou=users,dc=contoso,dc=com")

    sync(guarded)

    assert len(mails(guarded)) == 2


def test_a_mail_about_a_stop_that_could_not_be_sent_is_tried_again(world_with):
    world = world_with(safety={"delete_threshold": 0})
    world.user("ann")
    world.user("bob")
    sync(world)
    folder = world.settings.storage.path / "mail"
    folder.write_text("in the way")
    world.directory.remove("uid=ann,ou=users,dc=contoso,dc=com")
    sync(world)
    folder.unlink()

    sync(world)

    assert len(mails(world)) == 1
    assert [event["kind"] for event in world.logged("report.failed")] == ["stopped"]
