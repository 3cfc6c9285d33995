"""Write and read LDIF (RFC 2849): entries and change records.

Text that is not plain ASCII is written as base64, with a comment to read. No file is opened here.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.errors import InvalidLdif

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Value = str | bytes | Iterable[str | bytes]
    Fetch = Callable[[str], bytes]

# SAFE-STRING of RFC 2849, and no trailing space, which editors lose.
_SAFE = re.compile(r"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")
_LINE_BREAK = re.compile(r"\r?\n")
_OPERATIONS = frozenset({"add", "delete", "increment", "replace"})
_ANSWERS = frozenset({"ref", "result", "search"})


# --- writing --------------------------------------------------------------------------------------


def value_line(name: str, value: str | bytes) -> str:
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
    return value_line("dn", dn) + _lines(attributes) + "\n"


def modify(dn: str, changes: Iterable[tuple[str, str, Value]]) -> str:
    """Return a change record of parts such as ``("add", "mail", "joe@contoso.com")``."""
    parts = (f"{verb}: {name}\n{_lines({name: value})}-\n" for verb, name, value in changes)
    return value_line("dn", dn) + "changetype: modify\n" + "".join(parts) + "\n"


def replace(dn: str, attributes: Mapping[str, Value]) -> str:
    """Return a change record that replaces all values of each attribute."""
    return modify(dn, [("replace", name, value) for name, value in attributes.items()])


def delete(dn: str) -> str:
    """Return a change record that deletes an entry."""
    return value_line("dn", dn) + "changetype: delete\n\n"


def dn_of(record: str) -> str:
    """Return the DN of a record that is not folded, empty for a text without one."""
    found = re.search(r"^dn:(:?) *(.*)$", record, re.MULTILINE)
    if not found:
        return ""
    coded, text = found.groups()
    return base64.b64decode(text).decode() if coded else text


def _lines(attributes: Mapping[str, Value]) -> str:
    return "".join(
        value_line(name, item)
        for name, value in attributes.items()
        for item in ([value] if isinstance(value, str | bytes) else value)
        if item
    )


# --- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Modification:
    """One part of a modify record: ``operation`` is add, delete, replace or increment.

    ``attribute`` is in lower case, with its options.
    """

    operation: str
    attribute: str
    values: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One record; ``kind`` is add, delete, modify or modrdn, ``line`` where it starts.

    ``attributes`` (lower-case names with their options, see ``Schema.attribute``) belong to an add,
    ``modifications`` to a modify, the rest to a modrdn. What ``ldapsearch`` prints besides entries has
    the kind ``result`` or ``ref``.
    """

    line: int
    dn: str
    kind: str
    attributes: dict[str, list[bytes]]
    modifications: tuple[Modification, ...] = ()
    new_rdn: str = ""
    delete_old_rdn: bool = False
    new_superior: str | None = None


class _Line:
    """A logical line: folded ones joined; a dash alone ends one part of a modify record."""

    __slots__ = ("name", "number", "value")

    def __init__(self, number: int, text: str, fetch: Fetch) -> None:
        name, colon, rest = text.partition(":")
        if not colon and name.strip() != "-":
            raise InvalidLdif(f"line {number}: no colon in {text!r}")
        self.number = number
        self.name = name.strip().lower()
        self.value = _value(number, rest, fetch)

    @property
    def text(self) -> str:
        try:
            return self.value.decode()
        except UnicodeDecodeError as error:
            raise InvalidLdif(f"line {self.number}: {self.name} is not UTF-8") from error


def _not_fetched(_: str) -> bytes:
    raise InvalidLdif("a value from a URL is not read; put the value itself")


def parse(text: str, *, fetch: Fetch = _not_fetched, answers: bool = False) -> Iterator[Record]:
    """Read the records of an LDIF text; raises InvalidLdif, naming the line.

    ``fetch`` returns what is at the URL of a value, or raises InvalidLdif. With ``answers`` it is what
    ``ldapsearch`` prints: results and references of the search are records of their own.
    """
    for block in _blocks(_LINE_BREAK.split(text), fetch):
        lines = block[1:] if block[0].name == "version" else block
        if not lines:
            continue
        if answers and lines[0].name in _ANSWERS:
            yield _answer(lines)
        else:
            yield _record(lines)


