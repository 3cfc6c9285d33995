"""Find the programs of directory servers that a test needs, and say what to install."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def program(name: str) -> str:
    """Find a program, also in folders that a user's PATH lacks."""
    path = os.environ.get("PATH", os.defpath)
    found = shutil.which(name, path=f"{path}:/usr/sbin:/usr/local/sbin")
    return found or name


def demand(names: Sequence[str], packages: str) -> None:
    """Fail with the next step if one of these programs is missing."""
    missing = [name for name in names if os.sep not in program(name)]
    if missing:
        raise RuntimeError(
            f"not installed: {', '.join(missing)}. Run ./tests/run, which installs what the tests "
            f"need, or (Debian, Ubuntu) apt-get install {packages}."
        )


def run(name: str, *arguments: str, stdin: str = "", ca_file: Path | None = None) -> str:
    """Run a program and return its output; fail with its complaint."""
    trust = {"LDAPTLS_CACERT": str(ca_file)} if ca_file else {}
    done = subprocess.run(
        [program(name), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **trust, "LC_ALL": "C.UTF-8"},
    )
    if done.returncode:
        raise RuntimeError(f"{name} failed ({done.returncode}): {done.stdout}{done.stderr}")
    return done.stdout
