"""The sync log: events with keys, whole lines, no secrets, no line lost."""

from __future__ import annotations

import io
import json
import os
from contextlib import suppress
from pathlib import Path

import pytest

from connector.errors import InvalidSettings, StorageUnusable
from connector.logs.log import open_log
from connector.logs.text import parse
from connector.settings import LogSettings


def events(stream: io.StringIO) -> list[dict[str, object]]:
    records = [parse(line) for line in stream.getvalue().splitlines()]
    return [{k: v for k, v in r.items() if k != "timestamp"} for r in records if r]


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture
def log_file(tmp_path):
    return tmp_path / "connector.log"


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_long_value_is_cut(stream, form):
    log = open_log(LogSettings(format=form), stream=stream, environ={})

    log.error("export.failed", value="b" * 1_000_000)

    assert events(stream) == [
        {
            "level": "error",
            "event": "export.failed",
            "value": "b" * 256 + "…(1,000,000 characters)",
        }
    ]


def test_a_full_standard_error_is_an_error_of_its_own():
    with Path("/dev/full").open("w") as full:
        log = open_log(LogSettings(), stream=full, environ={})

        with pytest.raises(StorageUnusable, match=r"^standard error: No space left on device"):
            log.error("export.failed")
        with suppress(OSError):
            full.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_event_carries_level_run_and_its_own_keys(stream, form):
    log = open_log(LogSettings(format=form), stream=stream, environ={}).bind(run=7)

    log.error("export.failed", anchor="aGk=", attempt=2)

    assert events(stream) == [
        {"level": "error", "event": "export.failed", "run": 7, "anchor": "aGk=", "attempt": 2}
    ]


def test_the_keys_of_json_start_as_the_interface_says(stream):
    open_log(LogSettings(format="json"), stream=stream, environ={}).bind(run=7).info("a.b", x=1)

    assert list(json.loads(stream.getvalue())) == ["timestamp", "level", "event", "run", "x"]


def test_a_time_is_utc_to_the_millisecond(stream):
    open_log(LogSettings(format="json"), stream=stream, environ={}).info("a.b")

    assert len(json.loads(stream.getvalue())["timestamp"]) == len("2026-01-05T08:00:00.123Z")
    assert json.loads(stream.getvalue())["timestamp"].endswith("Z")


def test_events_below_the_level_are_left_out(stream):
    log = open_log(LogSettings(level="warning"), stream=stream, environ={})

    log.debug("a.debug")
    log.info("a.info")
    log.warning("a.warning")
    log.error("a.error")

    assert [event["event"] for event in events(stream)] == ["a.warning", "a.error"]


def test_object_events_wait_and_go_out_with_the_next_other_event(stream):
    log = open_log(LogSettings(), stream=stream, environ={})

    log.info("object.added", anchor="1")
    before = stream.getvalue()
    log.info("export.finished")

    assert before == ""
    assert [event["event"] for event in events(stream)] == ["object.added", "export.finished"]


def test_flush_takes_out_what_waits(stream):
    log = open_log(LogSettings(), stream=stream, environ={})
    log.info("object.added")

    log.bind(run=1).flush()

    assert [event["event"] for event in events(stream)] == ["object.added"]


def test_closing_takes_out_what_waits(log_file):
    log = open_log(LogSettings(file=log_file))
    log.info("object.added")

    log.close()

    assert log_file.read_text().count("object.added") == 1


def test_a_secret_is_not_written(stream):
    open_log(LogSettings(), stream=stream, environ={}).info("a.b", password="hunter2")

    assert events(stream) == [{"level": "info", "event": "a.b", "password": "***"}]


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_value_of_the_directory_cannot_forge_a_line(log_file, form):
    log = open_log(LogSettings(format=form, file=log_file))

    log.info("object.added", name="x\n2026 info export.finished \x1b[2J\u202e\udcff\x9b")
    log.close()

    [line] = log_file.read_text(encoding="utf-8").splitlines()
    assert line.isprintable()


def test_a_file_is_appended_to(log_file):
    log_file.write_text("before\n")

    log = open_log(LogSettings(file=log_file))
    log.info("a.b")
    log.close()

    assert log_file.read_text().splitlines()[0] == "before"


def test_a_file_that_was_rotated_away_is_made_anew(log_file):
    log = open_log(LogSettings(file=log_file))
    log.info("a.first")
    log_file.rename(log_file.with_suffix(".1"))

    log.info("a.second")
    log.close()

    assert "a.second" in log_file.read_text()
    assert "a.second" not in log_file.with_suffix(".1").read_text()


def test_a_line_cut_short_by_a_crash_is_not_glued_to_the_next(log_file):
    log_file.write_text('{"event": "a.b", "na')

    log = open_log(LogSettings(format="json", file=log_file))
    log.info("c.d")
    log.close()

    records = [parse(line) for line in log_file.read_text().splitlines()]
    assert [record and record["event"] for record in records] == [None, "c.d"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_knows_which_numbered_events_it_holds_since_a_place(log_file, form):
    log = open_log(LogSettings(format=form, file=log_file))
    log.error("export.failed", seq=2)
    place = log.place()
    log.error("export.failed", seq=1)
    log.error("export.failed", seq=3)
    log_file.rename(log_file.with_name("connector.log.1"))
    log.error("export.failed", seq=4)

    found = log.sequence_numbers(2, since=place)
    log.close()

    assert found == {3, 4}


def test_a_stream_cannot_tell_what_it_holds(stream):
    log = open_log(LogSettings(), stream=stream, environ={})
    log.error("export.failed", seq=3)

    assert (log.place(), log.sequence_numbers(1, since=None)) == (None, set())


def test_a_file_that_cannot_be_opened_is_a_problem_of_the_settings(tmp_path):
    with pytest.raises(InvalidSettings, match=r"log\.file: .*No such file or directory"):
        open_log(LogSettings(file=tmp_path / "missing" / "connector.log"))


def test_a_full_disk_is_named():
    log = open_log(LogSettings.model_construct(file=Path("/dev/full"), format="text", level="info"))

    with pytest.raises(StorageUnusable, match="No space left on device"):
        log.info("a.b")


def test_a_reader_that_went_away_does_not_stop_the_work():
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    log = open_log(LogSettings(), stream=Gone(), environ={})

    log.info("a.b")
    log.info("c.d")


def test_a_disk_that_has_room_again_is_written_to_again(log_file):
    log = open_log(LogSettings(file=log_file))
    log_file.unlink()
    log_file.symlink_to("/dev/full")
    with pytest.raises(StorageUnusable):
        log.info("a.lost")
    log_file.unlink()

    log.info("a.kept")
    log.close()

    assert log_file.read_text().endswith("a.kept\n")


def test_lines_for_the_journal_carry_their_level(tmp_path):
    with (tmp_path / "journal").open("w+") as stream:
        status = os.fstat(stream.fileno())
        environ = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        log = open_log(LogSettings(), stream=stream, environ=environ)

        log.error("a.b")
        log.info("c.d")

        stream.seek(0)
        assert [line[:3] for line in stream] == ["<3>", "<6>"]


def test_lines_for_another_stream_than_the_journal_carry_none(stream):
    open_log(LogSettings(), stream=stream, environ={"JOURNAL_STREAM": "8:1"}).info("a.b")

    assert not stream.getvalue().startswith("<")
