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
    """Return one attribute line with its newline; bytes are always base64.

    A text may hold bytes that are no UTF-8 as lone surrogates (``surrogateescape``).
    """
    if isinstance(value, str):
        if _SAFE.fullmatch(value):
            return f"{name}: {value}\n"
        comment = f"# {name}: {value}\n" if value.isprintable() and value.strip() else ""
        value = value.encode("utf-8", "surrogateescape")
    else:
        comment = ""
    return f"{comment}{name}:: {base64.b64encode(value).decode()}\n"


def entry(dn: str, attributes: Mapping[str, Value]) -> str:
    """Return a whole entry and the empty line after it; empty values are left out."""
    return line("dn", dn) + _lines(attributes) + "\n"


def modify(dn: str, changes: Iterable[tuple[str, str, Value]]) -> str:
    """Return a change record of parts such as ``("add", "mail", "joe@contoso.com")``."""
    parts = (f"{verb}: {name}\n{_lines({name: value})}-\n" for verb, name, value in changes)
    return line("dn", dn) + "changetype: modify\n" + "".join(parts) + "\n"


def replace(dn: str, attributes: Mapping[str, Value]) -> str:
    """Return a change record that replaces all values of each attribute."""
    return modify(dn, [("replace", name, value) for name, value in attributes.items()])


def delete(dn: str) -> str:
    """Return a change record that deletes an entry."""
    return line("dn", dn) + "changetype: delete\n\n"


def dn_of(record: str) -> str:
    """Return the DN of a record that is not folded, empty for a text without one."""
    found = re.search(r"^dn:(:?) *(.*)$", record, re.MULTILINE)
    if not found:
        return ""
    coded, text = found.groups()
    return base64.b64decode(text).decode() if coded else text


def rdn(attribute: str, value: str) -> str:
    """Return a first component of a DN with the value's special characters escaped (RFC 4514)."""
    escaped = re.sub(r'[,+"\\<>;=]|^[ #]| $', r"\\\g<0>", value)
    return f"{attribute}={escaped}"


def _lines(attributes: Mapping[str, Value]) -> str:
    return "".join(
        line(name, item)
        for name, value in attributes.items()
        for item in ([value] if isinstance(value, str | bytes) else value)
        if item
    )
