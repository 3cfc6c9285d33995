"""Nothing that the directory holds can draw on a terminal or forge a line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.values.printable import json_line, json_text, printable

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


def _as_json_reads(text: str) -> str:
    """Join the surrogates that stand side by side, as every reader of JSON does."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
