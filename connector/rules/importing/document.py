"""Read one XML document of an exported configuration: sync rules, or a connector.

A document type declaration is refused, so there are no entities to follow. What is not known is passed
over.
"""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat

_RULE = "synchronizationRule"
_CONNECTOR = "ma-data"
_DEEPEST = 64
_MOST_ELEMENTS = 200_000
_DIRECTORY = "AD"
_MARKS = {BOM_UTF8: "UTF-8", BOM_UTF16_LE: "UTF-16", BOM_UTF16_BE: "UTF-16"}


LARGEST = 64 * 2**20
"""Octets that a document may have; a connector with a large schema has a few million."""


class Unreadable(Exception):
    """A document is not XML, or not as it should be; the message is a sentence."""


class Mapping(NamedTuple):
    """An attribute flow: of ``attributes`` as they are, of a ``constant`` or of an ``expression``."""

    target: str
    attributes: tuple[str, ...] = ()
    constant: str = ""
    expression: str = ""
    merge: str = "Update"
    once: bool = False


class Clause(NamedTuple):
    """A condition of a scoping filter."""

    attribute: str
    operator: str
    value: str


class SyncRule(NamedTuple):
    """A sync rule as it is exported.

    ``tag`` is that of a rule that Microsoft made, empty for one of the user's own. ``connector`` is the
    identifier of the connected system, in lower case. ``precedence`` is None where it is not a number.
    ``joins`` counts the conditions by which objects are joined. Of the groups of ``scope`` one must hold.
    """

    name: str
    description: str
    tag: str
    direction: str
    disabled: bool
    connector: str
    source_type: str
    precedence: int | None
    mappings: tuple[Mapping, ...]
    joins: int
    scope: tuple[tuple[Clause, ...], ...]
    password_sync: bool


class Document(NamedTuple):
    """What a document holds; ``clouds`` are the connectors in it that are not of a directory."""

    rules: tuple[SyncRule, ...]
    clouds: tuple[str, ...]


def read(octets: bytes) -> Document:
    """Read a document. Raises Unreadable."""
    if len(octets) > LARGEST:
        raise Unreadable(f"it has more than {LARGEST // 2**20} MB, which no export has")
    found = _elements(octets)
    connectors = [each for each in found if each.tag == _CONNECTOR]
    return Document(
        tuple(_rule(each) for each in found if each.tag == _RULE),
        tuple(
            each.text("id").lower() for each in connectors if each.text("category") != _DIRECTORY
        ),
    )


@dataclass(slots=True)
class _Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[_Element] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    def all(self, *path: str) -> list[_Element]:
        """Return the elements at the end of a path of tags."""
        found = [self]
        for tag in path:
            found = [child for each in found for child in each.children if child.tag == tag]
        return found

    def text(self, *path: str) -> str:
        """Return the text of the first element at the end of a path, without white space around it."""
        return next(("".join(each.written).strip() for each in self.all(*path)), "")


def _elements(octets: bytes) -> list[_Element]:
    """Return the rules and connectors of a document, with what stands in them; of the rest nothing."""
    parser = expat.ParserCreate(_encoding(octets))
    parser.buffer_text = True
    found: list[_Element] = []
    path: list[_Element | None] = []
    count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        if len(path) >= _DEEPEST:
            raise Unreadable(f"elements stand more than {_DEEPEST} deep in each other")
        parent = path[-1] if path else None
        if parent is None and tag not in (_RULE, _CONNECTOR):
            path.append(None)
            return
        count += 1
        if count > _MOST_ELEMENTS:
            raise Unreadable(f"its rules have more than {_MOST_ELEMENTS:,} elements")
        element = _Element(tag, attributes)
        (found if parent is None else parent.children).append(element)
        path.append(element)

    def write(text: str) -> None:
        if path and path[-1] is not None:
            path[-1].written.append(text)

    def refuse(*_: object) -> None:
        raise Unreadable("it has a document type declaration, which no export has")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = write
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(octets, True)
    except expat.ExpatError as error:
        raise Unreadable(f"it is not XML: {error}") from None
    except (LookupError, ValueError) as error:
        raise Unreadable(f"its characters cannot be read: {error}") from None
    return found


def _encoding(octets: bytes) -> str | None:
    """Return the encoding that a byte order mark tells, None where the document itself tells it.

    PowerShell writes the mark of what it writes, and keeps a declaration that says something else.
    """
    return next((name for mark, name in _MARKS.items() if octets.startswith(mark)), None)


def _rule(element: _Element) -> SyncRule:
    precedence = element.text("precedence")
    return SyncRule(
        name=element.text("name"),
        description=element.text("description"),
        tag=element.text("immutable-tag"),
        direction=element.text("direction"),
        disabled=_is_true(element.text("disabled")),
        connector=element.text("connector").lower(),
        source_type=element.text("sourceObjectType"),
        precedence=int(precedence) if _is_number(precedence) else None,
        mappings=tuple(map(_mapping, element.all("attribute-mappings", "mapping"))),
        joins=len(element.all("relationshipCriteria", "conditions", "condition")),
        scope=tuple(
            tuple(map(_clause, group.all("scope")))
            for group in element.all("synchronizationCriteria", "conditions")
        ),
        password_sync=_is_true(element.text("EnablePasswordSync")),
    )


def _mapping(element: _Element) -> Mapping:
    return Mapping(
        target=element.text("dest"),
        attributes=tuple(each.text() for each in element.all("src", "attr")),
        constant="" if element.all("src", "attr") else element.text("src"),
        expression=element.text("expression"),
        merge=element.text("valueMergeType") or "Update",
        once=_is_true(element.attributes.get("execute-once", "")),
    )


def _clause(element: _Element) -> Clause:
    return Clause(element.text("csAttribute"), element.text("csOperator"), element.text("csValue"))


def _is_true(text: str) -> bool:
    return text.lower() == "true"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 - no precedence is longer
