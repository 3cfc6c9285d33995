"""Equal states are equal texts, and every directory value survives."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.values.canonical import canonical, compact, decode, read

TEXT = st.text()
ANY_TEXT = st.text(st.characters(codec=None, categories=None))
PROPERTIES = st.dictionaries(
    TEXT, TEXT | st.booleans() | st.lists(TEXT) | st.dictionaries(TEXT, TEXT, max_size=3)
)


@given(PROPERTIES)
def test_the_text_is_that_of_the_standard_library(properties):
    expected = json.dumps(properties, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert canonical(properties) == expected


@given(PROPERTIES)
def test_a_state_that_was_read_carries_its_text(properties):
    text = canonical(properties)
    again = read(text)

    assert again == properties
    assert canonical(again) is text


def test_a_lone_surrogate_has_no_canonical_text():
    with pytest.raises(TypeError):
        canonical({"displayName": "\udc80"})


@given(ANY_TEXT)
def test_a_lone_surrogate_survives(text):
    written = compact([text])

    assert decode(written) == json.loads(json.dumps([text]))
    assert written.encode()


def test_what_json_has_no_form_for_becomes_its_text():
    moment = datetime(2026, 1, 5, tzinfo=UTC)

    assert compact({"at": moment, "error": ValueError("x")}) == (
        '{"at":"2026-01-05 00:00:00+00:00","error":"x"}'
    )


def test_what_is_no_json_is_refused():
    with pytest.raises(ValueError, match="Expecting value"):
        decode("nothing")
