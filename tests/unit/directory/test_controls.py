from __future__ import annotations

import pytest

from connector.directory.ber import element
from connector.directory.controls import (
    DirsyncAnswer,
    SyncDone,
    SyncInfo,
    dirsync_answer,
    dirsync_request,
    page_cookie,
    page_request,
    sync_done,
    sync_info,
    sync_request,
    sync_state,
)
from connector.errors import MalformedAnswer
from tests.ldap_messages import (
    DIRSYNC,
    PAGES,
    SYNC,
    UUIDS,
    control,
    dirsync,
    id_set,
    integer,
    page,
    sequence,
    text,
)
from tests.ldap_messages import sync_done as done_control
from tests.ldap_messages import sync_state as state_control

COOKIE = b"rid=000,csn=20260101000000.000000Z#000000#000#000000"


def test_request_is_written_as_rfc_4533_has_it() -> None:
    assert sync_request(None).hex() == "30030a0101"
    assert sync_request(b"rid=000,csn=x").hex() == "30120a0101040d7269643d3030302c63736e3d78"


@pytest.mark.parametrize("state", range(4))
@pytest.mark.parametrize("cookie", [None, COOKIE])
def test_state_gives_state_and_uuid_in_every_form(state: int, cookie: bytes | None) -> None:
    assert sync_state(state_control(state, UUIDS[1], cookie)) == (state, UUIDS[1])


def test_state_is_found_among_other_controls() -> None:
    raw = control("1.2.3", b"x", critical=False) + state_control(2, UUIDS[3])

    assert sync_state(raw) == (2, UUIDS[3])


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x30",
        sequence(),
        sequence(b"\x0a\x01\x04", text(UUIDS[1])),
        sequence(b"\x0a\x00", text(UUIDS[1])),
        sequence(b"\x0a\x01\x01", text(UUIDS[1][1:])),
        sequence(text(UUIDS[1]), b"\x0a\x01\x01"),
        sequence(b"\x0a\x01\x01", text(UUIDS[1])) + b"\x00",
    ],
)
def test_broken_state_is_refused(value: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        sync_state(control(f"{SYNC}2", value))


def test_entry_without_state_is_refused() -> None:
    with pytest.raises(MalformedAnswer, match="without its sync state"):
        sync_state(b"")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (done_control(), SyncDone(None, refresh_deletes=False)),
        (done_control(COOKIE), SyncDone(COOKIE, refresh_deletes=False)),
        (done_control(b"", refresh_deletes=True), SyncDone(None, refresh_deletes=True)),
        (done_control(None, refresh_deletes=True), SyncDone(None, refresh_deletes=True)),
        (done_control(COOKIE, refresh_deletes=False), SyncDone(COOKIE, refresh_deletes=False)),
        (b"", None),
    ],
    ids=["bare", "deletes absent", "empty cookie", "absent cookie", "deletes false", "no control"],
)
def test_done_gives_cookie_and_flag(raw: bytes, expected: SyncDone | None) -> None:
    assert sync_done(raw) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (element(0x80, COOKIE), SyncInfo()),
        (element(0xA1, text(COOKIE)), SyncInfo()),
        (element(0xA2, b""), SyncInfo(ends_present_phase=True)),
        (element(0xA2, b"\x01\x01\x00"), SyncInfo(ends_present_phase=True)),
        (id_set(UUIDS[:2]), SyncInfo(present=UUIDS[:2])),
        (id_set(UUIDS[:2], deleted=False), SyncInfo(present=UUIDS[:2])),
        (id_set(UUIDS[:2], deleted=True, cookie=COOKIE), SyncInfo(deleted=UUIDS[:2])),
        (id_set([]), SyncInfo(present=[])),
    ],
)
def test_info_tells_who_is_present_and_who_is_deleted(value: bytes, expected: SyncInfo) -> None:
    assert sync_info(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xa4\x00",
        b"\xa3",
        b"\xa3\x02\x31\x05",
        id_set([b"short"]),
        element(0xA3, element(0x31, element(0x0A, UUIDS[0]))),
        element(0xA3, b"\x01\x00"),
        id_set(UUIDS[:1]) + b"\x00",
    ],
)
def test_broken_info_is_refused(value: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        sync_info(value)


def test_page_request_asks_for_a_size() -> None:
    assert page_request(1000, b"next") == sequence(b"\x02\x02\x03\xe8", text(b"next"))


def test_page_cookie_is_empty_after_the_last_page_and_none_without_pages() -> None:
    assert [page_cookie(raw) for raw in (page(b"next"), page(), b"")] == [b"next", b"", None]


def test_broken_page_control_is_refused() -> None:
    with pytest.raises(MalformedAnswer):
        page_cookie(control(PAGES, sequence(text("cookie first"))))


def test_dirsync_request_has_its_flags_as_a_signed_integer_of_32_bits() -> None:
    """ldap3 writes five bytes, which a domain controller does not accept."""
    assert dirsync_request(b"\x07").hex() == "300e" + "020480000801" + "0203100000" + "040107"


@pytest.mark.parametrize("more", [True, False])
def test_dirsync_answer_says_whether_it_goes_on(more: bool) -> None:
    assert dirsync_answer(dirsync(b"cookie", more=more)) == DirsyncAnswer(more, b"cookie")


@pytest.mark.parametrize(
    "value",
    [b"", sequence(integer(0), integer(0)), sequence(integer(0), integer(0), text(""))],
    ids=["nothing", "no cookie", "an empty cookie"],
)
def test_dirsync_answer_of_another_form_is_refused(value: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        dirsync_answer(control(DIRSYNC, value))


def test_answer_without_dirsync_is_refused() -> None:
    with pytest.raises(MalformedAnswer, match="no DirSync control"):
        dirsync_answer(b"")
