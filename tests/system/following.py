"""Set a server up with the commands of its document, which tests the document."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.documents import ROOT, compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.documents import Command

_SHELL = "set -euo pipefail\n"


def follow(
    commands: Iterable[Command],
    places: Mapping[str, str],
    *,
    restart: Callable[[], None] = lambda: None,
    stdin: str = "",
    environ: Mapping[str, str] | None = None,
) -> None:
    """Run commands as the document has them; ``places`` replaces the system's own paths.

    ``restart`` replaces systemctl.
    """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin"
    for command in commands:
        if command.text.startswith("systemctl restart "):
            restart()
            continue
        text = command.text
        for usual, private in places.items():
            text = text.replace(usual, private)
        done = subprocess.run(
            ["bash", "-c", _SHELL + text],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, **(environ or {}), "PATH": path},
            # Without a terminal a password is asked for on standard input.
            start_new_session=True,
        )
        assert done.returncode == 0, (text, done.stdout)
        if command.shown:
            assert compare(command.shown, done.stdout)[0] == [], done.stdout
