"""The connector meets servers that refuse, break off or send nonsense."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import Any

import pytest

from connector.directory import open_directory
from connector.errors import (
    CookieRefused,
    DirectoryUnavailable,
    MalformedAnswer,
    ReadStopped,
    ResyncRequired,
)
from connector.model import Change, Complete, DirectoryEntry, Gone
from connector.settings import DirectorySettings
from tests.ldap_messages import (
    BIND,
    EXTENDED,
    SYNC,
    UUIDS,
    entry,
    id_set,
    intermediate,
    message,
    notice,
    page,
    result,
    sync_done,
    sync_state,
)
from tests.system.fake_ldap import CLOSE, FakeLdap, script, sent
from tests.system.reading import SECRET, closed_afterwards, opened  # noqa: F401 - a fixture

COOKIE = b"rid=000,csn=20260101000000.000000Z#000000#000#000000"
ANN = sent(entry("uid=ann,dc=x", {"cn": [b"Ann"]}), sync_state(1, UUIDS[1]))
DONE = sent(result(), sync_done(COOKIE, refresh_deletes=True))
WHOLE = [
    DirectoryEntry(UUIDS[1], "uid=ann,dc=x", {"cn": (b"Ann",)}),
    Complete(COOKIE, unmentioned_gone=True),
]


def failure(
    server: FakeLdap, cookie: bytes | None = None, **changed: Any
) -> tuple[DirectoryUnavailable, list[Change]]:
    """Return the error of a read of changes, and the changes before it."""
    taken: list[Change] = []
    changes = opened(server, **changed).changes(cookie)
    with pytest.raises(DirectoryUnavailable) as caught:
        deque(map(taken.append, changes))
    assert not any(isinstance(change, Complete) for change in taken)
    assert SECRET not in str(caught.value)
    return caught.value, taken


# --- answers that are whole ---------------------------------------------------------------------


def test_answer_may_come_one_byte_at_a_time() -> None:
    with FakeLdap(script(ANN, DONE), piece=1) as server:
        directory = opened(server)

        assert list(directory.changes(None)) == WHOLE


def test_entry_deleted_and_another_made_under_its_name_are_two() -> None:
    again = sent(entry("uid=ann,dc=x", {"cn": [b"New"]}), sync_state(1, UUIDS[2]))
    gone = sent(intermediate(id_set(UUIDS[1:2], deleted=True)))
    with FakeLdap(script(gone, again, DONE)) as server:
        assert list(opened(server).changes(COOKIE)) == [
            Gone(UUIDS[1:2]),
            DirectoryEntry(UUIDS[2], "uid=ann,dc=x", {"cn": (b"New",)}),
            Complete(COOKIE, unmentioned_gone=False),
        ]


def test_cookie_of_another_shape_is_not_sent() -> None:
    with FakeLdap(script(ANN, DONE)) as server:
        assert list(opened(server).changes(b"rid=000")) == WHOLE
        assert b"rid=000" not in server.searches()[0]


# --- answers that are not -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (3, "timeLimitExceeded"),
        (4, "size limit of cn=sync,dc=x"),
        (32, "directory.base_dn"),
        (50, "read access"),
        (51, "busy"),
        (80, "other"),
    ],
)
def test_result_that_is_no_success_makes_the_answer_void(code: int, words: str) -> None:
    with FakeLdap(script(ANN, sent(result(code)))) as server:
        error, taken = failure(server)

        assert type(error) is DirectoryUnavailable
        assert words in str(error)
        assert server.url in str(error)
        assert "dc=x" in str(error)
        assert len(taken) == 1


def test_referral_names_the_server_to_ask() -> None:
    with FakeLdap(sent(result(10, referrals=["ldap://dc2/dc=x"]))) as server:
        error, _ = failure(server)

        assert "Set directory.url to the server that holds dc=x: ldap://dc2/dc=x" in str(error)


def test_4096_asks_for_a_full_import() -> None:
    with FakeLdap(sent(result(4096, "sync cookie is stale"))) as server:
        error, _ = failure(server, COOKIE)

        assert type(error) is ResyncRequired


def test_53_to_a_cookie_is_asked_again_with_the_same_cookie() -> None:
    refused = sent(result(53, "consumer state is newer than provider!"))
    with FakeLdap(refused, refused, script(ANN, DONE)) as server:
        changes = list(opened(server).changes(COOKIE))

        assert changes[-1] == Complete(COOKIE, unmentioned_gone=False)
        assert [COOKIE in request for request in server.searches()] == [True] * 3


def test_53_that_stays_is_told_apart() -> None:
    with FakeLdap(*[sent(result(53))] * 3) as server:
        error, _ = failure(server, COOKIE)

        assert type(error) is CookieRefused


def test_53_without_a_cookie_is_not_asked_again() -> None:
    with FakeLdap(sent(result(53))) as server:
        error, _ = failure(server)

        assert type(error) is DirectoryUnavailable
        assert len(server.searches()) == 1


def test_12_in_mode_syncrepl_says_what_to_do() -> None:
    with FakeLdap(sent(result(12))) as server:
        error, _ = failure(server, mode="syncrepl")

        assert "load the syncprov overlay" in str(error)


def test_12_in_mode_auto_falls_back_to_a_scan() -> None:
    uuid = b"01010101-0101-0101-0101-010101010101"
    found = sent(entry("uid=ann,dc=x", {"entryUUID": [uuid]}))
    with FakeLdap(sent(result(12)), script(found, sent(result(), page()))) as server:
        changes = list(opened(server).changes(COOKIE))

        assert changes == [
            DirectoryEntry(UUIDS[1], "uid=ann,dc=x", {"entryuuid": (uuid,)}),
            Complete(None, unmentioned_gone=True),
        ]


def test_root_dse_that_is_hidden_means_a_scan() -> None:
    with FakeLdap(script(scanned(1), sent(result())), root_code=50) as server:
        assert list(opened(server).changes(COOKIE))[-1] == Complete(None, unmentioned_gone=True)


def test_server_too_busy_to_show_its_root_dse_is_not_taken_for_one_without_sync() -> None:
    with FakeLdap(script(scanned(1), sent(result())), root_code=51) as server:
        error, _ = failure(server)

        assert "refused to show its root DSE: busy (51)" in str(error)


def test_password_that_ldap_forbids_is_told_without_showing_it() -> None:
    with FakeLdap() as server:
        settings = DirectorySettings(url=(server.url,), base_dn="dc=x", bind_dn="cn=sync,dc=x")
        directory = open_directory(settings, password="\u0221secret\x00")

        with pytest.raises(DirectoryUnavailable) as caught:
            list(directory.changes(None))
        assert "secret" not in str(caught.value)


def test_389_that_forgot_changes_is_read_anew() -> None:
    """Restored from a backup, or set up anew, it knows of fewer changes than the cookie does."""
    root = {
        "supportedControl": [SYNC.encode() + b"1"],
        "vendorName": [b"389 Project"],
        "lastChangeNumber": [b"5"],
    }
    with FakeLdap(root=root) as server:
        error, _ = failure(server, cookie=b"host:389#cn=sync,dc=x:dc=x#9")

        assert type(error) is ResyncRequired
        assert "knows of fewer changes than it told before" in str(error)


def test_success_without_the_sync_control_is_no_success() -> None:
    with FakeLdap(script(ANN, sent(result()))) as server:
        error, _ = failure(server)

        assert type(error) is MalformedAnswer
        assert server.url in str(error)


def test_server_that_closes_in_the_middle_makes_the_answer_void() -> None:
    with FakeLdap(script(ANN, CLOSE)) as server:
        error, taken = failure(server)

        assert "closed before the end" in str(error)
        assert len(taken) == 1


def test_server_that_closes_in_the_middle_of_a_message_makes_the_answer_void() -> None:
    with FakeLdap(script(ANN, lambda number: ANN(number)[:-3], CLOSE)) as server:
        error, _ = failure(server)

        assert "closed before the end" in str(error)


def test_notice_of_disconnection_says_why() -> None:
    with FakeLdap(script(ANN, notice(52, "shutting down"))) as server:
        error, _ = failure(server)

        assert "shutting down" in str(error)


def test_garbage_is_refused_with_the_name_of_the_server() -> None:
    with FakeLdap(script(ANN, b"HTTP/1.1 400 Bad Request")) as server:
        error, _ = failure(server)

        assert type(error) is MalformedAnswer
        assert f"{server.url} sent an answer that is not LDAP" in str(error)


def test_garbage_in_the_answer_to_a_bind_is_refused() -> None:
    with FakeLdap(bind=lambda number: b"SSH-2.0-OpenSSH_9.2\r\n") as server:
        error, _ = failure(server)

        assert server.url in str(error)


@pytest.mark.parametrize("mode", ["syncrepl", "scan"])
@pytest.mark.parametrize(
    "dn", ["", "rubbish", "rubbish,dc=x", "uid=eve,dc=y", "dc=com", "uid=eve,,dc=x"]
)
def test_entry_that_cannot_be_below_the_base_makes_the_answer_void(dn: str, mode: str) -> None:
    shown = entry(dn, {"entryUUID": [b"02020202-0202-0202-0202-020202020202"]})
    eve = sent(shown, sync_state(1, UUIDS[2]))
    ann = ANN if mode == "syncrepl" else scanned(1)
    with FakeLdap(script(ann, eve, DONE)) as server:
        error, taken = failure(server, mode=mode)

        assert type(error) is MalformedAnswer
        assert server.url in str(error)
        assert repr(dn) in str(error)
        assert len(taken) == 1


@pytest.mark.parametrize("tag", [BIND, EXTENDED])
def test_result_of_another_operation_does_not_end_a_search(tag: int) -> None:
    other = sent(result(tag=tag), sync_done(COOKIE, refresh_deletes=True))
    with FakeLdap(script(ANN, other, DONE)) as server:
        error, taken = failure(server)

        assert type(error) is MalformedAnswer
        assert f"operation 0x{tag:02x} where a search ends" in str(error)
        assert len(taken) == 1


def test_end_of_another_search_is_passed_over() -> None:
    foreign = message(99, result(), sync_done(COOKIE, refresh_deletes=True))
    with FakeLdap(script(foreign, ANN, foreign, DONE)) as server:
        assert list(opened(server).changes(None)) == WHOLE


def test_entry_that_was_not_asked_for_is_refused() -> None:
    other = script(scanned(2), sent(result()))
    with FakeLdap(other) as server, pytest.raises(MalformedAnswer, match="was not asked for"):
        list(opened(server).read([UUIDS[1]]))


def test_message_of_gigabytes_is_refused_before_it_is_read() -> None:
    with FakeLdap(script(ANN, b"\x30\x84\x7f\xff\xff\xff")) as server:
        error, _ = failure(server)

        assert "the limit is" in str(error)


def test_silence_ends_after_the_timeout() -> None:
    with FakeLdap(ANN) as server:
        error, _ = failure(server, timeout=timedelta(seconds=1))

        assert "no answer within 1 seconds" in str(error)


def test_stop_ends_a_read_that_waits() -> None:
    with FakeLdap(ANN) as server:
        stopping = False
        changes = opened(server, timeout=timedelta(minutes=1), stop=lambda: stopping).changes(None)
        next(changes)
        stopping = True

        with pytest.raises(ReadStopped):
            next(changes)


# --- scans ---------------------------------------------------------------------------------------


def scanned(number: int) -> Any:
    uuid = str(UUIDS[number].hex()).encode()
    return sent(entry(f"cn={number},dc=x", {"entryUUID": [uuid]}))


def test_scan_of_a_server_without_pages_is_whole() -> None:
    with FakeLdap(script(scanned(1), scanned(2), sent(result())), root={}) as server:
        *entries, complete = opened(server).changes(None)

        assert len(entries) == 2
        assert complete == Complete(None, unmentioned_gone=True)


def test_every_page_must_end_well() -> None:
    first = script(scanned(1), sent(result(), page(b"next")))
    with FakeLdap(first, script(scanned(2), sent(result(4))), root={}) as server:
        error, taken = failure(server)

        assert "size limit" in str(error)
        assert len(taken) == 2


def test_pages_that_begin_anew_for_ever_are_an_error() -> None:
    with FakeLdap(*[script(scanned(1), sent(result(), page(b"next")))] * 5, root={}) as server:
        error, _ = failure(server)

        assert "never ends" in str(error)


def test_empty_pages_for_ever_are_an_error() -> None:
    with FakeLdap(*[sent(result(), page(b"next"))] * 200, root={}) as server:
        error, _ = failure(server)

        assert "never ends" in str(error)


def test_connection_lost_between_pages_makes_the_scan_void() -> None:
    first = script(scanned(1), sent(result(), page(b"next")), CLOSE)
    with FakeLdap(first, script(scanned(2), sent(result(), page())), root={}) as server:
        error, _ = failure(server)

        assert "lost between two pages" in str(error)


def test_entry_that_hides_its_identity_is_an_error() -> None:
    with FakeLdap(script(sent(entry("cn=a,dc=x")), sent(result())), root={}) as server:
        error, _ = failure(server)

        assert "Grant directory.bind_dn read access to entryUUID" in str(error)


# --- servers and connections -----------------------------------------------------------------------


def test_connection_is_kept_from_one_read_to_the_next() -> None:
    with FakeLdap(*[script(ANN, DONE)] * 3) as server:
        directory = opened(server)
        for _ in range(3):
            list(directory.changes(None))

        assert server.connections == 1


def test_connection_that_the_server_closed_is_replaced() -> None:
    with FakeLdap(script(ANN, DONE, CLOSE), script(ANN, DONE)) as server:
        directory = opened(server)
        list(directory.changes(None))

        assert list(directory.changes(None)) == WHOLE
        assert server.connections == 2


def test_connection_that_dies_at_the_first_question_is_replaced() -> None:
    with FakeLdap(script(ANN, DONE), lambda number: CLOSE, script(ANN, DONE)) as server:
        directory = opened(server)
        list(directory.changes(None))

        assert list(directory.changes(None)) == WHOLE


def test_answer_that_is_given_up_does_not_disturb_the_next() -> None:
    with FakeLdap(script(ANN, ANN, DONE), script(ANN, DONE)) as server:
        directory = opened(server)
        next(directory.changes(None))

        assert list(directory.changes(None)) == WHOLE


def test_next_server_is_asked_when_the_first_does_not_answer() -> None:
    with FakeLdap(script(ANN, DONE)) as server:
        directory = opened("ldap://127.0.0.1:1", server)

        assert list(directory.changes(None)) == WHOLE
        assert directory.url == server.url


def test_server_that_answered_is_asked_first_from_then_on() -> None:
    with FakeLdap(script(ANN, DONE, CLOSE), script(ANN, DONE)) as second:
        with FakeLdap() as first:
            port = first.port
        directory = opened(f"ldap://127.0.0.1:{port}", second)
        list(directory.changes(None))

        list(directory.changes(None))

        assert second.connections == 2


def test_every_server_that_failed_is_named() -> None:
    directory = opened("ldap://127.0.0.1:1", "ldap://127.0.0.2:2")

    with pytest.raises(DirectoryUnavailable) as caught:
        list(directory.changes(None))

    assert "ldap://127.0.0.1:1: Connection refused" in str(caught.value)
    assert "ldap://127.0.0.2:2: Connection refused" in str(caught.value)


def test_wrong_password_is_not_tried_on_the_next_server() -> None:
    refused = FakeLdap(bind=lambda number: message(number, result(49, tag=BIND)))
    with refused, FakeLdap(script(ANN, DONE)) as other:
        with pytest.raises(DirectoryUnavailable, match=r"Check directory\.bind_dn"):
            list(opened(refused, other).changes(None))

        assert other.connections == 0


def test_unknown_host_is_told() -> None:
    with pytest.raises(DirectoryUnavailable, match="name of the host cannot be resolved"):
        list(opened("ldap://nowhere.invalid").changes(None))


# --- passwords --------------------------------------------------------------------------------------


def test_password_does_not_travel_in_clear_to_another_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with FakeLdap() as server:
        monkeypatch.setattr("connector.directory.url.ServerUrl.is_local", property(lambda _: False))

        error, _ = failure(server)

        assert "would travel unencrypted" in str(error)
        assert not any(SECRET.encode() in request for request in server.requests)


def test_password_travels_in_clear_where_the_settings_allow_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with FakeLdap(script(ANN, DONE)) as server:
        monkeypatch.setattr("connector.directory.url.ServerUrl.is_local", property(lambda _: False))

        assert list(opened(server, allow_plaintext=True).changes(None)) == WHOLE


def test_start_tls_that_is_refused_sends_no_password() -> None:
    with FakeLdap() as server:
        error, _ = failure(server, tls="starttls")

        assert "refused to start TLS" in str(error)
        assert not any(SECRET.encode() in request for request in server.requests)


def test_name_without_a_password_is_no_anonymous_bind() -> None:
    with FakeLdap() as server:
        settings = DirectorySettings(url=(server.url,), base_dn="dc=x", bind_dn="cn=sync,dc=x")

        directory = open_directory(settings, password=None)

        with pytest.raises(DirectoryUnavailable, match="no password for cn=sync,dc=x"):
            list(directory.changes(None))
