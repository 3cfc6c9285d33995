"""Read the JSON body of a request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connector.web.graph.refusals import bad_request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_EMPTY = "Empty Payload. JSON content expected."
_UNREADABLE = (
    "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of "
    "valid JSON format."
)
_DEEPEST = 32


def read_object(body: bytes, *, optional: bool = False) -> dict[str, Any]:
    """Return the JSON object of a body; where it is ``optional``, nothing stands for an empty one.

    Raises Refusal for what is not one, is nested deeper than any object of Graph, or has text that is not
    Unicode, or NUL.
    """
    if not body.strip():
        if optional:
            return {}
        raise bad_request(_EMPTY)
    try:
        found = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise bad_request(_UNREADABLE) from error
    if not isinstance(found, dict):
        raise bad_request(_UNREADABLE)
    for text in _texts(found):
        if "\0" in text or not _is_unicode(text):
            raise bad_request("The request holds a character that is not allowed.")
    return found


def spelled(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return an object with its names as Graph spells them, where these are among ``names``.

    Clients may write them in any case: CLI for Microsoft 365 makes users with a ``mailNickName``. An
    annotation stays behind its name.
    """
    known = {name.lower(): name for name in names}
    found = {}
    for name, value in given.items():
        plain, at, annotation = name.partition("@")
        found[f"{known.get(plain.lower(), plain)}{at}{annotation}"] = value
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _texts(value: dict[str, Any]) -> Iterator[str]:
    """Yield all texts, names among them, level by level."""
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        after: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                yield from item
                after += item.values()
            elif isinstance(item, list):
                after += item
            elif isinstance(item, str):
                yield item
        if not after:
            return
        level = after
    raise bad_request(_UNREADABLE)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
