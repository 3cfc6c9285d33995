"""``connector log`` picks events from a log file of either form, and follows it as it grows."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime

import pytest
import typer

from connector.cli.log import Printer, lines, starting
from connector.logs.events import EVENTS
from connector.logs.text import as_text
from connector.values.printable import json_line
from tests import inventory
from tests.world import World

RECORDS = [
    {"timestamp": "2026-01-05T08:00:00.000Z", "level": "info", "event": "cycle.started", "run": 1},
    {
        "timestamp": "2026-01-05T08:00:01.000Z",
        "level": "info",
        "event": "object.added",
        "run": 1,
        "anchor": "aGk=",
        "name": "Ann Lee",
        "dn": "uid=ann,dc=contoso,dc=com",
    },
    {
        "timestamp": "2026-01-05T09:00:00.000Z",
        "level": "error",
        "event": "export.failed",
        "run": 2,
        "name": "Bob",
    },
]


@pytest.fixture(params=[as_text, json_line])
def logged(request, connector):
    """A command whose log file holds the records, in one form or the other."""
    connector.log.write_text("".join(f"{request.param(record)}\n" for record in RECORDS))
    return connector


@pytest.mark.parametrize(
    ("options", "events"),
    [
        ([], ["cycle.started", "object.added", "export.failed"]),
        (["--event", "object.*"], ["object.added"]),
        (["--only", "errors"], ["export.failed"]),
        (["--object", "ann lee"], ["object.added"]),
        (["--object", "UID=ann,DC=contoso,dc=com"], ["object.added"]),
        (["--object", "userid = ann, DC=contoso, DC=com"], ["object.added"]),
        (["--object", "aGk="], ["object.added"]),
        (["--since", "2026-01-05T08:00:01Z"], ["object.added", "export.failed"]),
        (["--since", "2026-01-05T10:00:00+01:00"], ["export.failed"]),
        (["--since", "1m"], []),
    ],
)
def test_the_options_pick_events(logged, options, events):
    done = logged("log", "--json", *options)

    assert [record["event"] for record in map(json.loads, done.out.splitlines())] == events


def test_without_json_the_lines_are_text_whatever_the_file_holds(logged):
    assert logged("log").out == "".join(f"{as_text(record)}\n" for record in RECORDS)


def test_lines_that_are_no_events_are_passed_over(connector):
    connector.log.write_text("Traceback\n" + as_text(RECORDS[0]) + "\n{}\n")

    assert connector("log").out == as_text(RECORDS[0]) + "\n"


def test_a_log_that_is_not_there_yet_is_empty(connector):
    done = connector("log")

    assert (done.code, done.out) == (0, "")


def test_without_a_log_file_it_says_where_the_log_goes(connector):
    connector.file.write_text(connector.file.read_text().replace("file = ", "# file = "))

    done = connector("log")

    assert done.code == 2
    assert "log.file: not set" in done.err


@pytest.mark.parametrize(
    ("since", "first"), [("30m", "2026-01-05T07:30:00"), ("2026-01-04", "2026-01-04T00:00:00")]
)
def test_since_is_a_duration_or_a_time(since, first, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")

    assert starting(since, datetime(2026, 1, 5, 8, tzinfo=UTC)) == first


@pytest.mark.parametrize("since", ["yesterday", "5w", "0s", "2026-13-01"])
def test_anything_else_is_a_usage_error(since):
    with pytest.raises(typer.BadParameter, match="neither a duration"):
        starting(since, datetime(2026, 1, 5, 8, tzinfo=UTC))


def test_following_goes_on_as_the_file_grows_and_is_rotated(tmp_path):
    file = tmp_path / "connector.log"
    file.write_text("one\ntw")
    happenings = iter(
        [
            lambda: file.write_text("one\ntwo\n"),
            lambda: file.rename(tmp_path / "connector.log.1"),
            lambda: file.write_text("three\n"),
        ]
    )

    def wait(_: float) -> None:
        next(happenings)()

    followed = lines(file, follow=True, wait=wait)

    assert [next(followed) for _ in range(3)] == ["one", "two", "three"]


def test_in_a_terminal_columns_are_aligned_and_what_comes_next_stands_last(logged, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    record = {**RECORDS[2], "next": "connector errors\x1b[2J", "seq": 3}
    logged.log.write_text(json_line(RECORDS[0]) + "\n" + json_line(record) + "\n")

    out = logged("log").out

    last = "2026-01-05 09:00:00.000 error   export.failed          run=2 name=Bob seq=3"
    assert re.sub(r"\x1b\[\d*m", "", out).splitlines() == [
        "2026-01-05 08:00:00.000 info    cycle.started          run=1",
        f"{last} next: connector errors\\u001b[2J",
    ]


def test_in_a_narrow_terminal_a_line_of_the_log_goes_on_between_words(logged, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    record = {**RECORDS[1], "next": "connector errors"}
    logged.log.write_text(json_line(record) + "\n")

    assert logged.on_a_screen(80, "log").splitlines() == [
        "2026-01-05 08:00:01.000 info    object.added           run=1 anchor=aGk=",
        '  name="Ann Lee" dn=uid=ann,dc=contoso,dc=com next: connector errors',
    ]


def test_the_events_to_ask_for_are_those_that_the_program_logs():
    assert list(EVENTS) == sorted(inventory.events())


@pytest.mark.parametrize("glob", ["OBJECT.*", "object.?dded", "Object.Added"])
def test_an_event_is_asked_for_in_any_case(logged, glob):
    [record] = logged("log", "--json", "--event", glob).out.splitlines()

    assert json.loads(record)["event"] == "object.added"


@pytest.mark.parametrize(
    ("glob", "meant"),
    [("exprt.*", "export.failed"), ("export", "export.failed"), ("nonsense", None), ("", None)],
)
def test_a_word_that_fits_no_event_is_wrong_usage(logged, glob, meant):
    done = logged("log", "--event", glob)

    assert (done.code, done.out) == (2, "")
    assert "export.quarantined" in done.err
    assert ("Did you mean" in done.err, f"Did you mean {meant}?" in done.err) == (
        meant is not None,
        meant is not None,
    )


def test_events_of_another_object_of_the_same_name_are_left_out(connector):
    with World(connector.storage) as world:
        world.user("ann", displayName="Ann")
        world.sync()
        anchor = world.cloud["Ann"]["onPremisesImmutableId"]
    events = [
        {"timestamp": "2026-01-05T08:00:00.000Z", "level": "info", "event": "object.added", **keys}
        for keys in ({"anchor": anchor, "name": "Ann"}, {"anchor": "gone", "name": "Ann"})
    ]
    connector.log.write_text("".join(f"{json_line(event)}\n" for event in events))

    shown = [
        connector("log", "--object", name, "--json").out.splitlines() for name in ("ann", "gone")
    ]

    assert [[json.loads(line)["anchor"] for line in lines] for lines in shown] == [
        [anchor],
        ["gone"],
    ]


@pytest.mark.parametrize(
    ("options", "events"),
    [
        (["-n", "2"], ["object.added", "export.failed"]),
        (["--lines", "9"], ["cycle.started", "object.added", "export.failed"]),
        (["-n", "0"], []),
        (["-n", "1", "--event", "object.*"], ["object.added"]),
    ],
)
def test_the_last_of_the_events_are_printed(logged, options, events):
    done = logged("log", "--json", *options)

    assert [record["event"] for record in map(json.loads, done.out.splitlines())] == events


def test_of_a_log_that_is_followed_the_last_ones_come_before_the_new_ones(capsys):
    printed: list[dict[str, int]] = []
    printer = Printer(printed.append, 1)
    for number in (1, 2):
        printer({"run": number})
    printer.flush()
    printer({"run": 3})

    assert [record["run"] for record in printed] == [2, 3]


def test_an_object_that_nothing_is_called_is_a_mistake(logged):
    with World(logged.storage) as world:
        world.sync()

    done = logged("log", "--object", "nobody")

    assert (done.code, done.out, done.err) == (
        2,
        "",
        (
            "connector: No object is called nobody, and no event names one. `connector objects` lists "
            "those that there are.\n"
        ),
    )


@pytest.mark.parametrize("option", ["--object", "--since"])
def test_an_option_without_a_value_picks_nothing(logged, option):
    done = logged("log", option, "")

    assert (done.code, done.out) == (2, "")
    assert f"{option}: it is empty: leave it out, or give it a value" in done.err
