from __future__ import annotations

import pytest

from connector.directory.ber import element
from connector.directory.syncrepl import delta
from connector.directory.wire import messages
from connector.errors import MalformedAnswer
from connector.model import Change, Complete, DirectoryEntry, Gone, Present
from tests.ldap_messages import (
    SYNC,
    UUIDS,
    entry,
    id_set,
    intermediate,
    message,
    reference,
    result,
    sync_done,
    sync_state,
    text,
)

PRESENT, ADD, MODIFY, DELETE = range(4)
COOKIE = b"rid=000,csn=20260101000000.000000Z#000000#000#000000"
DN = "uid=ann,dc=contoso,dc=com"


def read(*answer: bytes, cookie_sent: bool = True, is_389: bool = False) -> list[Change]:
    return list(delta(messages([b"".join(answer)], 1), cookie_sent=cookie_sent, is_389=is_389))


def sent(state: int, uuid: bytes, **attributes: list[bytes]) -> bytes:
    return message(1, entry(DN, attributes), sync_state(state, uuid))


def info(value: bytes) -> bytes:
    return message(1, intermediate(value))


def done(cookie: bytes | None = None, *, deletes: bool | None = None) -> bytes:
    return message(1, result(), sync_done(cookie, deletes))


def test_added_and_modified_entries_are_entries() -> None:
    answer = sent(ADD, UUIDS[1], cn=[b"Ann"]), sent(MODIFY, UUIDS[2], cn=[b"Bob"])

    assert read(*answer, done(COOKIE, deletes=True)) == [
        DirectoryEntry(UUIDS[1], DN, {"cn": (b"Ann",)}),
        DirectoryEntry(UUIDS[2], DN, {"cn": (b"Bob",)}),
        Complete(COOKIE, unmentioned_gone=False),
    ]


def test_identity_is_the_one_of_the_control() -> None:
    other = [b"00000000-0000-0000-0000-000000000000"]

    assert read(sent(ADD, UUIDS[1], entryUUID=other), done())[0] == DirectoryEntry(
        UUIDS[1], DN, {"entryuuid": tuple(other)}
    )


def test_deleted_entry_is_gone() -> None:
    assert read(sent(DELETE, UUIDS[1]), done(deletes=True))[0] == Gone((UUIDS[1],))


def test_present_entry_is_present_and_one_with_attributes_is_an_entry() -> None:
    answer = sent(PRESENT, UUIDS[1]), sent(PRESENT, UUIDS[2], cn=[b"Bob"])

    assert read(*answer, done())[:2] == [
        Present((UUIDS[1],)),
        DirectoryEntry(UUIDS[2], DN, {"cn": (b"Bob",)}),
    ]


def test_sets_of_ids_are_present_or_gone() -> None:
    answer = info(id_set(UUIDS[:3])), info(id_set(UUIDS[3:5], deleted=True))

    assert read(*answer, done(deletes=True))[:2] == [Present(UUIDS[:3]), Gone(UUIDS[3:5])]


def test_reference_to_another_server_is_no_change() -> None:
    answer = message(1, reference("ldap://other/"), sync_state(ADD, UUIDS[1]))

    assert read(answer, done(deletes=True)) == [Complete(None, unmentioned_gone=False)]


def test_intermediate_message_of_another_kind_is_no_change() -> None:
    answer = message(1, intermediate(b"whatever", "1.2.3"))

    assert read(answer, done(deletes=True)) == [Complete(None, unmentioned_gone=False)]


@pytest.mark.parametrize("deletes", [True, False, None])
def test_without_a_cookie_sent_the_unmentioned_are_gone_whatever_the_flag_says(
    deletes: bool | None,
) -> None:
    assert read(done(COOKIE, deletes=deletes), cookie_sent=False) == [
        Complete(COOKIE, unmentioned_gone=True)
    ]


@pytest.mark.parametrize(("deletes", "gone"), [(True, False), (False, True), (None, True)])
def test_with_a_cookie_sent_the_flag_says_and_its_absence_means_false(
    deletes: bool | None,
    gone: bool,
) -> None:
    assert read(done(COOKIE, deletes=deletes)) == [Complete(COOKIE, unmentioned_gone=gone)]


def test_end_of_a_present_phase_makes_the_unmentioned_gone() -> None:
    answer = info(id_set(UUIDS[:2])), info(element(0xA2, b"\x01\x01\x00"))

    assert read(*answer, done(COOKIE, deletes=True))[-1] == Complete(COOKIE, unmentioned_gone=True)


def test_389_never_sets_the_flag_and_means_a_delta_all_the_same() -> None:
    assert read(done(b"server#client#7", deletes=False), is_389=True) == [
        Complete(b"server#client#7", unmentioned_gone=False)
    ]


def test_389_without_a_cookie_sent_is_a_whole_refresh() -> None:
    assert read(done(b"server#client#7"), cookie_sent=False, is_389=True) == [
        Complete(b"server#client#7", unmentioned_gone=True)
    ]


@pytest.mark.parametrize("cookie", [None, b""])
def test_absent_or_empty_cookie_keeps_the_one_at_hand(cookie: bytes | None) -> None:
    assert read(done(cookie, deletes=True)) == [Complete(None, unmentioned_gone=False)]


def test_cookies_that_come_before_the_end_are_not_kept() -> None:
    halfway = COOKIE + b",delcsn=20260101000001.000000Z#000000#000#000000"
    answer = (
        info(element(0x80, COOKIE)),
        info(id_set(UUIDS[:1], deleted=True, cookie=halfway)),
        message(1, entry(DN), sync_state(ADD, UUIDS[2], COOKIE)),
    )

    assert read(*answer, done(deletes=True))[-1] == Complete(None, unmentioned_gone=False)


def test_cookie_with_a_delete_csn_is_no_place_to_start_from() -> None:
    assert read(done(COOKIE + b",delcsn=x", deletes=True)) == [
        Complete(None, unmentioned_gone=False)
    ]


def test_end_without_its_control_is_an_error() -> None:
    with pytest.raises(MalformedAnswer, match="no Sync Done control"):
        read(sent(ADD, UUIDS[1]), message(1, result()))


def test_entry_without_its_state_is_an_error() -> None:
    with pytest.raises(MalformedAnswer, match="without its sync state"):
        read(message(1, entry(DN)), done())


def test_sync_state_of_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(MalformedAnswer):
        read(sent(4, UUIDS[1]), done())


def test_info_of_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(MalformedAnswer, match="unknown kind"):
        read(message(1, intermediate(text("?"), f"{SYNC}4")), done())
