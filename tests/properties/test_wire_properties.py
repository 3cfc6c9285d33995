"""Any bytes are decoded or refused; they never crash or block the reader."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from connector.directory.controls import page_cookie, sync_done, sync_info, sync_state
from connector.directory.search_entry import Entry
from connector.directory.syncrepl import delta
from connector.directory.wire import Message, messages
from connector.errors import DirectoryUnavailable, MalformedAnswer
from tests.ldap_messages import (
    UUIDS,
    entry,
    id_set,
    intermediate,
    message,
    reference,
    result,
)
from tests.ldap_messages import (
    sync_done as done_control,
)
from tests.ldap_messages import (
    sync_state as state_control,
)

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
ATTRIBUTES = st.dictionaries(NAMES, st.lists(st.binary(max_size=300), max_size=5), max_size=6)
ENTRIES = st.builds(
    entry, st.text(max_size=60).map(lambda dn: dn.encode("utf-8", "replace")), ATTRIBUTES
)

ANSWER = b"".join(
    [
        message(
            1,
            entry("cn=a", {"objectClass": [b"top", b"x"], "cn": [b"v" * 200]}),
            state_control(1, UUIDS[1]),
        ),
        message(1, reference("ldap://a/")),
        message(1, intermediate(id_set(UUIDS[:3], deleted=True))),
        message(
            1, entry("cn=b", {"objectClass": [b"top", b"x"], "cn": []}), state_control(3, UUIDS[2])
        ),
        message(
            1,
            result(0, "fine", referrals=["ldap://b/"]),
            done_control(b"rid=000", refresh_deletes=True),
        ),
    ]
)


def outcome(*chunks: bytes) -> list[Message | str]:
    """Return the messages and, at the end, the error if there was one."""
    found: list[Message | str] = []
    stream = messages(chunks, 1)
    while True:
        try:
            found.append(next(stream))
        except StopIteration:
            return found
        except DirectoryUnavailable as error:
            return [*found, str(error)]


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    ends = [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in zip([0, *ends], ends, strict=False) if a < b]


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    outcome(data)


@given(st.binary(max_size=200))
def test_any_content_of_a_message_is_decoded_or_refused(data: bytes) -> None:
    for operation in (0x64, 0x65, 0x73, 0x78, 0x79):
        outcome(message(1, bytes((operation,)) + data))


@given(st.integers(0, len(ANSWER) - 1), st.integers(0, 255))
def test_any_byte_of_an_answer_may_be_wrong(position: int, byte: int) -> None:
    broken = ANSWER[:position] + bytes((byte,)) + ANSWER[position + 1 :]

    with suppress(DirectoryUnavailable):
        list(delta(messages([broken], 1), cookie_sent=True, is_389=False))


@given(st.integers(0, len(ANSWER) - 1))
def test_cut_answer_is_never_whole(end: int) -> None:
    assert isinstance(outcome(ANSWER[:end])[-1], str)


@given(st.binary(max_size=200), st.lists(st.integers(0, 10_000), max_size=30))
def test_chunks_make_no_difference(noise: bytes, cuts: list[int]) -> None:
    data = ANSWER[: len(ANSWER) // 2] + noise + ANSWER[len(ANSWER) // 2 :]

    assert outcome(*pieces(data, cuts)) == outcome(data)


@given(st.lists(ENTRIES, max_size=5), st.lists(st.integers(0, 10_000), max_size=30))
def test_entries_come_back_as_they_were_written(entries: list[bytes], cuts: list[int]) -> None:
    data = b"".join(message(1, each) for each in entries) + message(1, result())

    found = outcome(*pieces(data, cuts))

    assert [
        entry(each.dn.encode("utf-8", "surrogateescape"), each.attributes)
        for each in found
        if isinstance(each, Entry)
    ] == entries


@given(st.binary(max_size=120))
def test_any_control_is_decoded_or_refused(data: bytes) -> None:
    for decode in (sync_state, sync_done, page_cookie, sync_info):
        with suppress(MalformedAnswer):
            decode(data)
