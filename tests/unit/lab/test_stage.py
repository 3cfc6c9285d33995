"""The steps of a story on a stage, at a place that is made up."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from connector.lab import stage as stages
from connector.lab.browser import Seen
from connector.lab.records import user
from connector.lab.stage import Done, ExpectationMissed, ReceivedMail, Stage, play, story


class Written:
    """A directory that keeps its records."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.applied: list[str] = []

    def load(self, ldif) -> None:
        self.loaded += ldif

    def apply(self, ldif) -> None:
        self.applied.append(ldif)


@dataclass
class FakePlace:
    """A place that answers commands from a list, and keeps them with their settings."""

    answers: list[Done] = field(default_factory=list)
    directory: Written = field(default_factory=Written)
    asked: list[tuple[tuple[str, ...], dict[str, str]]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def description(self) -> str:
        return "nothing"

    def connector(self, arguments, settings) -> Done:
        self.asked.append((tuple(arguments), dict(settings)))
        return self.answers.pop(0)

    def write(self, name, content) -> None:
        self.files[name] = content

    def remove(self, name) -> None:
        del self.files[name]

    def start_daemon(self, settings) -> None:
        self.asked.append((("run",), dict(settings)))

    def serve(self, settings) -> None: ...

    def events(self):
        return self.log

    def mails(self) -> list[ReceivedMail]:
        return []

    def visit(self, path, settings) -> Seen:
        tables = {"Errors": [["Name", "Value"], ["Ann", "joe@contoso.com"]]}
        return Seen(f"http://127.0.0.1{path}", "Sync errors", tables, "")

    def pages(self, settings) -> list[str]:
        return []

    def directions(self) -> list[str]:
        return []


class Heard:
    """A narrator that keeps each text with its kind."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def __getattr__(self, kind: str):
        return lambda text: self.told.append((kind, text))


def a_stage(place: FakePlace, narrator: Heard | None = None, **given: dict[str, str]) -> Stage:
    return Stage(place, narrator or Heard(), given.get("settings", {}), given.get("fixed", {}))


def says(value: object) -> Done:
    return Done(0, json.dumps(value), "")


def test_a_command_is_shown_with_what_it_says():
    heard = Heard()

    a_stage(FakePlace([Done(0, "Run 1\n", "a note\n")]), heard).run("cmdlet", "Get-Help x")

    assert heard.told == [
        ("command", "connector cmdlet 'Get-Help x'"),
        ("output", "Run 1\na note\n"),
    ]


def test_another_exit_code_than_the_expected_one_ends_the_story():
    with pytest.raises(ExpectationMissed, match="`connector sync` ends with 1; it ended with 4"):
        a_stage(FakePlace([Done(4, "", "")])).run("sync", code=1)


def test_a_command_may_end_in_one_of_several_ways():
    stage = a_stage(FakePlace([Done(1, "", ""), Done(4, "", "")]))

    assert stage.run("sync", code=(0, 1)).code == 1
    with pytest.raises(ExpectationMissed, match="ends with 0 or 1; it ended with 4"):
        stage.run("sync", code=(0, 1))


def test_a_file_is_brought_in_silence_shown_when_it_is_read_and_taken_away():
    heard, place = Heard(), FakePlace()
    stage = a_stage(place, heard)

    stage.bring({"rules/a b.toml": b"x", "stays": b""})
    stage.read_out("rules/a b.toml", b"x")
    stage.take_away("rules/a b.toml")

    assert heard.told == [
        ("command", "cat 'rules/a b.toml'"),
        ("output", "x"),
        ("command", "rm 'rules/a b.toml'"),
    ]
    assert place.files == {"stays": b""}


def test_a_story_is_played_with_the_files_of_an_export():
    seen = []

    @story("x", "X", rule="Said somewhere.", takes_export=True)
    def told(stage):
        seen.append(stage.export)

    play(told, FakePlace(), Heard())
    play(told, FakePlace(), Heard(), export={"a.xml": b"<a/>"})

    assert seen == [{}, {"a.xml": b"<a/>"}]


def test_a_sentence_that_holds_is_told_and_kept():
    heard = Heard()
    stage = a_stage(FakePlace(), heard)

    stage.expect("all is well", True)

    assert (heard.told, stage.sentences) == ([("holds", "all is well")], ["all is well"])


def test_a_sentence_that_does_not_hold_is_the_outcome():
    @story("x", "X", rule="Said somewhere.")
    def told(stage):
        stage.expect("first", True)
        stage.expect("second", False)
        stage.expect("third", True)

    outcome = play(told, FakePlace(), Heard())

    assert (outcome.story, outcome.sentences, outcome.missed) == ("x", ["first"], "second")


def test_settings_are_those_of_the_story_then_those_it_sets_and_the_fixed_ones_above_all():
    place = FakePlace([Done(0, "", "")] * 2)
    stage = a_stage(
        place,
        settings={"tenant.resiliency": "true", "safety.delete_threshold": "3"},
        fixed={"tenant.resiliency": "false"},
    )

    stage.run("status")
    stage.set("safety.delete_threshold", "4")
    stage.set("tenant.resiliency", "true")
    stage.run("status")

    assert [settings for _, settings in place.asked] == [
        {"tenant.resiliency": "false", "safety.delete_threshold": "3"},
        {"tenant.resiliency": "false", "safety.delete_threshold": "4"},
    ]


def test_a_setting_is_shown_as_the_variable_that_sets_it():
    heard = Heard()

    a_stage(FakePlace(), heard).set("directory.filter", "(a=b)")

    assert heard.told == [("command", "export CONNECTOR__DIRECTORY__FILTER='(a=b)'")]


def test_the_same_question_is_asked_once_until_a_command_runs():
    place = FakePlace([says([1]), Done(0, "", ""), says([2])])
    stage = a_stage(place)

    answers = [stage.json("objects"), stage.json("objects")]
    stage.run("sync")
    answers.append(stage.json("objects"))

    assert answers == [[1], [1], [2]]
    assert [arguments for arguments, _ in place.asked] == [
        ("objects", "--json"),
        ("sync",),
        ("objects", "--json"),
    ]


def test_a_question_that_is_not_answered_ends_the_story_with_what_was_said():
    with pytest.raises(
        ExpectationMissed, match="`connector errors` can be asked; it said: no database"
    ):
        a_stage(FakePlace([Done(2, "", "no database\n")])).json("errors")


def test_waiting_asks_anew_until_it_holds(monkeypatch):
    monkeypatch.setattr(stages, "_SECONDS_BETWEEN_LOOKS", 0)
    stage = a_stage(FakePlace([says([]), says([]), says(["Ann"])]))

    stage.wait("somebody came", lambda: stage.json("objects") != [])

    assert stage.sentences == ["somebody came"]


def test_waiting_in_vain_ends_the_story(monkeypatch):
    monkeypatch.setattr(stages, "_SECONDS_TO_WAIT", 0)

    with pytest.raises(ExpectationMissed, match="somebody came"):
        a_stage(FakePlace()).wait("somebody came", lambda: False)


def test_what_is_applied_is_shown_and_what_is_loaded_is_not():
    heard, place = Heard(), FakePlace()
    stage = a_stage(place, heard)

    stage.directory.load(["dn: a\n\n"])
    stage.directory.apply("dn: b\n\n", "dn: c\n\n")

    assert (place.directory.loaded, place.directory.applied) == (
        ["dn: a\n\n"],
        ["dn: b\n\ndn: c\n\n"],
    )
    assert heard.told == [("change", "dn: b\n\ndn: c\n\n")]


def test_new_entries_get_anchors_in_their_order_which_are_not_shown():
    heard, place = Heard(), FakePlace()
    stage = a_stage(place, heard)
    records = [user(uid, uid.title()) for uid in ("zoe", "ann", "bob")]

    stage.directory.load(records[:1])
    stage.directory.apply(*records[1:])

    text = "".join([*place.directory.loaded, *place.directory.applied])
    anchors = re.findall(r"mS-DS-ConsistencyGuid:: (.*)", text)
    assert heard.told == [("change", "".join(records[1:]))]
    assert (len(anchors), anchors) == (3, sorted(anchors))


def test_a_daemon_runs_within_its_block():
    place = FakePlace([says({"state": "stopped"}), says({"state": "idle"}), Done(0, "", "")])

    with a_stage(place).daemon():
        before = [arguments for arguments, _ in place.asked]

    assert before == [("run",), *[("daemon", "status", "--json")] * 2]
    assert place.asked[-1][0] == ("daemon", "stop")


def test_a_page_is_shown_with_its_address_and_the_rows_of_a_table():
    heard = Heard()

    rows = a_stage(FakePlace(), heard).visit("/health/sync-errors", "Errors")

    assert rows == [["Ann", "joe@contoso.com"]]
    assert heard.told == [
        ("say", "A person who signed in sees at http://127.0.0.1/health/sync-errors:"),
        ("output", "Sync errors\nName | Value\nAnn | joe@contoso.com"),
    ]


def test_an_object_is_found_by_its_name():
    objects = [{"displayName": "Ann", "id": "1"}, {"displayName": "Bob", "id": "2"}]

    assert a_stage(FakePlace([says(objects)])).find("Bob") == {"displayName": "Bob", "id": "2"}
    with pytest.raises(ExpectationMissed, match="Zoe is in the tenant"):
        a_stage(FakePlace([says(objects)])).find("Zoe")


def test_errors_are_told_by_kind_name_property_and_value():
    row = {
        "kind": "quarantine",
        "object": {"displayName": "Bob"},
        "propertyCausingError": "UserPrincipalName",
        "value": "joe@contoso.com",
    }

    errors = a_stage(FakePlace([says([row])])).errors()

    assert errors == [("quarantine", "Bob", "UserPrincipalName", "joe@contoso.com")]


def test_the_log_is_asked_for_one_event():
    place = FakePlace(log=[{"event": "a", "n": 1}, {"event": "b"}, {"event": "a", "n": 2}])

    assert [event["n"] for event in a_stage(place).logged("a")] == [1, 2]
