"""Measure the peers of the connector: the bare protocol, OpenLDAP's own consumer, two clients in Python.

The two clients have an environment of their own, ``.venv-peers`` in this checkout (docs/performance.md says how
it is made); without it they are named as not installed.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from connector.directory.attributes import REQUESTED
from connector.errors import LabUnusable
from connector.lab import installed
from connector.lab.slapd import PrivateSlapd
from tests.benchmarks import measure

ENVIRONMENT = Path(__file__).parents[2] / ".venv-peers"
CLIENTS = {
    "syncrepl_client": "syncrepl_client",
    "django-python3-ldap, users alone": "django",
}
"""Rows of the table, and which of the programs ``peer_*.py`` here measures each."""

_PACKAGES = {"syncrepl_client": "syncrepl_client", "django": "django_python3_ldap"}
_POLL_SECONDS = 0.05
_PATIENCE_SECONDS = 600.0


def ldapsearch_refresh(provider: PrivateSlapd) -> float:
    """Return the seconds that ldapsearch takes for a whole refresh with our attributes."""
    command = [
        installed.program("ldapsearch"),
        *("-x", "-H", provider.url, "-D", provider.admin, "-y", str(provider.password_file)),
        *("-E", "!sync=ro", "-LLL", "-o", "ldif-wrap=no", "-b", provider.suffix),
        "(objectClass=*)",
        *REQUESTED,
    ]
    env = {**os.environ, "LDAPNOINIT": "1"}
    return measure.seconds(
        lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env)
    )


def consumer_replication(provider: PrivateSlapd, path: Path) -> float:
    """Return the seconds from the start of an empty OpenLDAP consumer until it has everything."""
    password = provider.password_file.read_text()
    replicate = (
        f"syncrepl rid=001 provider={provider.url} type=refreshAndPersist bindmethod=simple "
        f'binddn="{provider.admin}" credentials={password} searchbase="{provider.suffix}" '
        'retry="1 +"'
    )
    consumer = PrivateSlapd(
        path, suffix=provider.suffix, content_sync=False, directives=[replicate]
    )
    wanted = _context(provider)
    with consumer:
        began = time.perf_counter()
        consumer.start()
        while _context(consumer) != wanted:
            if time.perf_counter() - began > _PATIENCE_SECONDS:
                raise TimeoutError("the consumer does not catch up with its provider")
            time.sleep(_POLL_SECONDS)
        return time.perf_counter() - began


def client_replication(name: str, provider: PrivateSlapd, path: Path) -> measure.Finished | None:
    """Let one of CLIENTS read the whole directory; return None where it is not installed."""
    python = ENVIRONMENT / "bin" / "python"
    there = [str(python), "-c", f"import {_PACKAGES[name]}"]
    if not python.exists() or subprocess.run(there, check=False, capture_output=True).returncode:
        return None
    path.mkdir()
    program = Path(__file__).with_name(f"peer_{name}.py")
    access = (provider.url, provider.suffix, provider.admin, str(provider.password_file))
    done = measure.run([str(python), str(program), *access, str(path), *REQUESTED])
    if int(done.output.split()[-1]) == 0:
        raise RuntimeError(f"{name} read nothing: {done.output}")
    return done


def _context(server: PrivateSlapd) -> str:
    """Return the contextCSN: a consumer writes it when its refresh is complete."""
    try:
        found = server.search("(objectClass=*)", "contextCSN", scope="base")
    except LabUnusable:  # a consumer that has not even the suffix yet
        return ""
    return found.partition("contextCSN: ")[2].strip()
