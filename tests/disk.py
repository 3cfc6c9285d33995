"""Folders on a disk, for tests of what a crash leaves there, and disks that are soon full.

The other tests may work in memory.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def folder() -> Iterator[Path]:
    """Make a private folder in the one that ``TESTS_DISK`` names, /var/tmp by default, and remove it."""
    parent = os.environ.get("TESTS_DISK", "/var/tmp")  # noqa: S108 - made private in there
    with TemporaryDirectory(prefix="test.", dir=parent) as path:
        yield Path(path)


@contextmanager
def small(path: Path, megabytes: int) -> Iterator[Path]:
    """Make a folder that is a file system of its own, of so many megabytes; only root may."""
    path.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs"]
    subprocess.run(["mount", *options, str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def fill(file: Path) -> None:
    """Write to a file until its disk has no room for another page."""
    with suppress(OSError), file.open("wb", buffering=0) as out:
        while True:
            out.write(bytes(4096))
