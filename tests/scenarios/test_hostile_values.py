"""Directory data is hostile input: it may harm its own object, and never the others."""

from __future__ import annotations

import pytest


def test_a_name_that_is_no_utf8_is_an_error_of_that_object_alone(world):
    world.user("ann")
    world.user("bad", sAMAccountName=b"wor\xffse")

    run = world.sync()

    [error] = world.errors()
    assert run.result == "completed-sync-errors"
    assert (error["error"], error["propertyCausingError"]) == (
        "Value is not UTF-8",
        "sAMAccountName",
    )
    assert set(world.cloud) == {"Ann"}


def test_another_value_that_is_no_utf8_is_left_out_and_told(world):
    world.user("ann", title=b"Engin\xe9er", department="Research")

    run = world.sync()

    assert run.result == "success"
    assert world.cloud["Ann"]["department"] == "Research"
    assert world.cloud["Ann"].get("jobTitle") is None
    [event] = world.logged("synchronization.value_dropped")
    assert "title" in event["message"]


def test_an_error_of_an_object_goes_when_the_directory_is_corrected(world):
    bad = world.user("bad", sAMAccountName=b"wor\xffse")
    world.sync()
    world.directory.modify(bad, sAMAccountName="worse")

    run = world.sync()

    assert run.result == "success"
    assert world.errors() == []
    assert set(world.cloud) == {"Bad"}


@pytest.mark.parametrize(
    "name",
    [
        "'; DROP TABLE object; --",
        'quote " and \\ back',
        "<script>alert(1)</script>",
        "[bold]markup[/bold]",
        "line\nbreak\ttab",
        "bell\x07 escape \x1b[31m",
        "ﷺ 👩\u200d👩\u200d👧 \u202etxet",
        "=cmd|' /C calc'!A0",
    ],
)
def test_a_hostile_display_name_arrives_as_it_is(world, name):
    world.user("ann", displayName=name)

    run = world.sync()

    assert run.result == "success"
    assert set(world.cloud) == {name.strip()}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("straße@contoso.com", "STRASSE@contoso.com"),
        ("É@contoso.com", "e\u0301@contoso.com"),
        ("ﬁn@contoso.com", "FIN@contoso.com"),
    ],
)
def test_addresses_that_differ_in_case_or_form_alone_are_one(world, first, second):
    world.contact("carla", first)
    world.sync()
    world.contact("dora", second)

    world.sync()

    assert world.quarantined("Dora") == [f"SMTP:{second}"]


def test_a_dotless_i_is_another_letter(world):
    world.contact("carla", "ilk@contoso.com")
    world.contact("dora", "ılk@contoso.com")

    run = world.sync()

    assert run.result == "success"
    assert world.quarantined("Dora") == []


def test_a_thousand_addresses_on_one_object_are_no_crash(world):
    world.user("ann")
    world.user("many", proxies=[f"smtp:a{number}@contoso.com" for number in range(1000)])

    world.sync()

    assert "Ann" in world.cloud
    assert [error["object"]["displayName"] for error in world.errors()] in ([], ["Many"])
