"""Apply one change record to one entry as a directory would, and refuse what it would refuse.

Only the attributes that are read count (``entries.READ``): of the others nobody knows the values, and
nothing of them reaches the cloud.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.errors import InvalidLdif
from connector.values import dn as dns
from connector.values.entries import KEPT, READ
from connector.values.schema import listed_with_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.model import DirectoryEntry
    from connector.values.ldif import Modification, Record
    from connector.values.schema import Attribute, Schema

    Values = dict[str, list[bytes]]

_READ = frozenset(READ)
_CLASSES = "objectclass"
_PLUS = re.compile(r"(?<!\\)\+")
_MAY_BE_EMPTY = ("caseignoreia5match", "caseexactia5match")


def attributes_of(
    dn: str, given: Mapping[str, Sequence[bytes]], schema: Schema, line: int
) -> Values:
    """Return the attributes of a new entry by the names that this program uses.

    Those in its name are added where the record leaves them out, as directories do.
    """
    values: Values = {}
    for description, added in given.items():
        _check_known(description, schema, line)
        if attribute := _seen(schema, description):
            _add(values, attribute, added, schema, line)
    for description, text in dns.rdn_values(dn).items():
        if attribute := _seen(schema, description):
            _ensure(values, attribute, text.encode("utf-8", "surrogateescape"), schema)
    touched = {*values, *(schema.required(values.get(_CLASSES, ())) & (_READ | schema.also_read))}
    unread = {schema.plain(name).name for name in given} - values.keys()
    _check_classes(values, touched, schema, line, unread=unread)
    return with_kinds(values, schema)


def modified(
    entry: DirectoryEntry, changes: Sequence[Modification], schema: Schema, line: int
) -> DirectoryEntry:
    """Return an entry as a modify record leaves it; raises InvalidLdif for one that is refused."""
    values = {name: list(held) for name, held in entry.attributes.items()}
    touched, unread = set(), set()
    for change in changes:
        _check_known(change.attribute, schema, line)
        if attribute := _seen(schema, change.attribute):
            _modify(values, attribute, change, schema, line)
            touched.add(attribute.name)
        elif change.values and change.operation in {"add", "replace"}:
            unread.add(schema.plain(change.attribute).name)
    _check_naming(entry, values, schema, line)
    if _CLASSES in touched:
        touched |= {name for name in entry.attributes if name in KEPT or name in schema.also_read}
        touched |= schema.required(values.get(_CLASSES, ())) & (_READ | schema.also_read)
    _check_classes(values, touched, schema, line, unread=unread)
    return entry._replace(attributes=with_kinds(values, schema))


def renamed(entry: DirectoryEntry, record: Record, new_dn: str, schema: Schema) -> DirectoryEntry:
    """Return an entry under another name, the attributes in that name in step with it.

    Raises InvalidLdif where it would lack what it must have, or have what it cannot.
    """
    values = {name: list(held) for name, held in entry.attributes.items()}
    touched = set()
    if record.delete_old_rdn:
        for description, text in dns.rdn_values(entry.dn).items():
            if attribute := _seen(schema, description):
                old = schema.value_key(attribute, text.encode("utf-8", "surrogateescape"))
                held = values.pop(attribute.name, [])
                touched.add(attribute.name)
                if kept := [each for each in held if schema.value_key(attribute, each) != old]:
                    values[attribute.name] = kept
    for description, text in dns.rdn_values(record.new_rdn).items():
        if attribute := _seen(schema, description):
            touched.add(attribute.name)
            _ensure(values, attribute, text.encode("utf-8", "surrogateescape"), schema)
    _check_classes(values, touched, schema, record.line)
    return entry._replace(dn=new_dn, attributes=values)


def as_written(rdn: str, schema: Schema) -> str:
    """Return the first component of a DN as OpenLDAP writes it: parts in order, by one name each."""
    parts = []
    for part in _PLUS.split(rdn):
        name, _, value = part.partition("=")
        attribute = schema.attribute(name)
        parts.append(f"{attribute.spelling if attribute else name.strip()}={value.strip()}")
    return "+".join(sorted(parts, key=str.lower)) if len(parts) > 1 else parts[0]


def _check_known(description: str, schema: Schema, line: int) -> None:
    if not schema.knows(description):
        raise InvalidLdif(f"line {line}: the directory knows no attribute {description}")


def _check_classes(
    values: Values, touched: set[str], schema: Schema, line: int, *, unread: Iterable[str] = ()
) -> None:
    """Refuse what the classes of an entry do not allow; ``unread`` are attributes given besides."""
    present = {*values, *unread}
    if objection := schema.objection(values.get(_CLASSES, ()), present, {*touched, *unread}):
        raise InvalidLdif(f"line {line}: {objection}")


def with_kinds(values: Values, schema: Schema) -> Values:
    """Add the classes above those that the entry lists, as reading an entry does."""
    if classes := values.get(_CLASSES):
        values[_CLASSES] = list(listed_with_kinds(classes, schema.kinds_above()))
    return values


def _seen(schema: Schema, description: str) -> Attribute | None:
    """Return the attribute if it is one that is read."""
    attribute = schema.attribute(description)
    if attribute is None or attribute.name not in _READ | schema.also_read:
        return None
    return attribute


def _ensure(values: Values, attribute: Attribute, value: bytes, schema: Schema) -> None:
    held = values.setdefault(attribute.name, [])
    if schema.value_key(attribute, value) not in {schema.value_key(attribute, v) for v in held}:
        held.append(value)


def _add(
    values: Values, attribute: Attribute, added: Sequence[bytes], schema: Schema, line: int
) -> None:
    held = values.get(attribute.name, [])
    seen = {schema.value_key(attribute, value) for value in held}
    for value in added:
        if not value and attribute.equality not in _MAY_BE_EMPTY:
            raise InvalidLdif(f"line {line}: {attribute.name} is given an empty value")
        key = schema.value_key(attribute, value)
        if key in seen and attribute.name != _CLASSES:
            raise InvalidLdif(f"line {line}: {attribute.name} has the value {_text(value)} already")
        seen.add(key)
    if together := [*held, *added]:
        values[attribute.name] = together
    if attribute.is_single and len(together) > 1:
        raise InvalidLdif(f"line {line}: {attribute.name} cannot have several values")


def _modify(
    values: Values, attribute: Attribute, change: Modification, schema: Schema, line: int
) -> None:
    name = attribute.name
    match change.operation:
        case "replace":
            values.pop(name, None)
            _add(values, attribute, change.values, schema, line)
        case "add":
            if change.values and values.get(name):
                _check_comparable(attribute, schema, line)
            _add(values, attribute, change.values, schema, line)
        case "increment":
            values[name] = [_incremented(v, change, line) for v in _held(values, name, line)]
        case _:
            _held(values, name, line)
            _delete(values, attribute, change.values, schema, line)


def _held(values: Values, name: str, line: int) -> list[bytes]:
    held = values.get(name)
    if not held:
        raise InvalidLdif(f"line {line}: {name} has no value to change or delete")
    return held


def _delete(
    values: Values, attribute: Attribute, gone: Sequence[bytes], schema: Schema, line: int
) -> None:
    name = attribute.name
    held = values.pop(name)
    if not gone:
        return
    _check_comparable(attribute, schema, line)
    keys = {schema.value_key(attribute, value): value for value in gone}
    kept = [value for value in held if schema.value_key(attribute, value) not in keys]
    for value in held:
        keys.pop(schema.value_key(attribute, value), None)
    if keys:
        missing = ", ".join(sorted(map(_text, keys.values())))
        raise InvalidLdif(f"line {line}: {name} has no value {missing} to delete")
    if name == _CLASSES:
        kept = schema.without_kinds_of(kept, gone)
    if kept:
        values[name] = kept


def _check_comparable(attribute: Attribute, schema: Schema, line: int) -> None:
    if not schema.compares(attribute):
        raise InvalidLdif(
            f"line {line}: the server compares no values of {attribute.name}, so single ones are "
            "neither added nor deleted; replace them all"
        )


def _incremented(value: bytes, change: Modification, line: int) -> bytes:
    try:
        return str(int(value) + sum(map(int, change.values))).encode()
    except ValueError:
        raise InvalidLdif(f"line {line}: {change.attribute} is not a number") from None


def _check_naming(entry: DirectoryEntry, values: Values, schema: Schema, line: int) -> None:
    """Refuse to take a value away that is in the name of the entry."""
    for description, text in dns.rdn_values(entry.dn).items():
        attribute = _seen(schema, description)
        if attribute is None or attribute.name not in entry.attributes:
            continue
        wanted = schema.value_key(attribute, text.encode("utf-8", "surrogateescape"))
        held = values.get(attribute.name, ())
        if wanted not in {schema.value_key(attribute, value) for value in held}:
            raise InvalidLdif(
                f"line {line}: {attribute.name} {text} is the name of {entry.dn}; rename it instead"
            )


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
