"""Play a story of the lab that the caller ends."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def playing(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Play a story until its first sync; yield its process, leader of a group, and its place's folder.

    The story makes the folder of its place in ``folder``, which is empty.
    """
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "connector", "lab", "story", *arguments],
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        while "connector sync" not in (line := process.stdout.readline()):
            assert line, "it ended before its first sync"
        [place] = folder.iterdir()
        yield process, place
        process.stdout.read()
