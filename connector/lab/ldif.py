"""Write LDIF (RFC 2849): text that is not plain ASCII becomes base64, with a comment to read."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Value = str | bytes | Iterable[str | bytes]

# SAFE-STRING of RFC 2849, and no trailing space, which editors lose.
_SAFE = re.compile(r"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")


def line(name: str, value: str | bytes) -> str:
    """Return one attribute line with its newline; bytes are always base64."""
    if isinstance(value, str):
        if _SAFE.fullmatch(value):
            return f"{name}: {value}\n"
        comment = f"# {name}: {value}\n" if value.isprintable() and value.strip() else ""
        value = value.encode()
    else:
        comment = ""
    return f"{comment}{name}:: {base64.b64encode(value).decode()}\n"


def entry(dn: str, attributes: Mapping[str, Value]) -> str:
    """Return a whole entry and the empty line after it; empty values are left out."""
    return line("dn", dn) + _lines(attributes) + "\n"


def replace(dn: str, attributes: Mapping[str, Value]) -> str:
    """Return a change record that replaces all values of each attribute."""
    blocks = [f"replace: {name}\n{_lines({name: value})}-\n" for name, value in attributes.items()]
    return line("dn", dn) + "changetype: modify\n" + "".join(blocks) + "\n"


def _lines(attributes: Mapping[str, Value]) -> str:
    return "".join(
        line(name, item)
        for name, value in attributes.items()
        for item in ([value] if isinstance(value, str | bytes) else value)
        if item
    )


def rdn(attribute: str, value: str) -> str:
    """Return a first component of a DN with the value's special characters escaped (RFC 4514)."""
    escaped = re.sub(r'[,+"\\<>;=]|^[ #]| $', r"\\\g<0>", value)
    return f"{attribute}={escaped}"
