"""An expression is tried on attributes in JSON's terms, and its result is told in the same."""

from __future__ import annotations

import re

import pytest

from connector.rules.expression import compiled
from connector.rules.language.evaluation import Surroundings
from connector.rules.trial import given, tried

ENTRY = {"CN": "Ann", "photo;binary": {"base64": "AAE="}, "n": [True, 5], "none": None}


def outcome(text):
    return tried(compiled(text), given(ENTRY), Surroundings())


def result(kind, value=None, error=None, **attributes):
    return {"outcome": kind, "value": value, "error": error, "attributes": attributes}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[cn] & "!"', result("value", "Ann!", cn=["Ann"])),
        ("[photo]", result("value", {"base64": "AAE="}, photo=[{"base64": "AAE="}])),
        ("[N]", result("value", ["5", "TRUE"], N=["5", "TRUE"])),
        ("[none]", result("null", none=[])),
        ('CDate("2001-01-01")', result("value", "2001-01-01T00:00:00Z")),
        ('"" & NULL', result("value", "")),
        ("AuthoritativeNull", result("authoritative-null")),
        ("IgnoreThisFlow", result("ignore-this-flow")),
        ('Error("no " & [cn])', result("error", error="no Ann", cn=["Ann"])),
        ("Item([gone],1)", result("error", error="Item: there is no value", gone=[])),
        (
            "Trim(Pcase([cn]))",
            {
                "outcome": "mistake",
                "at": 5,
                "error": "Pcase is not a function; did you mean PCase?",
            },
        ),
    ],
)
def test_a_result_is_told_with_what_it_was_made_of(text, expected):
    assert outcome(text) == expected


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        ([], "attributes is not an object of names and values"),
        ({"cn": {"base64": "%"}}, "the octets of cn are not base64"),
        ({"cn": [["x"]]}, 'a value of cn is neither a text nor {"base64": ...}'),
        ({"cn": {"base64": "", "x": 1}}, 'a value of cn is neither a text nor {"base64": ...}'),
    ],
)
def test_attributes_that_are_none_are_refused(attributes, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        given(attributes)
