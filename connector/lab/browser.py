"""Look at the pages as a person does who signs in: what a story shows of them, and checks.

    python -m connector.lab.browser PATH      what is seen, as JSON; for a connector in a container

Nothing but the standard library opens them: a story has to run where no browser is.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from connector.errors import LabUnusable
from connector.settings import find, load
from connector.settings.secrets import WEB

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from urllib.request import OpenerDirector

    from connector.settings.web import WebSettings

_SECONDS = 10.0
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - compared with, not bound to
_BYTES = 12


class Seen(NamedTuple):
    """What a page holds: its heading, its tables by their names, a list of cells a row, and all its words."""

    address: str
    heading: str
    tables: dict[str, list[list[str]]]
    text: str


def write_password(folder: Path) -> Path:
    """Make the password of the pages of a lab, unless it is there; return its file."""
    file = folder / WEB
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(_BYTES) + "\n", encoding="utf-8")
    return file


def address(web: WebSettings) -> str:
    """Return the address at which a browser of this machine finds the pages."""
    host, _, port = web.listen.rpartition(":")
    scheme = "http" if web.tls_cert is None else "https"
    return f"{scheme}://{'127.0.0.1' if host == _ANY_ADDRESS else host}:{port}"


def look(web: WebSettings, path: str) -> Seen:
    """Sign in and open a page. Raises LabUnusable where nobody serves it, or the password is not taken."""
    base = address(web)
    if web.admin_password_file is None:
        raise LabUnusable("the pages have no password: [web] admin_password_file names none")
    password = web.admin_password_file.read_text(encoding="utf-8").rstrip("\r\n")
    browser = build_opener(HTTPCookieProcessor(CookieJar()), ProxyHandler({}))
    try:
        form = _TOKEN.search(_opened(browser, f"{base}/signin"))
        fields = {"csrf_token": form[1] if form else "", "password": password, "next": path}
        page = _opened(browser, f"{base}/signin", urlencode(fields).encode())
    except URLError as error:
        raise LabUnusable(f"{base}{path} does not answer: {error.reason}") from error
    return _Reader(page).seen(f"{base}{path}")


def _opened(browser: OpenerDirector, url: str, form: bytes | None = None) -> str:
    with browser.open(url, form, timeout=_SECONDS) as answer:
        return str(answer.read().decode("utf-8"))


class _Reader(HTMLParser):
    """Reads the main part of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._tables: dict[str, list[list[str]]] = {}
        self._heading = ""
        self._words: list[str] = []
        self._table: list[list[str]] = []
        self._open: list[str] = []
        self._goes_on = False
        self.feed(page)

    def seen(self, place: str) -> Seen:
        return Seen(place, self._heading.strip(), self._tables, " ".join(self._words))

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._table = self._tables[dict(attrs).get("aria-label") or ""] = []
        elif tag == "tr":
            self._table.append([])
        elif tag in {"td", "th"}:
            self._table[-1].append("")
        if tag in {"main", "td", "th", "h1"}:
            self._open.append(tag)
        self._goes_on = tag == "wbr"

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open:
            return
        said = " ".join(data.split())
        # A word goes on behind a place where it may be broken.
        goes_on, self._goes_on = self._goes_on, False
        between = "" if goes_on else " "
        if said and goes_on and self._words:
            self._words[-1] += said
        elif said:
            self._words.append(said)
        if self._open[-1] == "h1":
            self._heading += data
        elif self._open[-1] in {"td", "th"} and said:
            cell = self._table[-1][-1]
            self._table[-1][-1] = f"{cell}{between}{said}".strip()


def seen_from(text: str) -> Seen:
    """Read what the command printed."""
    found: dict[str, Any] = json.loads(text)
    return Seen(**found)


def main() -> None:
    """Look at the page that the command line names."""
    settings = load(find(None, os.environ), os.environ)
    sys.stdout.write(json.dumps(look(settings.web, sys.argv[1])._asdict()) + "\n")


if __name__ == "__main__":
    main()
