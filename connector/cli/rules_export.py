"""Read what Entra Connect exports: the XML of a server's configuration, a file or a folder of files."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.rules.importing.document import SyncRule

_MOST_FILES = 10_000


class Export(NamedTuple):
    """The rules, the identifiers of the cloud's connectors, and why files could not be read, by name."""

    rules: tuple[SyncRule, ...]
    clouds: frozenset[str]
    unread: dict[str, str]


def is_export(path: Path) -> bool:
    """Tell whether a path is an export: a folder, or a file of XML."""
    return path.is_dir() or path.suffix.lower() == ".xml"


def read_export(path: Path) -> Export:
    """Read an export; a file that cannot be read is named. Raises InvalidRequest where there is none."""
    from connector.rules.importing.document import LARGEST, Unreadable, read

    rules: list[SyncRule] = []
    clouds: set[str] = set()
    unread: dict[str, str] = {}
    for file in _files(path):
        try:
            document = read(_octets(file, LARGEST + 1))
        except OSError as error:
            unread[file.name] = error.strerror or str(error)
        except Unreadable as error:
            unread[file.name] = str(error)
        else:
            rules += document.rules
            clouds.update(document.clouds)
    if not rules and not unread:
        raise InvalidRequest(f"{path} has no synchronization rules.")
    return Export(tuple(rules), frozenset(clouds), unread)


def contents(path: Path) -> dict[str, bytes]:
    """Return the files of an export by their names below it. Raises InvalidRequest where there is none."""
    from connector.rules.importing.document import LARGEST

    top = path if path.is_dir() else path.parent
    found = {}
    for file in _files(path):
        try:
            found[file.relative_to(top).as_posix()] = _octets(file, LARGEST + 1)
        except OSError as error:
            raise InvalidRequest(f"{file}: {error.strerror}.") from error
    if not found:
        raise InvalidRequest(f"{path} has no files of XML.")
    return found


def _octets(file: Path, most: int) -> bytes:
    """Read a file; a pipe or a device, which may never end, is not one. Raises OSError."""
    if not stat.S_ISREG(file.stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a file")
    with file.open("rb") as opened:
        return opened.read(most)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        if not path.exists():
            raise InvalidRequest(f"{path} is not there.")
        return [path]
    found: list[Path] = []
    for file in _below(path):
        if len(found) == _MOST_FILES:
            raise InvalidRequest(f"{path} has more than {_MOST_FILES:,} files of XML.")
        found.append(file)
    return sorted(found)


def _below(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith(".xml"):
                yield Path(parent, name)
