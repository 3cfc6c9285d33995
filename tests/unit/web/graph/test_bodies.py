"""The JSON body of a request is read, or refused."""

from __future__ import annotations

import json

import pytest

from connector.web.graph.bodies import read_object
from connector.web.graph.refusals import Refusal


def test_object_is_read_with_and_without_a_mark_of_its_encoding() -> None:
    assert read_object('{"a": ["ä"]}'.encode()) == {"a": ["ä"]}
    assert read_object('{"a": 1}'.encode("utf-8-sig")) == {"a": 1}


def test_nothing_stands_for_an_empty_object_where_the_body_is_optional() -> None:
    assert read_object(b" ", optional=True) == {}
    with pytest.raises(Refusal, match="Empty Payload"):
        read_object(b" ")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"x"',
        b"[" * 100_000,
        b'{"a": NaN}',
        b"\xff",
        json.dumps({"a": "\0"}).encode(),
        json.dumps({"a": "\ud800"}).encode(),
        json.dumps({"\0": 1}).encode(),
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
)
def test_what_is_not_an_object_of_text_is_refused(body) -> None:
    with pytest.raises(Refusal) as refusal:
        read_object(body)

    assert (refusal.value.status, refusal.value.code) == (400, "BadRequest")
