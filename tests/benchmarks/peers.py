"""Measure the peers of the connector: the bare protocol, and OpenLDAP's own consumer."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

from connector.directory.attributes import REQUESTED
from connector.errors import LabUnusable
from connector.lab import installed
from connector.lab.slapd import PrivateSlapd
from tests.benchmarks import measure

if TYPE_CHECKING:
    from pathlib import Path

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


def _context(server: PrivateSlapd) -> str:
    """Return the contextCSN: a consumer writes it when its refresh is complete."""
    try:
        found = server.search("(objectClass=*)", "contextCSN", scope="base")
    except LabUnusable:  # a consumer that has not even the suffix yet
        return ""
    return found.partition("contextCSN: ")[2].strip()
