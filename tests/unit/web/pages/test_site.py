"""Who may see the pages, which page a path has, and the headers of each answer."""

from __future__ import annotations

import pytest

from connector.errors import StorageUnusable
from connector.web.pages import site
from tests.unit.web.pages.conftest import PASSWORD

PAGES = ["/", "/admin/sync-errors", "/health", "/health/sync-errors", "/health/deletions"]
ACTIONS = ["/signout", "/health/sync", "/health/sweep", "/health/deletions/approve"]


@pytest.mark.parametrize(
    "path", [*PAGES, "/health/sync-errors.csv", "/events", "/objects/x", "/no"]
)
def test_nobody_sees_a_page_without_a_session(stranger, path):
    reply = stranger().ask(path)

    assert (reply.status, reply.body) == (303, b"")
    assert reply.headers["Location"].startswith("/signin?next=")


def test_the_sign_in_leads_back_to_the_page_that_was_asked_for(stranger):
    visitor = stranger()

    wanted = visitor.ask("/health/sync-errors?category=Data+Mismatch").headers["Location"]
    done = visitor.sign_in(next="/health/sync-errors?category=Data+Mismatch")

    assert wanted == "/signin?next=%2Fhealth%2Fsync-errors%3Fcategory%3DData%2BMismatch"
    assert (done.status, done.headers["Location"]) == (
        303,
        "/health/sync-errors?category=Data+Mismatch",
    )


def test_a_form_that_was_sent_after_the_session_ended_leads_back_to_its_page(stranger):
    reply = stranger().ask("/health/sync", method="POST", form={"csrf_token": "x"})

    assert reply.headers["Location"] == "/signin?next=%2Fhealth"


@pytest.mark.parametrize("path", PAGES)
def test_each_page_has_one_heading_and_forbids_what_is_not_its_own(visitor, path):
    reply = visitor.ask(path)

    assert reply.status == 200
    assert len([h for h in visitor.page(path).headings[:1] if h]) == 1
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert reply.headers["Cache-Control"] == "no-store"
    assert b"<script>" not in reply.body
    assert b"style=" not in reply.body


@pytest.mark.parametrize("action", ACTIONS)
def test_a_form_without_its_token_or_from_another_site_is_refused(visitor, action):
    token = visitor.page("/").csrf_token
    foreign = {"origin": "https://evil.example"}

    statuses = [
        visitor.ask(action, method="POST").status,
        visitor.ask(action, method="POST", form={"csrf_token": "wrong"}).status,
        visitor.ask(action, method="POST", form={"csrf_token": token}, headers=foreign).status,
    ]

    assert statuses == [403, 403, 403]
    assert visitor.performed == []


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/nowhere", "GET", 404),
        ("/health/sync", "GET", 405),
        ("/objects/nobody", "GET", 404),
        ("/health", "PUT", 405),
        ("/health/../etc/passwd", "GET", 404),
        ("/static/../site.py", "GET", 404),
        ("/HEALTH", "GET", 404),
    ],
)
def test_what_is_not_there_is_refused_with_a_way_back(visitor, path, method, status):
    assert visitor.ask(path, method=method).status == status


def test_the_address_of_a_button_does_nothing_and_leads_back(visitor):
    reply = visitor.ask("/health/sync")

    assert (reply.status, reply.headers["Allow"]) == (405, "POST")
    assert visitor.page("/health/sync").links["Back to Home"] == "/"
    assert visitor.performed == []


@pytest.mark.parametrize("path", ["/admin/sync-errors", "/health/sync-errors"])
def test_a_page_beyond_the_end_of_a_list_is_not_good_news(visitor, path):
    visitor.world.user("a", upn="User@contoso.com")
    visitor.world.user("b", upn="User@contoso.com")
    visitor.world.sync()

    page = visitor.page(f"{path}?page=2")

    assert "The list has no page 2 any more." in page.text
    assert "has an error." not in page.text
    assert page.links["Show its first page"] == path


def test_another_host_is_refused(visitor):
    assert visitor.ask("/health", base="http://evil.example").status == 400


def test_without_a_password_the_pages_are_off_and_say_how_to_switch_them_on(stranger):
    reply = stranger(web={"admin_password_file": None}).ask("/")

    assert reply.status == 404
    assert b"[web] admin_password_file" in reply.body


def test_an_error_of_the_connector_is_a_page_with_its_sentence(visitor, tmp_path):
    visitor.world.stop()
    (tmp_path / "var" / "tenant.db").write_bytes(b"no database at all")

    reply = visitor.ask("/health")

    assert reply.status == 503
    assert b"That did not work" in reply.body


def test_an_error_of_several_lines_is_shown_as_one_sentence(visitor, monkeypatch):
    def fail(visit):
        raise StorageUnusable("It differs:\n  in one thing")

    monkeypatch.setitem(site._GET, "/", fail)

    assert visitor.page("/").alerts == ["It differs: in one thing"]


def test_signing_out_ends_the_session(visitor):
    done = visitor.send("/signout")

    assert (done.status, done.headers["Location"]) == (303, "/signin")
    assert visitor.ask("/").status == 303


def test_a_wrong_password_is_said_and_logged_without_it(stranger):
    visitor = stranger()

    reply = visitor.sign_in("guess")

    assert reply.status == 401
    assert b"Wrong password" in reply.body
    assert visitor.world.log.events == [
        ("web.refused", {"reason": "password", "client": "127.0.0.1"})
    ]


def test_after_ten_wrong_passwords_the_right_one_has_to_wait(stranger):
    visitor = stranger()
    for _ in range(10):
        visitor.sign_in("guess")

    reply = visitor.sign_in(PASSWORD)

    assert reply.status == 429
    assert int(reply.headers["Retry-After"]) > 0
