"""The framing of the control socket: one JSON object a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.control import decode, encode

TEXTS = st.text(st.characters(codec="utf-8"))


@given(st.dictionaries(TEXTS, TEXTS | st.integers() | st.lists(TEXTS)))
def test_a_message_is_one_line_and_is_read_as_it_was_sent(message):
    line = encode(message)

    assert line.count(b"\n") == 1
    assert decode(line) == message


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "cut short"),
        (b'{"command": "sync"}', "cut short"),
        (b"[1]\n", "no object"),
        (b"\xff\n", "codec"),
        (b"sync\n", "Expecting value"),
    ],
)
def test_anything_else_is_refused(line, reason):
    with pytest.raises(ValueError, match=reason):
        decode(line)
