"""What the server hands over becomes a Call, or is refused before any handler sees it."""

from __future__ import annotations

import asyncio
import json
import threading
from types import SimpleNamespace

import pytest

from connector.web import app as module
from connector.web.app import CLIENTS, LONGEST_BODY, Application
from connector.web.exchange import Reply
from connector.web.health import Answer

HOST = {"host": "localhost:8443"}


class Asked:
    """An application with handlers that note what they are asked."""

    def __init__(self, web):
        self.calls = []
        self.reply = Reply(200, b"done", "text/plain")
        self.gate = threading.Event()
        self.gate.set()
        self.application = Application(web.context, self.monitor)

    def monitor(self, path):
        return Answer(200, "text/plain", f"{path}\n".encode())

    def answer(self, call, context):
        self.gate.wait(60)
        self.calls.append(call)
        return self.reply

    def ask(self, *requests):
        """Send requests at the same time; return status, headers and body of each."""

        async def all_of_them():
            return await asyncio.gather(*(self._send(**request) for request in requests))

        return asyncio.run(all_of_them())

    async def _send(
        self,
        *,
        target="/v1.0/users",
        method="GET",
        headers=HOST,
        chunks=(b"",),
        client="192.0.2.7",
        is_whole=True,
    ):
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": (client, 1),
            "server": ("127.0.0.1", 8443),
        }
        events = [
            {
                "type": "http.request",
                "body": chunk,
                "more_body": number < len(chunks) or not is_whole,
            }
            for number, chunk in enumerate(chunks, 1)
        ]
        sent = []

        async def receive():
            return events.pop(0) if events else await asyncio.sleep(60)

        async def send(message):
            sent.append(message)

        await self.application(scope, receive, send)
        start, *rest = sent
        found = {name.decode(): value.decode() for name, value in start["headers"]}
        body = b"".join(message.get("body", b"") for message in rest)
        return SimpleNamespace(status=start["status"], headers=found, body=body)


@pytest.fixture
def asked(web, monkeypatch):
    found = Asked(web)
    monkeypatch.setattr("connector.web.dispatch.answer", found.answer)
    yield found
    found.gate.set()
    found.application.close()


def error(response):
    return response.status, json.loads(response.body)["error"]["code"]


def test_a_request_becomes_a_call(asked):
    [response] = asked.ask(
        {
            "target": "/v1.0/users%40/x?%24select=a+b&$top=&$top=2",
            "method": "POST",
            "headers": {**HOST, "accept": "a", "client-request-id": "c"},
            "chunks": (b"bo", b"dy"),
        }
    )
    [call] = asked.calls

    assert (call.method, call.path, call.base) == (
        "POST",
        "/v1.0/users@/x",
        "http://localhost:8443",
    )
    assert call.query == [("$select", "a b"), ("$top", ""), ("$top", "2")]
    assert (call.headers["accept"], call.body, call.client) == ("a", b"body", "192.0.2.7")
    assert (response.status, response.body) == (200, b"done")
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("client", "base"),
    [
        ("127.0.0.1", "https://graph.contoso.com"),
        ("::1", "https://graph.contoso.com"),
        ("192.0.2.7", "http://localhost:8443"),
    ],
)
def test_only_a_proxy_on_this_machine_says_what_the_client_sees(asked, client, base):
    headers = {**HOST, "x-forwarded-proto": "https", "x-forwarded-host": "graph.contoso.com"}
    asked.ask({"headers": headers, "client": client})

    assert asked.calls[0].base == base


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ({"headers": {}}, (400, "BadRequest")),
        ({"headers": {"host": 'evil.example/x"><script>'}}, (400, "BadRequest")),
        (
            {"headers": {**HOST, "x-forwarded-host": "a b"}, "client": "127.0.0.1"},
            (400, "BadRequest"),
        ),
        ({"target": "/v1.0/users/%00"}, (400, "BadRequest")),
        ({"target": "/v1.0/users/%ff"}, (400, "BadRequest")),
        ({"target": "/v1.0/users?x=%ed%a0%80"}, (400, "BadRequest")),
        ({"target": "/v1.0/users?%00=x"}, (400, "BadRequest")),
        ({"target": "/v1.0/" + "a" * 16_379}, (414, "RequestUriTooLong")),
        ({"target": "/v1.0?" + "a" * 16_379}, (414, "RequestUriTooLong")),
        ({"chunks": (b"x" * LONGEST_BODY, b"x")}, (413, "RequestEntityTooLarge")),
        (
            {"headers": {**HOST, "content-length": str(LONGEST_BODY + 1)}},
            (413, "RequestEntityTooLarge"),
        ),
    ],
)
def test_what_no_handler_should_see_is_refused(asked, request_, answer):
    [response] = asked.ask(request_)

    assert (error(response), asked.calls) == (answer, [])
    assert response.headers["request-id"]


