"""A person who is signed in, before a world on disk: requests in, answers out, without a server."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode

import pytest

from connector.assembly import open_parts
from connector.errors import ConnectorError
from connector.operations import requests
from connector.web.context import Context
from connector.web.exchange import Call
from connector.web.pages import site
from tests.world import MONDAY, World

PASSWORD = "correct horse"
BASE = "http://127.0.0.1:8080"


class Refused(ConnectorError):
    """The daemon said no."""


class Page(HTMLParser):
    """What a person sees of a page: headings, links, and tables by their names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.tables: dict[str, list[list[str]]] = {}
        self.links: dict[str, str] = {}
        self.headings: list[str] = []
        self.alerts: list[str] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self._said: list[str] = []
        self._table = ""
        self.feed(text)

    @property
    def csrf_token(self) -> str:
        return str(re.findall(r'name="csrf_token" value="([^"]+)"', self.text)[0])

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "table":
            self._table = attributes["aria-label"] or ""
            self.tables[self._table] = []
        elif tag == "tr":
            self.tables[self._table].append([])
        if tag in {"td", "th", "a", "h1", "h2", "h3"} or attributes.get("role") == "alert":
            self._open.append((tag, attributes))
            self._said.append("")

    def handle_data(self, data):
        self._said = [said + data for said in self._said]

    def handle_endtag(self, tag):
        if not self._open or self._open[-1][0] != tag:
            return
        _, attributes = self._open.pop()
        said = " ".join(self._said.pop().split())
        if tag in {"td", "th"}:
            self.tables[self._table][-1].append(said)
        elif tag == "a":
            self.links[said] = attributes["href"] or ""
        elif attributes.get("role") == "alert":
            self.alerts.append(said)
        else:
            self.headings.append(said)

    def rows(self, table: str) -> list[list[str]]:
        """Return the rows of a table without its heading; none of a table that is not there."""
        return self.tables.get(table, [[]])[1:]


class Visitor:
    """Asks the pages of a world, with a browser's cookies."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cookies: dict[str, str] = {}
        self.performed: list[dict[str, object]] = []
        self.context = Context(world.settings, world.log, self._carry_out, clock=lambda: MONDAY)
        self._is_apart = False

    def carry_out_apart(self) -> None:
        """Do what is asked as a command does: lock the storage, and open it for that time."""
        self._is_apart = True

    def _carry_out(self, request):
        self.performed.append(dict(request))
        if self._is_apart:
            with open_parts(self.world.settings, log=self.world.log) as parts:
                return requests.perform(parts, request)
        answer = requests.perform(self.world.parts, request)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    def ask(self, target: str, *, method="GET", form=None, headers=None, base=BASE):
        """Send a request as a browser does, and keep its cookies."""
        path, _, query = target.partition("?")
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        call = Call(
            method,
            path,
            base,
            parse_qsl(query, keep_blank_values=True),
            {"cookie": cookie, **(headers or {})},
            urlencode(form or {}).encode(),
            client="127.0.0.1",
        )
        reply = site.answer(call, self.context)
        if given := reply.headers.get("Set-Cookie"):
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value
        return reply

    def page(self, target: str) -> Page:
        return Page(self.ask(target).body.decode())

    def send(self, action: str, **fields):
        """Send the form of an action as a page of this session has it."""
        token = self.page("/").csrf_token
        return self.ask(action, method="POST", form={"csrf_token": token, **fields})

    def sign_in(self, password=PASSWORD, **fields):
        token = self.page("/signin").csrf_token
        form = {"csrf_token": token, "password": password, **fields}
        return self.ask("/signin", method="POST", form=form)


@pytest.fixture
def stranger(tmp_path, request):
    """Make a visitor who is not signed in; ``sections`` are those of the settings."""

    def make(**sections):
        file = tmp_path / "password"
        file.write_text(PASSWORD + "\n")
        web = {"admin_password_file": str(file), **sections.pop("web", {})}
        world = World(tmp_path / "var", web=web, **sections)
        request.addfinalizer(world.__exit__)
        visitor = Visitor(world)
        request.addfinalizer(visitor.context.close)
        return visitor

    return make


@pytest.fixture
def visitor_of(stranger):
    def make(**sections):
        visitor = stranger(**sections)
        visitor.sign_in()
        return visitor

    return make


@pytest.fixture
def visitor(visitor_of):
    return visitor_of()
