"""The framing of the control socket: one JSON object a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.daemon.control import decode, encode, may_ask

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
        (b"[1]\n", "not an object"),
        (b"\xff\n", "codec"),
        (b"sync\n", "Expecting value"),
        (b"[" * 100_000 + b"\n", "too deep"),
    ],
)
def test_anything_else_is_refused(line, reason):
    with pytest.raises(ValueError, match=reason):
        decode(line)


@pytest.mark.parametrize(
    ("user", "daemon", "allowed"),
    [(1000, 1000, True), (0, 1000, True), (0, 0, True), (1001, 1000, False), (1000, 0, False)],
)
def test_only_its_own_user_and_root_steer_a_daemon(user, daemon, allowed):
    assert may_ask(user, daemon) is allowed
