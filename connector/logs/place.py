"""A place in a log file, and the way back to it after the file was moved, rotated or truncated.

A file is known by its device and number, whatever its name is now. One that was copied and truncated
(``copytruncate``) is not: then its kin are read from the start, and the time of each line decides.
"""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from typing import IO


class Place(NamedTuple):
    """Where a log file ended at a time; ``path`` is the name that it had, ``offset`` in bytes."""

    path: str
    device: int
    inode: int
    offset: int
    time: str


def lines_since(place: Place) -> Iterator[str]:
    """Yield the lines that may have been written after a place, in no order of files.

    Among them are older ones where the file is not there as it was: their times tell. Files that cannot
    be read are left out, as is one that was removed or moved to a folder that is not near.
    """
    for path in _candidates(Path(place.path)):
        try:
            status = path.stat()
            same = (status.st_dev, status.st_ino) == (place.device, place.inode)
            if not same and not _is_kin(path, place):
                continue
            with _opened(path) as file:
                file.seek(place.offset if same and status.st_size >= place.offset else 0)
                for line in file:
                    yield line.decode("utf-8", "replace").rstrip("\n")
        except (OSError, EOFError):
            continue


def _candidates(log: Path) -> Iterator[Path]:
    """Yield the files of the log's folder and of those in it: logrotate may have an ``olddir`` there."""
    folders = [log.parent, *(path for path in _listed(log.parent) if path.is_dir())]
    for folder in folders:
        yield from (path for path in _listed(folder) if path.is_file())


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is_kin(path: Path, place: Place) -> bool:
    return path.name.startswith(Path(place.path).name)


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(path)  # type: ignore[return-value] # a GzipFile reads like one
    return path.open("rb")


def place_of(path: Path, file: FileIO | None, time: str) -> Place:
    """Return where an open file ends now; of one that is yet to be opened, only the time tells."""
    if file is None:
        return Place(str(path.absolute()), 0, 0, 0, time)
    status = os.fstat(file.fileno())
    return Place(str(path.absolute()), status.st_dev, status.st_ino, status.st_size, time)
