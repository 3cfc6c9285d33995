"""The control socket: who may ask, which requests wait, and the answers when things go wrong."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
import time
from contextlib import ExitStack, closing, suppress

import pytest

from connector.daemon import control
from connector.daemon.control import SOCKET, Server, ask
from connector.errors import DaemonUnavailable, DaemonUnresponsive
from connector.storage.instance import FILE

PATIENCE = 60.0
# So many times a client sends before its time is over for certain.
ENOUGH = 3000


def send_on(client, sent):
    for _ in range(ENOUGH):
        client.sendall(sent)
        time.sleep(0.01)


@pytest.fixture
def serve(request):
    """Start a server whose main thread answers every request with what it was asked."""

    def serve(storage, *, answering: bool = True) -> Server:
        woken, stopped = threading.Event(), threading.Event()
        server = Server(storage, at_once={"status": lambda _: {"state": "idle"}}, wake=woken.set)

        def work() -> None:
            while woken.wait() and not stopped.is_set():
                woken.clear()
                for asked in server.waiting():
                    asked.answer({"asked": asked.request})

        def stop() -> None:
            stopped.set()
            woken.set()
            server.close()

        request.addfinalizer(stop)
        if answering:
            threading.Thread(target=work, daemon=True).start()
        return server

    return serve


def test_a_request_is_answered_by_the_main_thread(tmp_path, serve):
    serve(tmp_path)

    assert ask(tmp_path, {"command": "sync"}) == {"asked": {"command": "sync"}}


def test_the_state_is_told_at_once_whatever_the_main_thread_does(tmp_path, serve):
    serve(tmp_path, answering=False)

    assert ask(tmp_path, {"command": "status"}) == {"state": "idle"}


def test_who_asks_hears_before_the_answer_which_process_was_asked(tmp_path, serve):
    heard: list[int] = []
    serve(tmp_path)

    ask(tmp_path, {"command": "sync"}, heard=heard.append)

    assert heard == [os.getpid()]


def test_without_a_daemon_there_is_no_answer(tmp_path):
    assert ask(tmp_path, {"command": "status"}) is None


def test_a_socket_that_a_crash_left_is_no_daemon_and_is_replaced(tmp_path, serve):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / SOCKET))

    before = ask(tmp_path, {"command": "status"})
    serve(tmp_path)

    assert before is None
    assert ask(tmp_path, {"command": "status"}) == {"state": "idle"}


def test_only_its_user_may_open_the_socket(tmp_path, serve):
    serve(tmp_path)

    assert stat.S_IMODE((tmp_path / SOCKET).stat().st_mode) == 0o600


def test_a_path_longer_than_an_address_may_be_works_too(tmp_path, serve):
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    serve(deep)

    assert ask(deep, {"command": "sync"}) == {"asked": {"command": "sync"}}


def test_what_is_no_request_is_answered_with_an_error(tmp_path, serve):
    serve(tmp_path)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / SOCKET))
        client.sendall(b"sync please\n")

        answer = client.makefile().readline()

    assert answer == '{"error": "The request is not a line of JSON.", "exit_code": 2}\n'


def said_to(storage, request: bytes) -> dict[str, object]:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(storage / SOCKET))
        # A server that refuses a client hangs up, perhaps before the request is sent.
        with suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
        answer: dict[str, object] = json.loads(client.makefile().readline())
        return answer


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (b"x" * 3_000_000, "The request is longer than 1,048,576 bytes."),
        (b"x" * 3_000_000 + b"\n", "The request is longer than 1,048,576 bytes."),
        (b'{"command": "sync"}', "The request is not a line of JSON."),
        (b"[" * 200_000 + b"\n", "The request is not a line of JSON."),
        (
            b'{"command": "sync", "x": ' + b"[" * 32 + b"]" * 32 + b"}\n",
            "The request is nested deeper than 32 levels.",
        ),
        (
            b'{"command": "sync", "x": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}\n",
            "The request is nested deeper than 32 levels.",
        ),
    ],
)
def test_a_request_out_of_bounds_is_answered_with_an_error(tmp_path, serve, request_, error):
    serve(tmp_path)

    assert said_to(tmp_path, request_) == {"error": error, "exit_code": 2}


def test_a_request_may_be_as_deep_as_any_needs(tmp_path, serve):
    serve(tmp_path)
    nested = b'{"command": "sync", "x": ' + b"[" * 31 + b"]" * 31 + b"}\n"

    assert "asked" in said_to(tmp_path, nested)


@pytest.mark.parametrize("sent", [b" ", b" " * 100_000])
def test_a_client_has_its_time_in_all_however_it_sends(tmp_path, serve, monkeypatch, sent):
    monkeypatch.setattr(control, "_SECONDS_TO_TALK", 0.5)
    serve(tmp_path)
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        client.connect(str(tmp_path / SOCKET))

        with pytest.raises(ConnectionError):
            send_on(client, sent)


def test_one_client_too_many_is_told_and_others_are_let_in_again(tmp_path, serve, monkeypatch):
    monkeypatch.setattr(control, "_CLIENTS", 2)
    monkeypatch.setattr(control, "_SECONDS_TO_TALK", PATIENCE)
    serve(tmp_path)
    with ExitStack() as clients:
        silent = [clients.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2)]
        for client in silent:
            client.connect(str(tmp_path / SOCKET))
        refused = said_to(tmp_path, b"")
        for client in silent:
            client.shutdown(socket.SHUT_WR)
            client.makefile().readline()

    assert refused == {
        "error": "Too many clients ask the daemon at once. Try again later.",
        "exit_code": 2,
    }
    assert ask(tmp_path, {"command": "status"}) == {"state": "idle"}


def test_a_client_that_says_nothing_holds_up_nobody(tmp_path, serve):
    serve(tmp_path)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(tmp_path / SOCKET))

        assert ask(tmp_path, {"command": "sync"}) == {"asked": {"command": "sync"}}


def test_whoever_waits_when_the_daemon_stops_is_told(tmp_path):
    queued = threading.Event()
    server = Server(tmp_path, at_once={}, wake=queued.set)
    answers: list[object] = []
    client = threading.Thread(target=lambda: answers.append(ask(tmp_path, {"command": "sync"})))
    client.start()
    queued.wait(PATIENCE)

    server.close()
    client.join(PATIENCE)

    assert answers == [{"error": "The daemon stops.", "exit_code": 75}]
    assert not (tmp_path / SOCKET).exists()


def test_a_daemon_that_dies_before_it_answers_is_an_error(tmp_path):
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / SOCKET))
        listener.listen()

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.close()

        threading.Thread(target=hang_up, daemon=True).start()

        with pytest.raises(DaemonUnavailable, match="went away"):
            ask(tmp_path, {"command": "sync"})


@pytest.mark.parametrize("waiting", [0, 1, 40])
def test_a_daemon_that_gives_no_sign_of_life_is_noticed(tmp_path, monkeypatch, waiting):
    """As one that is stopped in the middle: it listens, and accepts nobody."""
    monkeypatch.setattr("connector.daemon.control._SECONDS_FOR_A_SIGN", 0.2)
    (tmp_path / FILE).write_text(str(os.getpid()))
    with ExitStack() as stack:
        frozen = stack.enter_context(socket.socket(socket.AF_UNIX))
        frozen.bind(str(tmp_path / SOCKET))
        frozen.listen(16)
        for _ in range(waiting):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.setblocking(False)
            with suppress(BlockingIOError):
                client.connect(str(tmp_path / SOCKET))

        with pytest.raises(DaemonUnresponsive, match=f"process {os.getpid()}") as raised:
            ask(tmp_path, {"command": "sync"})

    assert (raised.value.process, raised.value.exit_code) == (os.getpid(), 75)


def test_a_long_wait_for_a_daemon_that_lives_goes_on(tmp_path, monkeypatch, serve):
    monkeypatch.setattr("connector.daemon.control._SECONDS_FOR_A_SIGN", 1.0)
    server = serve(tmp_path, answering=False)
    answers: list[object] = []
    client = threading.Thread(target=lambda: answers.append(ask(tmp_path, {"command": "sync"})))
    client.start()
    time.sleep(2.5)

    server.requests.get(timeout=PATIENCE).answer({"run": 1})
    client.join(PATIENCE)

    assert answers == [{"run": 1}]


def test_a_socket_that_another_instance_made_stays(tmp_path, serve):
    first = serve(tmp_path)
    serve(tmp_path)

    first.close()

    assert ask(tmp_path, {"command": "status"}) == {"state": "idle"}


def test_a_folder_that_is_gone_is_no_error_at_the_end(tmp_path, serve):
    folder = tmp_path / "var"
    folder.mkdir()
    server = serve(folder)
    (folder / SOCKET).unlink()
    folder.rmdir()

    server.close()

    assert not folder.exists()
