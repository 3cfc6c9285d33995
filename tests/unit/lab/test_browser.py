"""What is seen of a page, without a browser."""

from __future__ import annotations

import stat

import pytest

from connector.errors import LabUnusable
from connector.lab import browser
from connector.lab.browser import Seen, address, look, seen_from, write_password
from connector.settings.web import WebSettings

PAGE = """
<nav><a>Home</a></nav><main><h1>Sync  errors</h1><p>1 er<wbr>ror</p>
<table aria-label="Errors"><tr><th>Na<wbr>me</th></tr><tr><td><a href="x">User &amp; B</a> <i>(new)</i></td></tr></table>
</main><footer>Times</footer>
"""


def test_the_main_part_is_read():
    seen = browser._Reader(PAGE).seen("http://127.0.0.1/")

    assert seen == Seen(
        "http://127.0.0.1/",
        "Sync  errors",
        {"Errors": [["Name"], ["User & B (new)"]]},
        "Sync errors 1 error Name User & B (new)",
    )


def test_what_a_command_printed_is_read_again():
    assert seen_from('{"address": "a", "heading": "b", "tables": {}, "text": "c"}') == Seen(
        "a", "b", {}, "c"
    )


@pytest.mark.parametrize(
    ("listen", "found"),
    [("127.0.0.1:8099", "http://127.0.0.1:8099"), ("0.0.0.0:80", "http://127.0.0.1:80")],
)
def test_the_address_is_one_that_a_browser_of_this_machine_reaches(listen, found):
    assert address(WebSettings(listen=listen)) == found


def test_the_password_is_made_once_and_nobody_else_reads_it(tmp_path):
    file = write_password(tmp_path)
    made = file.read_text()

    assert write_password(tmp_path).read_text() == made
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == ("web-password", 0o600)


def test_pages_that_nobody_serves_are_said(tmp_path):
    web = WebSettings(listen="127.0.0.1:1", admin_password_file=write_password(tmp_path))

    with pytest.raises(LabUnusable, match=r"http://127.0.0.1:1/health does not answer"):
        look(web, "/health")


def test_pages_without_a_password_are_said():
    with pytest.raises(LabUnusable, match="no password"):
        look(WebSettings(), "/")
