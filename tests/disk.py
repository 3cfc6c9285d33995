"""Folders on a disk, for tests of what a crash leaves there; the other tests may work in memory."""

from __future__ import annotations

import os
from contextlib import contextmanager
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
