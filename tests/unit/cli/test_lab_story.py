"""``connector lab story`` plays stories of the test, at a place that is made up."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from connector.lab.stage import Done, story


class Nowhere:
    """A place where every command answers the same."""

    directory = None

    def __init__(self) -> None:
        self.served: list[Any] = []

    def description(self) -> str:
        return "nothing"

    def connector(self, arguments, settings):
        return Done(0, "said \x1b[31mred\n", "")

    def serve(self, settings) -> None:
        self.served.append(dict(settings))

    def directions(self) -> list[str]:
        return ["go there"]

    def pages(self, settings) -> list[str]:
        return [f"look there, {settings['tenant.resiliency']}"]


@story("well", "All is well", rule="It is.", settings={"tenant.resiliency": "false"})
def well(stage):
    stage.say("Nothing happens.")
    stage.run("status")
    stage.expect("all is well", True)


@story("ill", "Something is wrong", rule="It is not.")
def ill(stage):
    stage.expect("it began", True)
    stage.expect("it went on", False)


@pytest.fixture
def place(monkeypatch):
    nowhere = Nowhere()
    monkeypatch.setattr("connector.lab.reach.lines", lambda **_: [])
    monkeypatch.setattr("connector.lab.stories.STORIES", {"well": well, "ill": ill})
    monkeypatch.setattr("connector.lab.choice.place", lambda *_: nullcontext(nowhere))
    return nowhere


def test_a_story_is_told_from_its_rule_to_its_end(connector, place):
    assert connector("lab", "story", "well").out.splitlines() == [
        "",
        "== All is well (well)",
        "",
        '"It is."',
        "",
        "Played with nothing.",
        "",
        "Nothing happens.",
        "",
        "$ connector status",
        "said \\u001b[31mred",
        "  ok: all is well",
        "",
        "The story is over; everything went as it should.",
        "What to type next:",
        "  connector lab story ill",
        "  connector lab story well --serve",
        "  connector lab exercise list",
    ]


def test_a_story_that_takes_an_export_gets_its_files(connector, place, monkeypatch, tmp_path):
    seen = []

    @story("own", "The rules of a server", rule="It has some.", takes_export=True)
    def own(stage):
        seen.append(dict(stage.export))

    monkeypatch.setattr("connector.lab.stories.STORIES", {"own": own})
    (tmp_path / "exported" / "SynchronizationRules").mkdir(parents=True)
    (tmp_path / "exported" / "SynchronizationRules" / "one.XML").write_bytes(b"<a/>")
    (tmp_path / "exported" / "notes.txt").write_bytes(b"x")
    file = tmp_path / "exported" / "SynchronizationRules" / "one.XML"

    codes = [
        connector("lab", "story", "own", "--export", str(path)).code
        for path in (tmp_path / "exported", file)
    ]

    assert codes == [0, 0]
    assert seen == [{"SynchronizationRules/one.XML": b"<a/>"}, {"one.XML": b"<a/>"}]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("well --export .", "well has no use for an export"),
        ("all --export .", "all has no use for an export"),
        ("own --export nowhere", "nowhere is not there."),
        ("own --export .", ". has no files of XML."),
    ],
)
def test_an_export_that_cannot_be_played_is_refused(connector, place, monkeypatch, typed, said):
    own = story("own", "The rules of a server", rule="It has some.", takes_export=True)(well.play)
    monkeypatch.setattr("connector.lab.stories.STORIES", {"well": well, "own": own})

    done = connector("lab", "story", *typed.split())

    assert (done.code, said in done.err) == (2, True), done


def test_after_the_last_story_a_lab_is_next(connector, place, monkeypatch):
    monkeypatch.setattr("connector.lab.stories.STORIES", {"well": well})

    done = connector("lab", "story", "all")

    assert done.out.partition("What to type next:\n")[2].splitlines() == [
        "  connector lab story well --serve",
        "  connector lab exercise list",
        "  connector lab up",
    ]


def test_where_the_command_is_out_of_reach_the_line_that_puts_it_there_is_first(
    connector, place, monkeypatch
):
    monkeypatch.setattr(
        "connector.lab.reach.lines", lambda *, elsewhere: [f"reach elsewhere={elsewhere}"]
    )

    done = connector("lab", "story", "well")

    assert "What to type next:\n  reach elsewhere=False\n" in done.out


def test_without_a_terminal_a_pause_is_declined_and_the_story_told(connector, place):
    done = connector("lab", "story", "well", "--pause")

    assert done.err == "No terminal to press a key at: the story goes on without a pause.\n"
    assert (done.code, "  ok: all is well\n" in done.out) == (0, True)


def test_a_pause_within_json_is_refused(connector, place):
    done = connector("lab", "story", "well", "--pause", "--json")

    assert (done.code, "there is nothing to pause" in done.err) == (2, True)


def test_on_a_screen_its_lines_end_between_words(connector, place, monkeypatch):
    monkeypatch.setenv("CONNECTOR_WIDTH", "18")

    assert connector("lab", "story", "well").out.splitlines() == [
        "",
        "== All is well",
        "   (well)",
        "",
        '"It is."',
        "",
        "Played with",
        "nothing.",
        "",
        "Nothing happens.",
        "",
        "$ connector status",
        "said \\u001b[31mred",
        "  ok: all is well",
        "",
        "The story is over;",
        "everything went as",
        "it should.",
        "What to type next:",
        "  connector lab story ill",
        "  connector lab story well --serve",
        "  connector lab exercise list",
    ]


def test_a_sentence_that_does_not_hold_is_named(connector, place):
    done = connector("lab", "story", "ill")

    assert (done.code, done.err) == (1, "ill: this does not hold: it went on\n")
    assert ("over" in done.out, "next" in done.out) == (False, False)


def test_all_are_played_even_after_one_that_does_not_hold(connector, place):
    done = connector("lab", "story", "all")

    assert (done.code, done.out.count("  ok: ")) == (1, 2)
    assert done.err == (
        "ill: this does not hold: it went on\n1 of 2 stories did not go as they should.\n"
    )


def test_as_json_the_sentences_alone_are_told(connector, place):
    done = connector("lab", "story", "all", "--json")

    told = [{**outcome, "seconds": 0} for outcome in done.json]
    assert told == [
        {
            "story": "well",
            "holds": True,
            "sentences": ["all is well"],
            "missed": None,
            "seconds": 0,
        },
        {
            "story": "ill",
            "holds": False,
            "sentences": ["it began"],
            "missed": "it went on",
            "seconds": 0,
        },
    ]
    assert done.code == 1


def test_the_stories_are_listed(connector, place):
    assert connector("lab", "story", "list").out.splitlines() == [
        "Story  What it plays",
        "well   All is well",
        "ill    Something is wrong",
    ]
    assert connector("lab", "story", "list", "--json").json == [
        {"name": "well", "title": "All is well", "rule": "It is."},
        {"name": "ill", "title": "Something is wrong", "rule": "It is not."},
    ]


def test_on_a_narrow_screen_the_list_stays_a_list(connector, place, monkeypatch):
    monkeypatch.setenv("CONNECTOR_WIDTH", "20")

    assert connector("lab", "story", "list").out.splitlines() == [
        "Story  What it plays",
        "well   All is well",
        "ill    Something is",
        "       wrong",
    ]


def test_a_story_that_there_is_not_is_told_with_the_next_step(connector, place):
    done = connector("lab", "story", "nix")

    assert (done.code, "connector lab story list names them" in done.err) == (2, True)


def test_a_setting_has_a_key_and_a_value(connector, place):
    done = connector("lab", "story", "well", "--set", "tenant.resiliency")

    assert (done.code, "is not KEY=VALUE" in done.err) == (2, True)


def test_a_place_is_served_with_the_settings_of_its_story(connector, place):
    done = connector("lab", "story", "well", "--serve", "--set", "tenant.random_seed=1")

    assert "  go there\n" in done.out
    assert "  look there, false\n" in done.out
    assert place.served == [{"tenant.resiliency": "false", "tenant.random_seed": "1"}]


def test_a_place_where_a_story_failed_is_not_served(connector, place):
    connector("lab", "story", "ill", "--serve")

    assert place.served == []
