"""The two forms of a log line, and the way back.

    2026-01-05T08:00:00.123Z info    object.added run=7 anchor=aGk= type=user name="Ann Lee"
    {"timestamp":"2026-01-05T08:00:00.123Z","level":"info","event":"object.added","run":7, ...}

In text a value stands bare where that is unambiguous, else as JSON; so nothing is lost.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from connector.values.printable import json_line

if TYPE_CHECKING:
    from collections.abc import Mapping

# Spaces and characters beyond ASCII stand inside strings only, where they can be escaped.
_COMPACT = json.JSONEncoder(separators=(",", ":"), default=str)
_BARE = re.compile(r"""(?!(?:-?\d[\d.eE+-]*|true|false|null)\Z)[^\s"\\\[{][^\s"\\]*""")
_HEAD = re.compile(r"(?:<\d>)?(\S+) +(debug|info|warning|error) +(\S+)")
_PAIR = re.compile(r'([^\s=]+)=("(?:[^"\\]|\\.)*"|\S*)')
_LITERAL = re.compile(r'["\[{].*|-?\d[\d.eE+-]*|true|false|null')


def as_text(record: Mapping[str, Any]) -> str:
    """Write a record (timestamp, level and event come first) as a line for operators."""
    items = iter(record.items())
    (_, timestamp), (_, level), (_, event) = next(items), next(items), next(items)
    fields = [f" {name}={_value(value)}" for name, value in items]
    return f"{timestamp} {level:<7} {event}{''.join(fields)}"


def parse(line: str) -> dict[str, Any] | None:
    """Read a line of either form; None when it is neither."""
    if line.startswith("{"):
        record = _json(line)
        return record if isinstance(record, dict) and "event" in record else None
    head = _HEAD.match(line)
    if head is None:
        return None
    timestamp, level, event = head.groups()
    fields = {name: _read(value) for name, value in _PAIR.findall(line, head.end())}
    return {"timestamp": timestamp, "level": level, "event": event, **fields}


def _value(value: object) -> str:
    if isinstance(value, str) and value.isprintable() and _BARE.fullmatch(value):
        return value
    if isinstance(value, str):
        return json_line(value)
    return _COMPACT.encode(value).replace(" ", r"\u0020")


def _read(text: str) -> Any:
    return _json(text) if _LITERAL.fullmatch(text) else text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
