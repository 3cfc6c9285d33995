"""The files of the pages may be kept: their paths change with what they hold."""

from __future__ import annotations

import re

from connector.web.pages import static


def test_a_file_has_a_path_that_names_its_content():
    path = static.path_of("style.css")

    reply = static.answer(path)

    assert re.fullmatch(r"/static/style\.[0-9a-f]{8}\.css", path)
    assert reply is not None
    assert (reply.status, reply.content_type) == (200, "text/css; charset=utf-8")
    assert "immutable" in reply.headers["Cache-Control"]


def test_no_other_path_is_a_file():
    paths = ("/static/style.css", "/static/", "/static/../site.py", "/style.css")

    assert [static.answer(path) for path in paths] == [None] * 4


def test_the_icon_is_where_browsers_look_for_it():
    reply = static.answer("/favicon.ico")

    assert reply is not None
    assert reply.content_type == "image/svg+xml"


def test_nothing_is_fetched_from_elsewhere_and_the_script_stays_small():
    files = [static.answer(static.path_of(name)) for name in ("style.css", "script.js")]
    texts = [file.body.decode() for file in files if file]

    assert not [text for text in texts if "http://" in text or "https://" in text]
    assert texts[1].count("\n") < 80
