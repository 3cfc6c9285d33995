"""The screens of the demonstration: ``python -m tests.system.demonstration`` writes those files anew.

Look at what changed in them before you commit it: they are what a newcomer sees first.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from tests.system.terminal import on_a_terminal

COLUMNS = (80, 200)
_FOLDER = Path(__file__).parent / "screens"
# What differs from run to run, with what stands for it; of the same width where that counts.
_DIFFERS = (
    (r"(?m)^(ok +\w+:)\s+\S*/connector-story\.\w+", r"\1 FOLDER"),
    (r"\(process \d+\) on ldap://127\.0\.0\.1:\d+", "(process 12345) on ldap://127.0.0.1:12345"),
    (r"ldap://127\.0\.0\.1:\d+", "ldap://127.0.0.1:12345"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "2026-11-23T08:00:00"),
    (r"(?<=T08:00:00\.)\d{3}(?=Z)", "000"),
    (r"\b\d\.\d\d\b", "0.00"),
    (r"source \S+/bin/activate", "source .venv/bin/activate"),
)


def screen_file(columns: int) -> Path:
    return _FOLDER / f"demonstration-{columns}.txt"


def play(columns: int) -> tuple[int, str]:
    """Play the demonstration on a terminal; return its exit code and the screen, without what differs."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TMPDIR": folder, "PATH": _path_without_environment()}
        code, shown = on_a_terminal(
            columns, "lab", "story", "contoso", "--engine", "slapd", environment=environment
        )
    for pattern, instead in _DIFFERS:
        shown = re.sub(pattern, instead, shown)
    return code, shown


def _path_without_environment() -> str:
    """Return the path as it is before the environment of Python is activated, which a story advises."""
    here = Path(sys.executable).parent
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if Path(folder) != here)


if __name__ == "__main__":
    _FOLDER.mkdir(exist_ok=True)
    for columns in COLUMNS:
        screen_file(columns).write_text(play(columns)[1], encoding="utf-8")
