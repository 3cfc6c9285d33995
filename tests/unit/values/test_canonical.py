"""Equal states are equal texts, and every directory value survives."""

from __future__ import annotations

import json
from copy import copy, deepcopy
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


@pytest.mark.parametrize(
    "change",
    [
        lambda properties: properties.__setitem__("city", "Bonn"),
        lambda properties: properties.__delitem__("city"),
        lambda properties: properties.__ior__({"city": "Bonn"}),
        lambda properties: properties.clear(),
        lambda properties: properties.pop("city"),
        lambda properties: properties.popitem(),
        lambda properties: properties.setdefault("country", "DE"),
        lambda properties: properties.update(city="Bonn"),
    ],
)
def test_a_state_that_was_read_cannot_be_changed(change):
    properties = read('{"city":"Berlin"}')

    with pytest.raises(TypeError, match="cannot be changed"):
        change(properties)

    assert properties == {"city": "Berlin"}


def test_a_change_makes_a_dict_of_its_own():
    properties = read('{"city":"Berlin"}')
    changed = properties | {"city": "Bonn"}

    assert (canonical(properties), canonical(changed)) == ('{"city":"Berlin"}', '{"city":"Bonn"}')
    assert type(changed) is type(properties.copy()) is dict


@pytest.mark.parametrize("copied", [copy, deepcopy])
def test_a_copy_carries_the_text_too(copied):
    again = copied(read('{"city":"Berlin"}'))

    assert (again, canonical(again)) == ({"city": "Berlin"}, '{"city":"Berlin"}')


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
