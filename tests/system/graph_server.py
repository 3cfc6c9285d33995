"""The API on https as an operator serves it, over a tenant that needed no directory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.system.commandline import CommandLine
from tests.unit.tenant.verbs import World, contact, group, members, user

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-clients"
CLIENTS = ROOT / "tests" / "clients"
FILLERS = 120
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


@dataclass
class GraphServer:
    """A server that answers at ``base``; ``app`` is an administrator's registration."""

    base: str
    port: int
    ca: Path
    app: dict[str, str]

    def asked_by(self, program: str, *arguments: str, proxy: str | None = None) -> Any:
        """Run a program of ``tests/clients`` in the clients' environment; return the JSON that it prints."""
        file, runner = CLIENTS / program, str(ENVIRONMENT / "bin" / "python")
        if file.suffix == ".mjs":
            # Node looks for packages beside the program, whatever the current folder.
            file, runner = Path(shutil.copy(file, ENVIRONMENT / "node")), "node"
        done = subprocess.run(
            [runner, str(file), *arguments],
            env=self._environ(proxy),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-6000:]
        return json.loads(done.stdout)

    def _environ(self, proxy: str | None) -> dict[str, str]:
        found = {name: value for name, value in os.environ.items() if name not in _PROXIES}
        found |= dict.fromkeys(
            ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"), str(self.ca)
        )
        found |= {
            "BASE": self.base,
            "TENANT": self.app["tenantId"],
            "CLIENT_ID": self.app["clientId"],
            "CLIENT_SECRET": self.app["clientSecret"],
        }
        return found | ({"HTTPS_PROXY": proxy} if proxy else {})


@contextmanager
def graph_server(path: Path) -> Iterator[GraphServer]:
    """Serve a tenant with an error of each type of object until the block ends."""
    tls = path / "tls"
    bare = _connector(path)
    made = bare.run("web", "certificate", "--folder", str(tls))
    assert made.returncode == 0, made.stderr
    connector = _connector(
        path, web={"tls_cert": str(tls / "web.crt"), "tls_key": str(tls / "web.key")}
    )
    _fill(connector.storage / "tenant.db")
    app = connector.json("web", "app", "add", "clients", "--role", "admin")
    process = subprocess.Popen(
        [sys.executable, "-m", "connector", "web", "--listen", "127.0.0.1:0"],
        env=connector.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline().split()
        base = said[-1].replace("127.0.0.1", "localhost")
        yield GraphServer(base, int(base.rpartition(":")[2]), tls / "web-ca.pem", app)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _connector(path: Path, **sections: Any) -> CommandLine:
    tenant = {"known_issues": [], "random_seed": 1}
    return CommandLine(path, {"url": "ldap://127.0.0.1:1"}, tenant=tenant, **sections)


def _fill(path: Path) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    world = World(path, known_issues=())
    world.export(
        user("ann", None, "SMTP:ann@contoso.com", "smtp:shared@contoso.com", department="Sales"),
        user("user.a", "User@contoso.com", displayName="User A"),
        user("juergen", displayName="Jürgen Müller", accountEnabled=False),
        group("sales", "SMTP:sales@contoso.com", securityEnabled=True),
        group("everybody", securityEnabled=True),
        contact("partner", "SMTP:partner@fabrikam.com"),
        *(user(f"f{number:03}", displayName=f"Filler {number:03}") for number in range(FILLERS)),
    )
    world.export(
        user("user.b", "User@contoso.com", displayName="User B"),
        group("dup", "smtp:sales@contoso.com"),
        contact("rival", "SMTP:ann@contoso.com"),
        members(group("sales"), add=("ann",)),
        members(group("everybody"), add=("sales", "juergen")),
    )
    world.close()
