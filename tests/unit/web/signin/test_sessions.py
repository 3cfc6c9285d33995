"""People are let in by a password and known again by a cookie; forms and hosts are looked at."""

from __future__ import annotations

import re

import pytest

from connector.errors import InvalidSettings
from connector.web.signin.sessions import (
    Sessions,
    TooManyAttempts,
    WrongPassword,
    has_own_origin,
    is_own_host,
)
from tests.unit.web.served import Served

PASSWORD = "correct horse battery"


@pytest.fixture
def web(tmp_path):
    (tmp_path / "password").write_text(PASSWORD + "\n")
    found = Served(tmp_path, admin_password_file=tmp_path / "password", listen="192.0.2.1:8443")
    yield found
    found.context.close()


@pytest.fixture
def sessions(web):
    return web.context.signin.sessions


def cookie(headers):
    match = re.match(r"(\w+)=([\w-]*); (.*)", headers["Set-Cookie"])
    assert match
    return match.groups()


def signed_in(web, sessions):
    name, value, _ = cookie(sessions.sign_in(web.call("POST", "/signin"), PASSWORD))
    return {"cookie": f"other=1; {name}={value}"}


def test_the_password_begins_a_session_that_the_cookie_names(web, sessions):
    headers = signed_in(web, sessions)
    session = sessions.find(web.call("GET", "/", headers=headers))

    assert len(session.csrf_token) == 64
    assert sessions.find(web.call("GET", "/")) is None
    assert sessions.find(web.call("GET", "/", headers={"cookie": "session=x"})) is None
    assert sessions.find(web.call("GET", "/", headers={"cookie": "session"})) is None


@pytest.mark.parametrize(
    ("base", "secure"), [("https://localhost", True), ("http://localhost", False)]
)
def test_the_cookie_is_for_this_server_alone(web, sessions, base, secure):
    _, value, attributes = cookie(sessions.sign_in(web.call("POST", "/", base=base), PASSWORD))

    assert len(value) > 40
    assert attributes == "Path=/; Max-Age=28800; HttpOnly; SameSite=Lax" + "; Secure" * secure


@pytest.mark.parametrize("password", ["", PASSWORD + "\n", PASSWORD.upper(), "\ud800"])
def test_another_password_lets_nobody_in(web, sessions, password):
    with pytest.raises(WrongPassword):
        sessions.sign_in(web.call("POST", "/signin"), password)


def test_after_ten_wrong_passwords_the_right_one_has_to_wait(web, sessions):
    call = web.call("POST", "/signin")
    for _ in range(10):
        with pytest.raises(WrongPassword):
            sessions.sign_in(call, "wrong")

    with pytest.raises(TooManyAttempts) as error:
        sessions.sign_in(call, PASSWORD)
    assert 50 < error.value.seconds <= 60
    assert sessions.sign_in(web.call("POST", "/signin", client="192.0.2.8"), PASSWORD)


def test_a_session_ends_after_eight_hours_or_half_an_hour_without_use(web, sessions):
    headers = signed_in(web, sessions)
    call = web.call("GET", "/", headers=headers)
    web.wait(minutes=29)
    seen = [sessions.find(call) is None]
    web.wait(minutes=30)
    seen.append(sessions.find(call) is None)
    call = web.call("GET", "/", headers=signed_in(web, sessions))
    for _ in range(19):
        web.wait(minutes=25)
        seen.append(sessions.find(call) is None)
    web.wait(minutes=5)
    seen.append(sessions.find(call) is None)

    assert seen == [False, True, *[False] * 19, True]


def test_signing_out_ends_the_session_and_takes_the_cookie_back(web, sessions):
    headers = signed_in(web, sessions)
    name, value, attributes = cookie(sessions.sign_out(web.call("POST", "/", headers=headers)))

    assert (name, value, attributes.split("; ")[1]) == ("session", "", "Max-Age=0")
    assert sessions.find(web.call("GET", "/", headers=headers)) is None


def test_another_password_in_the_file_counts_at_once(web, sessions, tmp_path):
    (tmp_path / "password").write_text("another one")

    assert sessions.sign_in(web.call("POST", "/signin"), "another one")


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_file_without_a_password_lets_nobody_in(web, sessions, tmp_path, content):
    (tmp_path / "password").unlink()
    if content is not None:
        (tmp_path / "password").write_text(content)

    with pytest.raises(InvalidSettings, match="web.admin_password_file"):
        sessions.sign_in(web.call("POST", "/signin"), "")


def test_without_a_file_there_are_no_sessions(tmp_path):
    web = Served(tmp_path)
    found = Sessions(web.settings.web, web.context.clock)
    found.check()

    assert not found.are_possible()
    with pytest.raises(WrongPassword):
        found.sign_in(web.call("POST", "/signin"), "")


def test_a_form_of_this_session_is_taken_and_that_of_another_one_is_not(web, sessions):
    mine, theirs = signed_in(web, sessions), signed_in(web, sessions)
    token = sessions.find(web.call("GET", "/", headers=mine)).csrf_token

    def is_own(headers, token):
        return sessions.is_own_form(web.call("POST", "/health/sync", headers=headers), token)

    assert is_own(mine, token)
    assert not is_own(theirs, token)
    assert not is_own({}, token)
    assert not is_own(mine, "")
    assert not is_own({**mine, "origin": "https://evil.example"}, token)
    assert not is_own({**mine, "origin": "null"}, token)
    assert is_own({**mine, "origin": "https://localhost:8443"}, token)


def test_the_form_of_sign_in_is_bound_to_the_browser_that_asked_for_it(web, sessions):
    token, headers = sessions.form_token(web.call("GET", "/signin"))
    name, value, _ = cookie(headers)
    browser = {"cookie": f"{name}={value}"}

    assert sessions.is_own_form(web.call("POST", "/signin", headers=browser), token)
    assert not sessions.is_own_form(web.call("POST", "/signin"), token)
    assert sessions.form_token(web.call("GET", "/signin", headers=browser)) == (token, {})


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("localhost:1", True),
        ("127.0.0.1", True),
        ("[::1]:8443", True),
        ("192.0.2.1:8443", True),
        ("Connector.contoso.com", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("192.0.2.2", False),
    ],
)
def test_only_names_of_this_server_are_hosts_of_the_pages(tmp_path, host, is_own):
    web = Served(tmp_path, listen="192.0.2.1:8443", public_url="https://connector.contoso.com/x")
    call = web.call("GET", "/", base=f"https://{host}")

    assert is_own_host(call, web.settings.web) is is_own


def test_who_sends_no_origin_is_no_other_page(web):
    assert has_own_origin(web.call("POST", "/"))