@pytest.mark.parametrize(
    ("target", "status"), [("/health?search=%ff", 400), ("/objects/" + "a" * 16_384, 414)]
)
def test_who_asks_for_a_page_is_refused_with_words_and_not_with_json(asked, target, status):
    [response] = asked.ask({"target": target})

    assert (response.status, asked.calls) == (status, [])
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.body.startswith(b"The URL ")


@pytest.mark.parametrize(
    "target", ["http://localhost:8443/v1.0/users?$top=1", "HTTPS://graph.microsoft.com/v1.0/users"]
)
def test_a_whole_url_is_asked_for_as_its_path_is(asked, target):
    asked.ask({"target": target})

    assert [(call.path, call.base) for call in asked.calls] == [
        ("/v1.0/users", "http://localhost:8443")
    ]


def test_the_nearest_of_several_proxies_is_believed(asked):
    hosts = "evil.example, graph.contoso.com"
    headers = {**HOST, "x-forwarded-proto": "http,https", "x-forwarded-host": hosts}
    asked.ask({"headers": headers, "client": "127.0.0.1"})

    assert asked.calls[0].base == "https://graph.contoso.com"


def test_a_url_of_16_kib_is_read(asked):
    asked.ask({"target": "/x?" + "a" * 16_381})

    assert len(asked.calls) == 1


def test_a_body_of_a_mebibyte_is_read(asked):
    asked.ask({"chunks": (b"x" * LONGEST_BODY,)})

    assert len(asked.calls[0].body) == LONGEST_BODY


def test_a_body_that_does_not_come_is_not_waited_for(asked, monkeypatch):
    monkeypatch.setattr(module, "SECONDS_FOR_A_BODY", 0.05)
    [response] = asked.ask({"chunks": (b"a",), "is_whole": False})

    assert (error(response), asked.calls) == ((408, "RequestTimeout"), [])


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/healthz", 200),
        ("HEAD", "/metrics", 200),
        ("POST", "/readyz", 405),
        ("GET", "/healthz?verbose", 200),
    ],
)
def test_monitoring_needs_nothing_and_only_reading_is_answered(asked, method, target, status):
    [response] = asked.ask({"method": method, "target": target, "headers": {}})

    assert (response.status, asked.calls) == (status, [])


def test_who_is_too_many_is_told_to_come_again_and_monitoring_is_answered(asked):
    asked.gate.clear()
    threading.Timer(0.5, asked.gate.set).start()
    responses = asked.ask(*[{}] * (CLIENTS + 3), {"target": "/healthz"})
    statuses = [response.status for response in responses]

    assert sorted(statuses) == [200] * (CLIENTS + 1) + [503] * 3
    refused = next(response for response in responses if response.status == 503)
    assert (error(refused), refused.headers["retry-after"]) == ((503, "ServiceUnavailable"), "1")


def test_a_stream_is_sent_piece_by_piece(asked):
    asked.reply = Reply(200, stream=iter([b"one\n", b"two\n"]), content_type="text/event-stream")
    [response] = asked.ask({"target": "/events"})

    assert (response.body, response.headers["content-type"]) == (b"one\ntwo\n", "text/event-stream")


def test_a_request_is_logged_without_its_query(web, asked, monkeypatch):
    told = []
    monkeypatch.setattr(
        web.log, "tell", lambda level, event, **fields: told.append((level, event, fields))
    )
    asked.ask({"target": "/v1.0/users?$filter=secret"})
    [(level, event, fields)] = told

    assert (level, event, fields["path"], fields["status"]) == (
        "debug",
        "web.request",
        "/v1.0/users",
        200,
    )
    assert "secret" not in str(fields)
