"""``connector web`` as a process, and a daemon that serves the web, on a port of their own."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.ports import free_port
from tests.system.commandline import CommandLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 90.0


def until(true: Callable[[], Any]) -> Any:
    """Wait until something holds, and return it."""
    deadline = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)
    return found


class Site:
    """A connector whose directory is away, with https by a certificate of its own."""

    def __init__(self, path: Path, *, https: bool = True, **web: Any) -> None:
        self.port = free_port()
        files = path / "tls"
        settings = {"listen": f"127.0.0.1:{self.port}", **web}
        if https:
            settings |= {"tls_cert": str(files / "web.crt"), "tls_key": str(files / "web.key")}
        directory = {"url": f"ldap://127.0.0.1:{free_port()}", "timeout": "1s"}
        self.connector = CommandLine(path, directory, schedule={"delta": "1h"})
        self.trusting: ssl.SSLContext | None = None
        if https:
            self.connector.run("web", "certificate", "--folder", str(files))
            self.trusting = ssl.create_default_context(cafile=str(files / "web-ca.pem"))
        self.connector = CommandLine(path, directory, schedule={"delta": "1h"}, web=settings)
        self.process: subprocess.Popen[str] | None = None

    # --- commands -----------------------------------------------------------------------------

    def app(self, name: str, role: str = "reader") -> dict[str, str]:
        done = self.connector.run("web", "app", "add", name, "--role", role, "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, str] = json.loads(done.stdout)
        return found

    @contextmanager
    def running(self, *command: str) -> Iterator[subprocess.Popen[str]]:
        """Run ``connector web``, or another command, until it serves and the block ends."""
        process = subprocess.Popen(
            [sys.executable, "-m", "connector", *(command or ("web",))],
            env=self.connector.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            until(lambda: self.answers("/healthz"))
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
            if process.stdout:
                process.stdout.close()

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = self.connector.log.read_text().splitlines() if self.connector.log.exists() else []
        return [event for event in map(json.loads, lines) if event["event"] == name]

    # --- requests -----------------------------------------------------------------------------

    def connection(self, seconds: float = PATIENCE) -> http.client.HTTPConnection:
        if self.trusting is None:
            return http.client.HTTPConnection("localhost", self.port, timeout=seconds)
        return http.client.HTTPSConnection(
            "localhost", self.port, timeout=seconds, context=self.trusting
        )

    def ask(
        self,
        path: str,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = PATIENCE,
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers (lower case) and body."""
        connection = self.connection(seconds)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return response.status, found, response.read()
        finally:
            connection.close()

    def answers(self, path: str) -> bool:
        try:
            return self.ask(path)[0] == 200
        except OSError:
            return False

    def token(self, app: dict[str, str]) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": app["clientId"],
            "client_secret": app["clientSecret"],
            "scope": "https://graph.microsoft.com/.default",
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        path = f"/{app['tenantId']}/oauth2/v2.0/token"
        status, _, body = self.ask(path, "POST", headers, urlencode(form).encode())
        assert status == 200, body
        token: str = json.loads(body)["access_token"]
        return token

    def raw(self, sent: bytes) -> bytes:
        """Send bytes, and return the answer: until it is whole or the connection is closed."""
        received = b""
        with self.socket() as channel:
            try:
                channel.sendall(sent)
                while not is_whole(received) and (chunk := channel.recv(65536)):
                    received += chunk
            except OSError:
                pass  # it hung up on us
        return received

    def socket(self) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        if self.trusting is None:
            return plain
        return self.trusting.wrap_socket(plain, server_hostname="localhost")


def children_of(process: int) -> list[int]:
    """Return the processes that a process has started."""
    found = [file.read_text() for file in Path(f"/proc/{process}/task").glob("*/children")]
    return [int(number) for number in " ".join(found).split()]


def is_whole(answer: bytes) -> bool:
    """Tell whether an answer has all the bytes that its header announces."""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(end) and length is not None and len(body) >= int(length[1])


def status_of(answer: bytes) -> int:
    match = re.match(rb"HTTP/1\.1 (\d+) ", answer)
    return int(match[1]) if match else 0
