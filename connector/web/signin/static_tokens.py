"""Read the tokens that an operator wrote into ``[web] tokens_file``."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, get_args

from connector.errors import InvalidSettings
from connector.web.exchange import Caller, Role
from connector.web.signin.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "web.tokens_file"
SHORTEST = 20
_KEYS = {"name", "role", "token"}


class StaticTokens:
    """The tokens of a file, which is read anew when it changes; without a file there are none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._watched = None if path is None else Watched(path, self._read)

    def check(self) -> None:
        """Raise InvalidSettings, naming all mistakes, when the file cannot be used."""
        self._look()

    def caller(self, token: str) -> Caller | None:
        """Return whose token this is; raises InvalidSettings when the file cannot be used."""
        return self._look().get(_digest(token))

    def _look(self) -> dict[bytes, Caller]:
        if self._watched is None:
            return {}
        try:
            return self._watched.look()
        except OSError as error:
            raise InvalidSettings([f"{KEY}: {self._path}: {error.strerror}"]) from error

    def _read(self, content: bytes | None) -> dict[bytes, Caller]:
        if content is None:
            raise InvalidSettings([f"{KEY}: {self._path}: No such file or directory"])
        try:
            items = json.loads(content)
        except (ValueError, RecursionError) as error:
            place = getattr(error, "lineno", None)
            where = f" in line {place}" if place else ""
            raise InvalidSettings([f"{KEY}: {self._path}: is not JSON{where}"]) from error
        if not isinstance(items, list):
            raise InvalidSettings([f"{KEY}: {self._path}: is not a list"])
        mistakes = [
            f"{KEY}: {self._path}: item {number}: {mistake}"
            for number, item in enumerate(items, 1)
            for mistake in _mistakes(item)
        ]
        if mistakes:
            raise InvalidSettings(mistakes)
        found = {_digest(item["token"]): Caller(item["name"], item["role"]) for item in items}
        if len(found) < len(items):
            raise InvalidSettings([f"{KEY}: {self._path}: two items have the same token"])
        return found


def _mistakes(item: Any) -> Iterator[str]:
    """Say what is wrong with an item; a token is not shown."""
    if not isinstance(item, dict) or set(item) != _KEYS:
        yield 'is not {"name": ..., "role": ..., "token": ...}'
        return
    if not isinstance(item["name"], str) or not item["name"].strip():
        yield "name: must be a text"
    if item["role"] not in get_args(Role):
        yield "role: must be reader or admin"
    token = item["token"]
    if not isinstance(token, str) or len(token) < SHORTEST:
        yield f"token: must have at least {SHORTEST} characters"
    elif not token.isascii() or not token.isprintable() or " " in token:
        yield "token: must be printable ASCII without blanks"


def _digest(token: str) -> bytes:
    """Return what tokens are compared by: how long a comparison takes says nothing of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
