from __future__ import annotations

import pytest

from connector.directory.refusals import Attempt, refusal
from connector.directory.wire import Result
from connector.errors import CookieRefused, DirectoryUnavailable, ResyncRequired

ATTEMPT = Attempt("ldap://dc1", "search below 'dc=x'", "dc=x", "cn=sync,dc=x")


def refused(
    code: int, said: str = "", *referrals: str, cookie_sent: bool = False
) -> DirectoryUnavailable:
    result = Result(0x65, code, "", said, referrals, b"")
    return refusal(result, ATTEMPT, cookie_sent=cookie_sent)


@pytest.mark.parametrize(
    ("code", "name", "step"),
    [
        (3, "timeLimitExceeded (3)", "Lift the time limit of cn=sync,dc=x"),
        (4, "sizeLimitExceeded (4)", "Lift the size limit of cn=sync,dc=x"),
        (10, "referral (10)", "Set directory.url to the server that holds dc=x"),
        (12, "unavailableCriticalExtension (12)", "set directory.mode to scan"),
        (32, "noSuchObject (32)", "Check directory.base_dn"),
        (49, "invalidCredentials (49)", "Check directory.bind_dn and its password"),
        (53, "unwillingToPerform (53)", "See the log of the directory server"),
        (4711, "result (4711)", "See the log of the directory server"),
    ],
)
def test_refusal_names_server_code_and_next_step(code: int, name: str, step: str) -> None:
    error = refused(code)

    assert str(error).startswith(f"ldap://dc1 refused to search below 'dc=x': {name}")
    assert step in str(error)
    assert error.result_code == code


def test_what_the_server_said_is_quoted_and_cut() -> None:
    text = str(refused(80, "because " + "x" * 1000))

    assert "'because xxx" in text
    assert len(text) < 400


def test_referral_names_the_other_server() -> None:
    assert "dc=x: ldap://a/ ldap://b/." in str(refused(10, "", "ldap://a/", "ldap://b/"))


def test_4096_asks_for_a_full_import() -> None:
    assert type(refused(4096, cookie_sent=True)) is ResyncRequired


def test_53_to_a_cookie_is_told_apart_from_53_to_none() -> None:
    assert type(refused(53, cookie_sent=True)) is CookieRefused
    assert type(refused(53)) is DirectoryUnavailable


def test_braces_in_names_do_no_harm() -> None:
    attempt = ATTEMPT._replace(base="cn={0},dc=x", identity="cn={identity}")

    assert "cn={identity}" in str(refusal(Result(0x65, 32, "", "{}", (), b""), attempt))


@pytest.mark.parametrize(
    ("data", "step"),
    [
        ("52e", "Check directory.bind_dn and its password."),
        ("533", "cn=sync,dc=x is disabled: enable it."),
        ("775", "cn=sync,dc=x is locked after too many wrong passwords: unlock it."),
    ],
)
def test_why_active_directory_lets_nobody_in_is_read_from_its_words(data: str, step: str) -> None:
    said = f"80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {data}, v1db1"

    assert str(refused(49, said)).endswith(step)


def test_what_the_server_said_is_one_sentence() -> None:
    error = refused(19, "Exceed password retry limit. Please try later.")

    assert "'Exceed password retry limit; Please try later'. After too many" in str(error)
