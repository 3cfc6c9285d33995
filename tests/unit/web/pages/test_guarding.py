"""What one may be sent to after the sign-in, and how forms are read."""

from __future__ import annotations

import pytest

from connector.web.pages.guarding import fields, own_path


@pytest.mark.parametrize("path", ["/", "/health", "/objects/a%2Fb?x=1#y"])
def test_a_path_of_the_site_is_kept(path):
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "health",
        "//evil.example/",
        "/\\evil.example",
        "https://evil.example/",
        "/\t/evil.example",
        "/x\r\nSet-Cookie: a=b",
        "/\u2028",
        "/signin?next=/signin",
    ],
)
def test_any_other_path_leads_home(path):
    assert own_path(path) == "/"


def test_the_fields_of_a_form_keep_blanks_and_order():
    assert fields(b"a=&b=x+y&a=%C3%A4") == [("a", ""), ("b", "x y"), ("a", "\u00e4")]


@pytest.mark.parametrize("body", [b"\xff", b"a=%ff", b"&".join([b"a=1"] * 51)])
def test_a_form_that_cannot_be_read_has_no_fields(body):
    assert list(fields(body)) == []
