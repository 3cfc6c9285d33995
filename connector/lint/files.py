"""Read LDIF files for lint and what-if."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from connector.errors import InvalidLdif
from connector.values.ldif import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.values.ldif import Record


def read(path: Path, *, answers: bool = False) -> Iterator[Record]:
    """Read the records of a file; raises InvalidLdif, naming the line.

    With ``answers`` the file may be what ``ldapsearch`` prints (see ``ldif.parse``). A value that
    stands in a file of its own is read from there, as ``ldapmodify`` does.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidLdif(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidLdif(f"{path} is not UTF-8; other values stand as base64 in LDIF") from error
    return parse(text, fetch=_fetch, answers=answers)


def _fetch(url: str) -> bytes:
    """Return what is in the local file of a URL."""
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
        raise InvalidLdif(f"{url} is not the URL of a local file; put the value itself")
    try:
        return Path(unquote(parts.path)).read_bytes()
    except OSError as error:
        raise InvalidLdif(f"{url}: {error.strerror}") from error
