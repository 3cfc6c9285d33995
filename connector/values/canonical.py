"""Write and read JSON where every object of a sync passes: the one place that knows orjson.

What orjson refuses goes to the standard library: lone surrogates (bytes of a directory that are no
UTF-8), and in a log line values that JSON has no form for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Dates and dataclasses as their text, as the standard library is told to write them below.
_PLAIN = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_INDENTED = json.JSONEncoder(ensure_ascii=False, indent=2, default=str)
_REST = json.JSONEncoder(separators=(",", ":"), default=str)


class Properties(dict[str, Any]):
    """Properties that carry the canonical text they were read from, and cannot be changed.

    So a state that passes from stage to stage is written once and read once. To change a property
    raises TypeError: ``properties | {...}`` and ``dict(properties)`` give a dict of the caller's own.
    """

    __slots__ = ("text",)
    text: str

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("properties that were read cannot be changed; make a dict of them")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Callable[[str], Properties], tuple[str]]:
        """Copy by reading the text again: the usual way sets the items one by one."""
        return read, (self.text,)


def canonical(properties: Mapping[str, Any]) -> str:
    """Return the one JSON text of a state: keys sorted, no spaces, characters as themselves.

    Raises TypeError for lone surrogates, which could not be stored: the rules take them out before.
    """
    if type(properties) is Properties:
        return properties.text
    some = properties if type(properties) is dict else dict(properties)
    return orjson.dumps(some, option=orjson.OPT_SORT_KEYS).decode()


def write_sorted(state: dict[str, Any]) -> str:
    """Return the canonical text of a state whose keys are sorted, those of values in it too."""
    return orjson.dumps(state).decode()


def read(text: str) -> Properties:
    """Read a canonical text back."""
    properties = Properties(decode(text))
    properties.text = text
    return properties


def compact(value: Any) -> str:
    """Return any value as JSON without spaces, in the order it has; never raises.

    Characters stand for themselves, except in a value that has a lone surrogate: there all but ASCII
    is escaped.
    """
    try:
        return orjson.dumps(value, option=_PLAIN).decode()
    except TypeError:
        return _REST.encode(value)


def indented(value: Any) -> str:
    """Return any value as JSON that people read as well, in the order it has; never raises.

    Characters stand for themselves; a lone surrogate stays one.
    """
    try:
        return orjson.dumps(value, option=_PLAIN | orjson.OPT_INDENT_2).decode()
    except TypeError:
        return _INDENTED.encode(value)


def decode(text: str) -> Any:
    """Read JSON, lone surrogates too; raises ValueError for what is none."""
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)
