"""Read LDIF files for lint and what-if."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import InvalidLdif
from connector.values.ldif import parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connector.values.ldif import Record


def read(path: Path) -> Iterator[Record]:
    """Read the records of a file; raises InvalidLdif, naming the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidLdif(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidLdif(f"{path} is not UTF-8; other values stand as base64 in LDIF") from error
    return parse(text)
