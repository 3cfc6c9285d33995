"""Serve the files that the pages share; their names change with their content, so that they may be kept."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from connector.web.exchange import Reply

PREFIX = "/static/"
ICON = "favicon.svg"
_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}
_KEPT_A_DAY = {"Cache-Control": "public, max-age=86400"}


def path_of(name: str) -> str:
    """Return the path of a file, such as ``/static/style.1a2b3c4d.css``."""
    stem, _, ending = name.rpartition(".")
    return f"{PREFIX}{stem}.{hashlib.sha256(_files()[name]).hexdigest()[:8]}.{ending}"


def answer(path: str) -> Reply | None:
    """Return a file of the pages; None for another path."""
    if path == "/favicon.ico":
        return Reply(200, _files()[ICON], _TYPES[".svg"], _KEPT_A_DAY)
    name = _by_path().get(path)
    if name is None:
        return None
    return Reply(200, _files()[name], _TYPES[Path(name).suffix], _KEPT)


@cache
def _files() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(_FOLDER.iterdir())}


@cache
def _by_path() -> dict[str, str]:
    return {path_of(name): name for name in _files()}
