"""Read LDIF (RFC 2849): entries, and change records."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.errors import InvalidLdif

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Modification:
    """One part of a modify record: ``operation`` is add, delete, replace or increment."""

    operation: str
    attribute: str
    values: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One record; ``kind`` is add, delete, modify or modrdn, ``line`` where it starts.

    ``attributes`` (lower-case names) belong to an add, ``modifications`` to a modify, the rest to a
    modrdn.
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

    def __init__(self, number: int, text: str) -> None:
        name, colon, rest = text.partition(":")
        if not colon and name.strip() != "-":
            raise InvalidLdif(f"line {number}: no colon in {text!r}")
        self.number = number
        self.name = name.strip().lower()
        self.value = _value(number, rest)

    @property
    def text(self) -> str:
        try:
            return self.value.decode()
        except UnicodeDecodeError as error:
            raise InvalidLdif(f"line {self.number}: {self.name} is not UTF-8") from error


def parse(text: str) -> Iterator[Record]:
    """Read the records of an LDIF text; raises InvalidLdif, naming the line."""
    for block in _blocks(text.splitlines()):
        lines = block[1:] if block[0].name == "version" else block
        if lines:
            yield _record(lines)


def _blocks(lines: Iterable[str]) -> Iterator[list[_Line]]:
    block: list[_Line] = []
    for number, text in _unfolded(lines):
        if text:
            block.append(_Line(number, text))
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


def _value(number: int, rest: str) -> bytes:
    if rest.startswith(":"):
        try:
            return base64.b64decode(rest[1:].strip(), validate=True)
        except binascii.Error as error:
            raise InvalidLdif(f"line {number}: no valid base64") from error
    if rest.startswith("<"):
        raise InvalidLdif(f"line {number}: a value from a URL is not read; put the value itself")
    return rest.lstrip(" ").encode()


def _record(lines: Sequence[_Line]) -> Record:
    first, *rest = lines
    if first.name != "dn":
        raise InvalidLdif(f"line {first.number}: a record starts with dn:, not {first.name}:")
    rest = [line for line in rest if line.name != "control"]
    kind = "add"
    if rest and rest[0].name == "changetype":
        kind = rest[0].text.strip().lower()
        rest = rest[1:]
    match kind:
        case "add":
            attributes: dict[str, list[bytes]] = {}
            for line in rest:
                attributes.setdefault(line.name.partition(";")[0], []).append(line.value)
            return Record(first.number, first.text, "add", attributes)
        case "delete":
            return Record(first.number, first.text, "delete", {})
        case "modify":
            changes = tuple(_modifications(rest))
            return Record(first.number, first.text, "modify", {}, changes)
        case "modrdn" | "moddn":
            return _rename(first, rest)
    raise InvalidLdif(f"line {first.number}: unknown changetype {kind!r}")


def _modifications(lines: Sequence[_Line]) -> Iterator[Modification]:
    """Read the parts of a modify record; a line with a dash ends each."""
    operation: _Line | None = None
    values: list[bytes] = []
    for line in lines:
        if operation is None:
            if line.name not in {"add", "delete", "replace"}:
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
    attribute = operation.text.strip().lower().partition(";")[0]
    return Modification(operation.name, attribute, tuple(values))


def _rename(first: _Line, lines: Sequence[_Line]) -> Record:
    given = {line.name: line.text.strip() for line in lines}
    if "newrdn" not in given:
        raise InvalidLdif(f"line {first.number}: newrdn: is missing")
    return Record(
        first.number,
        first.text,
        "modrdn",
        {},
        new_rdn=given["newrdn"],
        delete_old_rdn=given.get("deleteoldrdn", "1") == "1",
        new_superior=given.get("newsuperior"),
    )
