"""Write a single value as PowerShell writes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connector.values.printable import cut

if TYPE_CHECKING:
    from collections.abc import Mapping


class Named(dict[str, Any]):
    """An object that is written by one text where it is a value of another object."""

    def __init__(self, text: str, properties: Mapping[str, Any]) -> None:
        super().__init__(properties)
        self.text = text


def text(value: object) -> str:
    """Write a value as PowerShell does; a long one is cut."""
    match value:
        case None:
            return ""
        case timedelta():
            return span(value)
        case datetime():
            return f"{value.month}/{value.day}/{value:%Y} {value.hour % 12 or 12}:{value:%M:%S %p}"
        case list():
            return f"{{{', '.join(map(text, value))}}}"
        case dict():
            return _object(value)
        case _:
            return cut(str(value))


def whole(value: object) -> str:
    """Write a value as text, uncut and without the braces of a list: for a cell of a file."""
    match value:
        case str():
            return value
        case list():
            return ", ".join(map(whole, value))
        case _:
            return text(value)


def _object(item: dict[str, Any]) -> str:
    if isinstance(item, Named):
        return cut(item.text)
    return f"@{{{'; '.join(f'{name}={text(part)}' for name, part in item.items())}}}"


def span(span: timedelta) -> str:
    minutes, seconds = divmod(span.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days = f"{span.days}." if span.days else ""
    return f"{days}{hours:02}:{minutes:02}:{seconds:02}"
