"""What is shown is text, whatever it holds."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import UndefinedError

from connector.web.pages.templating import render, words

REFUSAL: dict[str, Any] = {
    "heading": "Refused",
    "sentence": "No.",
    "back": "/",
    "to": "Back",
    "menu": [],
    "domain": "contoso.onmicrosoft.com",
    "css": "/c",
    "script": "/s",
    "icon": "/i",
    "csrf_token": None,
}


def test_values_are_escaped_in_text_and_attributes():
    text = render("refusal.html", {**REFUSAL, "sentence": "<b>&", "back": '"><script>'})

    assert "&lt;b&gt;&amp;" in text
    assert 'href="&#34;&gt;&lt;script&gt;"' in text


def test_what_cannot_be_seen_is_shown_as_its_code():
    assert "a\\u202eb\\u0000" in render("refusal.html", {**REFUSAL, "sentence": "a\u202eb\0"})


def test_a_text_without_end_is_cut():
    text = render("refusal.html", {**REFUSAL, "sentence": "x" * 1_000_000})

    assert "…(1,000,000 characters)" in text
    assert len(text) < 10_000


def test_a_value_that_is_missing_is_a_bug():
    with pytest.raises(UndefinedError, match="sentence"):
        render("refusal.html", {name: REFUSAL[name] for name in REFUSAL if name != "sentence"})


def test_a_long_name_may_go_on_in_the_next_line_at_each_of_its_words():
    assert words("ObjectTypeMismatch") == "Object<wbr>Type<wbr>Mismatch"
    assert words("<b>aB\0") == "&lt;b&gt;a<wbr>B\\u0000"
