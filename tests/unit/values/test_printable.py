"""Nothing that the directory holds can draw on a terminal or forge a line."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.values.printable import LONGEST, cut, cut_within, json_line, json_text, printable

ANY_TEXT = st.text(st.characters(codec=None, categories=None))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ann Müller 李", "Ann Müller 李"),
        ("a\nb", r"a\u000ab"),
        ("\x1b[31m", r"\u001b[31m"),
        ("\x85", r"\u0085"),
        ("\u202egnp", r"\u202egnp"),
        ("\u2028", r"\u2028"),
        ("\udc80", r"\udc80"),
        ("\U000e0001", r"\udb40\udc01"),
    ],
)
def test_what_cannot_be_seen_is_escaped(text, shown):
    assert printable(text) == shown


@given(ANY_TEXT)
def test_every_text_becomes_printable(text):
    assert printable(text).isprintable()


@given(ANY_TEXT)
def test_json_says_all_that_a_text_holds(text):
    assert json.loads(json_line({"value": text})) == {"value": _as_json_reads(text)}
    assert json.loads(json_text({"value": text})) == {"value": _as_json_reads(text)}


def test_what_json_has_no_form_for_becomes_text():
    assert json_line({"error": ValueError("x")}) == '{"error":"x"}'


@pytest.mark.parametrize("text", ["", "Ann Lee", "x" * LONGEST, "a b" * (LONGEST // 3)])
def test_a_text_of_usual_length_stays_whole(text):
    assert cut(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("b" * 1_000_000, "b" * 256 + "…(1,000,000 characters)"),
        ("held: " + "b" * 2000 + " by Joe", "held: " + "b" * 256 + "…(2,000 characters) by Joe"),
        ("ab " * 1000, ("ab " * 86)[:256] + "…(3,000 characters)"),
    ],
)
def test_a_long_text_is_cut_and_says_how_long_it_was(text, shown):
    assert cut(text) == shown


@given(st.text("ab \n", min_size=900, max_size=5000))
def test_what_was_cut_is_short_and_is_not_cut_again(text):
    shown = cut(text)

    assert len(shown) <= LONGEST
    assert cut(shown) == shown


def test_every_text_within_a_value_is_cut():
    long, short = "x" * 5000, "x" * 256 + "…(5,000 characters)"

    assert cut_within({"a": [long, 7, None, {"b": (long, True)}]}) == {
        "a": [short, 7, None, {"b": [short, True]}]
    }


def _as_json_reads(text: str) -> str:
    """Join the surrogates that stand side by side, as every reader of JSON does."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@pytest.mark.parametrize(
    "value",
    [
        {"a": [], "b": {}, "c": [1, 2.5, None, True], "d": {"e": "ü\u202e\n\udc80"}},
        "plain",
        {"when": datetime(2026, 1, 5, tzinfo=UTC), "big": 1 << 70},
    ],
)
def test_indented_json_is_that_of_the_standard_library_with_escapes(value):
    standard = json.dumps(value, ensure_ascii=False, indent=2, default=str)

    assert json_text(value) == "\n".join(map(printable, standard.split("\n")))
