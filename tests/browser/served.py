"""A directory, a connector, and its web server as a process: what clients are run against."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.fakes import SUFFIX
from tests.system.certificates import authority, server_files
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "correct horse battery"
_SECONDS_TO_END = 60


class Served:
    """A directory with the verbs of the scenarios, and ``connector web`` on https at ``base``.

    ``ca`` is the authority that clients trust.
    """

    def __init__(self, path: Path, **sections: Any) -> None:
        self.directory = SlapdWorld(path / "slapd")
        self.ca = authority(path)
        files = server_files(path, self.ca, "DNS:localhost,IP:127.0.0.1")
        password = path / "password"
        password.write_text(PASSWORD + "\n")
        password.chmod(0o600)
        access = {"url": self.directory.slapd.url, "bind_dn": self.directory.slapd.admin}
        web = {
            "tls_cert": str(files.certificate),
            "tls_key": str(files.key),
            "admin_password_file": str(password),
            **sections.pop("web", {}),
        }
        self.connector = CommandLine(
            path,
            {**access, "password_file": str(self.directory.slapd.password_file)},
            web=web,
            schedule={"delta": "1h", **sections.pop("schedule", {})},
            **sections,
        )
        self.base = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the server, and wait until it accepts requests."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "connector", "web", "--listen", "127.0.0.1:0"],
            env=self.connector.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline().split()
        assert said[:1] == ["Serving"], "the server does not start"
        self.base = said[1].replace("127.0.0.1", "localhost")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=_SECONDS_TO_END)
        self.directory.close()


@contextmanager
def served(path: Path, **sections: Any) -> Iterator[Served]:
    """Have a directory and a connector until the block ends; ``start`` starts the server."""
    place = Served(path, **sections)
    try:
        yield place
    finally:
        place.stop()


def with_errors(place: Served) -> Served:
    """Sync conflicts of each type: quarantined values, and an object that fails."""
    world = place.directory
    world.user("a", upn="User@contoso.com", displayName="User A")
    world.user("ann", proxyAddresses=["SMTP:ann@contoso.com", "smtp:shared@contoso.com"])
    sales = world.group("sales", [f"uid=ann,ou=users,{SUFFIX}"])
    world.modify(sales, objectClass=["groupOfNames", "onPremRecipient"])
    world.modify(sales, proxyAddresses=["SMTP:sales@contoso.com"], mailNickname="sales")
    place.connector.synced()
    world.user("b", upn="User@contoso.com", displayName="User B")
    world.user(
        "bob", proxyAddresses=["SMTP:b@contoso.com", "smtp:shared@contoso.com"], displayName=HOSTILE
    )
    world.contact("Rival", "ann@contoso.com")
    world.user(
        "head",
        "sales@contoso.com",
        proxyAddresses=["smtp:sales@contoso.com"],
        displayName="Sales Head",
    )
    place.connector.synced()
    return place


HOSTILE = '<img src=x onerror="document.title=1">' + "Wolfeschlegelsteinhausenbergerdorff" * 4
"""A display name that would run a script, and that fits in no column."""