def _answer(lines: Sequence[_Line]) -> Record:
    attributes: dict[str, list[bytes]] = {}
    for line in lines:
        attributes.setdefault(line.name, []).append(line.value)
    kind = "ref" if lines[0].name == "ref" else "result"
    return Record(lines[0].number, "", kind, attributes)


def _blocks(lines: Iterable[str], fetch: Fetch) -> Iterator[list[_Line]]:
    block: list[_Line] = []
    for number, text in _unfolded(lines):
        if text:
            block.append(_Line(number, text, fetch))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Join continuation lines (they start with one space) and drop comments."""
    start, held = 0, None
    for number, text in enumerate(lines, 1):
        if text.startswith(" ") and held is not None:
            held += text[1:]
            continue
        if held is not None and not held.startswith("#"):
            yield start, held
        start, held = number, text
    if held is not None and not held.startswith("#"):
        yield start, held


def _value(number: int, rest: str, fetch: Fetch) -> bytes:
    if rest.startswith(":"):
        try:
            return base64.b64decode(rest[1:].lstrip(" "), validate=True)
        except binascii.Error as error:
            raise InvalidLdif(f"line {number}: no valid base64") from error
    if rest.startswith("<"):
        try:
            return fetch(rest[1:].strip())
        except InvalidLdif as error:
            raise InvalidLdif(f"line {number}: {error}") from error
    return rest.lstrip(" ").encode()


def _record(lines: Sequence[_Line]) -> Record:
    first, *rest = lines
    if first.name != "dn":
        raise InvalidLdif(f"line {first.number}: a record starts with dn:, not {first.name}:")
    rest = [line for line in rest if line.name != "control"]
    kind = "modify" if rest and _starts_modification(rest[0]) else "add"
    if rest and rest[0].name == "changetype":
        kind = rest[0].text.strip().lower()
        rest = rest[1:]
    match kind:
        case "add":
            attributes: dict[str, list[bytes]] = {}
            for line in rest:
                attributes.setdefault(line.name, []).append(line.value)
            return Record(first.number, first.text, "add", attributes)
        case "delete":
            if rest:
                raise InvalidLdif(f"line {rest[0].number}: a delete has no more lines")
            return Record(first.number, first.text, "delete", {})
        case "modify":
            changes = tuple(_modifications(rest))
            return Record(first.number, first.text, "modify", {}, changes)
        case "modrdn" | "moddn":
            return _rename(first, rest)
    raise InvalidLdif(f"line {first.number}: unknown changetype {kind!r}")


def _starts_modification(line: _Line) -> bool:
    """Tell whether a record without changetype is a change: ``replace: mail``, as ldapmodify does."""
    return line.name in _OPERATIONS


def _modifications(lines: Sequence[_Line]) -> Iterator[Modification]:
    """Read the parts of a modify record; a line with a dash ends each."""
    operation: _Line | None = None
    values: list[bytes] = []
    for line in lines:
        if operation is None:
            if line.name == "-":
                continue
            if line.name not in _OPERATIONS:
                raise InvalidLdif(
                    f"line {line.number}: add:, delete: or replace: expected, not {line.name}:"
                )
            operation = line
        elif line.name == "-":
            yield _modification(operation, values)
            operation, values = None, []
        elif line.name != operation.text.strip().lower():
            raise InvalidLdif(
                f"line {line.number}: {line.name} in a change of {operation.text.strip()}; "
                "a line with a dash ends a change"
            )
        else:
            values.append(line.value)
    if operation is not None:
        yield _modification(operation, values)


def _modification(operation: _Line, values: Sequence[bytes]) -> Modification:
    return Modification(operation.name, operation.text.strip().lower(), tuple(values))


def _rename(first: _Line, lines: Sequence[_Line]) -> Record:
    given = {line.name: line.text.strip() for line in lines}
    if "newrdn" not in given:
        raise InvalidLdif(f"line {first.number}: newrdn: is missing")
    if "deleteoldrdn" not in given:
        raise InvalidLdif(f"line {first.number}: deleteoldrdn: is missing, 0 or 1")
    return Record(
        first.number,
        first.text,
        "modrdn",
        {},
        new_rdn=given["newrdn"],
        delete_old_rdn=given["deleteoldrdn"] != "0",
        new_superior=given.get("newsuperior"),
    )
