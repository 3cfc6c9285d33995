"""The health addresses over real sockets: who gets an answer, who does not, and nobody blocks."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from connector.logs.log import open_log
from connector.logs.text import parse
from connector.settings import LogSettings
from connector.settings.web import WebSettings
from connector.web import listener
from connector.web.health import Answer
from tests.ports import free_port
from tests.system.certificates import authority, server_files

PATIENCE = 60.0
# Bytes, sent one at a time, in which a client is cut off for certain.
ENOUGH = 1000
HELLO = Answer(200, "text/plain", b"hello\n")


def send_on(client, sent):
    for _ in range(ENOUGH):
        client.sendall(sent)
        time.sleep(0.05)


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture
def serving(stream):
    """Serve ``hello`` at /healthz and nothing else, at the given port."""

    @contextmanager
    def serve(*, answer=lambda path: HELLO if path == "/healthz" else None, **settings):
        port = free_port()
        web = WebSettings(**{"listen": f"127.0.0.1:{port}", **settings})
        log = open_log(LogSettings(), stream=stream, environ={})
        with listener.listening(web, answer, log):
            yield port

    return serve


def ask(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/healthz", (200, b"hello\n")),
        ("GET", "/healthz?verbose", (200, b"hello\n")),
        ("HEAD", "/healthz", (200, b"")),
        ("POST", "/healthz", (405, b"")),
        ("DELETE", "/healthz", (405, b"")),
    ],
)
def test_only_reading_is_answered(serving, method, path, answer):
    with serving() as port:
        assert ask(port, method, path) == answer


@pytest.mark.parametrize("path", ["/", "/healthz/", "/../etc/passwd", "*"])
def test_an_unknown_path_is_not_found(serving, path):
    with serving() as port:
        assert ask(port, "GET", path)[0] == 404


def test_a_body_is_not_waited_for(serving):
    with (
        serving() as port,
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client,
    ):
        client.sendall(b"POST /healthz HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n")

        assert client.recv(12) == b"HTTP/1.0 405"


def test_what_is_no_http_is_turned_away(serving):
    with (
        serving() as port,
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client,
    ):
        client.sendall(b"\x16\x03\x01\x00\xff\r\n\r\n")

        assert b"400" in client.recv(1000)


def test_silent_clients_hold_up_nobody(serving):
    with serving() as port:
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
        answer = ask(port, "GET", "/healthz")
        for client in silent:
            client.close()

    assert answer[0] == 200


def test_a_client_that_sends_a_byte_at_a_time_is_cut_off(serving, monkeypatch):
    monkeypatch.setattr(listener, "_SECONDS_TO_TALK", 0.3)
    with (
        serving() as port,
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client,
        pytest.raises(ConnectionError),
    ):
        send_on(client, b"G")


def test_forty_clients_that_send_a_byte_at_a_time_do_not_shut_out_the_monitor(serving):
    with serving() as port:
        slow = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(40)]
        for client in slow:
            with suppress(OSError):
                client.sendall(b"G")
        answers = [ask(port, "GET", "/healthz")[0] for _ in range(3)]
        for client in slow:
            client.close()

    assert answers == [200, 200, 200]


def test_the_client_that_has_been_sending_for_the_longest_makes_room(serving, monkeypatch):
    monkeypatch.setattr(listener, "_CLIENTS", 2)
    with serving() as port:
        first, second, _third = clients = [
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(3)
        ]
        cut_off = first.recv(1)
        second.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        answer = second.recv(12)
        for client in clients:
            client.close()

    assert (cut_off, answer) == (b"", b"HTTP/1.0 200")


def test_a_client_that_is_being_answered_is_not_cut_off_for_another(serving, monkeypatch):
    monkeypatch.setattr(listener, "_CLIENTS", 1)
    asked, go_on = threading.Event(), threading.Event()

    def slowly(_: str) -> Answer:
        asked.set()
        go_on.wait(PATIENCE)
        return HELLO

    with serving(answer=slowly) as port, ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, port, "GET", "/healthz")
        asked.wait(PATIENCE)
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as second:
            turned_away = second.recv(1)
        go_on.set()

        assert (turned_away, first.result()) == (b"", (200, b"hello\n"))


def test_an_address_that_is_taken_is_an_error_in_the_log_and_no_more(serving, stream):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with serving(listen=address):
            events = list(filter(None, map(parse, stream.getvalue().splitlines())))

    assert [(event["event"], event["address"], event["message"]) for event in events] == [
        ("web.failed", address, "Address already in use")
    ]


@pytest.mark.parametrize("listen", ["[::ffff:127.0.0.1]:{}", "localhost:{}"])
def test_it_listens_where_it_is_told(serving, listen):
    port = free_port()
    with (
        serving(listen=listen.format(port)),
        urllib.request.urlopen(
            f"http://{listen.format(port)}/healthz", timeout=PATIENCE
        ) as response,
    ):
        assert response.read() == b"hello\n"


def test_with_a_certificate_it_speaks_https(serving, tmp_path):
    ca = authority(tmp_path)
    files = server_files(tmp_path, ca, "IP:127.0.0.1")
    trusting = ssl.create_default_context(cafile=str(ca))
    with (
        serving(tls_cert=files.certificate, tls_key=files.key) as port,
        socket.create_connection(("127.0.0.1", port)),
        urllib.request.urlopen(
            f"https://127.0.0.1:{port}/healthz", timeout=PATIENCE, context=trusting
        ) as response,
    ):
        assert response.read() == b"hello\n"


def test_a_certificate_that_is_none_is_an_error_in_the_log(serving, stream, tmp_path):
    (tmp_path / "web.crt").write_text("no certificate")
    with serving(tls_cert=tmp_path / "web.crt", tls_key=tmp_path / "web.crt"):
        events = list(filter(None, map(parse, stream.getvalue().splitlines())))

    assert [event["event"] for event in events] == ["web.failed"]
