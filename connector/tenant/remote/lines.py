"""Write batches, answers and read-backs as lines of JSON, and check each line that is read.

Both ends use it: the client (``tenant.remote``) and the server (``web.sync``). Who sent a line is not trusted
to have the right form: what is wrong raises ValueError with a sentence.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from connector.model import MemberChange, ObjectType, ShadowObject, SyncObject, SyncOperation
from connector.tenant import wire
from connector.values.canonical import canonical, compact, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connector.model import SyncResult

VERSION = 1
"""Of the protocol; it is a part of the path."""

LONGEST_BATCH_ID = 512
MOST_OBJECTS = 100_000
"""Objects of a batch, and changes of members of all of them."""

LONGEST_BATCH = 4 * 1024 * 1024
"""Bytes of the properties of a batch that a client sends: a slow line takes them in the time that a body has."""

LONGEST_OBJECT = 15 * 1024 * 1024
"""Bytes of the properties of one object: packed or not, it is less than a server takes as a body."""

MOST_LINKS = 5000
"""Memberships or managers of a batch that a client sends."""

_TYPES = {kind.value: kind for kind in ObjectType}
_OPERATIONS = {operation.value: operation for operation in SyncOperation}
_SURROGATE = re.compile("[\ud800-\udfff\0]").search
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,255}", re.ASCII)
_LISTS = frozenset({"businessPhones", "otherMails", "proxyAddresses"})
_FLAGS = frozenset({"accountEnabled", "mailEnabled", "securityEnabled"})
_EXTENSIONS = "onPremisesExtensionAttributes"
_PICTURE = "thumbnailPhoto"
_PLAIN = frozenset(
    {
        "companyName",
        "department",
        "description",
        "displayName",
        "givenName",
        "mail",
        "mailNickname",
        "onPremisesDistinguishedName",
        "onPremisesDomainName",
        "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier",
        "surname",
        "targetAddress",
        "usageLocation",
        "userPrincipalName",
        "userType",
    }
)
_FIELDS_OF_AN_OBJECT = 6


# --- batches ----------------------------------------------------------------------------------


def batch_to_lines(objects: Iterable[SyncObject]) -> bytes:
    """Write the objects of a batch, a line each."""
    return b"".join(_object_to_line(item) for item in objects)


def batch_from_lines(text: bytes) -> list[SyncObject]:
    """Read the objects of a batch; raises ValueError, which names the line."""
    if text.count(b"\n") + text.count(b"\r") > MOST_OBJECTS:  # a list of them would be long already
        raise ValueError(f"a batch has at most {MOST_OBJECTS:,} objects")
    found: list[SyncObject] = []
    members = 0
    for number, line in enumerate(text.splitlines(), 1):
        try:
            item = _object_from(_read(line))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        members += len(item.member_changes)
        found.append(item)
    if members > MOST_OBJECTS:
        raise ValueError(f"a batch has at most {MOST_OBJECTS:,} changes of members")
    return found


def _object_to_line(item: SyncObject) -> bytes:
    properties = "null" if item.properties is None else canonical(item.properties)
    changes = [[change.anchor, change.add] for change in item.member_changes]
    head = compact([item.object_type, item.operation, item.source_anchor])[:-1]
    tail = compact([changes, item.manager])[1:]
    return f"{head},{properties},{tail}\n".encode()


def _object_from(value: Any) -> SyncObject:
    if not isinstance(value, list) or len(value) != _FIELDS_OF_AN_OBJECT:
        raise ValueError("is not [type, operation, source anchor, properties, members, manager]")
    kind, operation, anchor, properties, changes, manager = value
    if not isinstance(kind, str) or kind not in _TYPES:
        raise ValueError("the type is not user, group or contact")
    if not isinstance(operation, str) or operation not in _OPERATIONS:
        raise ValueError("the operation is not set or delete")
    if not _is_anchor(anchor):
        raise ValueError("the source anchor is not one")
    if properties is not None:
        check_properties(properties)
    if not isinstance(changes, list) or not all(map(_is_change, changes)):
        raise ValueError("the members are not [source anchor, true or false]")
    if manager is not None and manager != "" and not _is_anchor(manager):
        raise ValueError("the manager is not a source anchor")
    members = [MemberChange(member, add) for member, add in changes]
    return SyncObject(_TYPES[kind], _OPERATIONS[operation], anchor, properties, members, manager)


def check_properties(properties: Any) -> None:
    """Raise ValueError unless all properties have the form that the rules give them."""
    if not isinstance(properties, dict):
        raise ValueError("the properties are not an object")  # noqa: TRY004 - all of it is one kind of mistake
    for name, value in properties.items():
        if not _NAME.fullmatch(name):
            raise ValueError("a property has a name that is none")
        if not _fits(name, value):
            raise ValueError(f"the property {name} has a value of another kind")
    try:
        canonical(properties)
    except TypeError:
        raise ValueError("a property has bytes that are not UTF-8, or a number too big") from None


def _fits(name: str, value: Any) -> bool:
    if name in _LISTS:
        return _is_list_of_texts(value)
    if name in _FLAGS:
        return isinstance(value, bool)
    if name == _EXTENSIONS:
        return _is_of_parts(value) and all(isinstance(part, str) for part in value.values())
    if name == _PICTURE:
        return _is_of_parts(value)
    if name in _PLAIN:
        return isinstance(value, str)
    return isinstance(value, str | bool | int) or _is_list_of_texts(value) or _is_of_parts(value)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_of_parts(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _NAME.fullmatch(name) and isinstance(part, str | bool | int) for name, part in value.items()
    )


def _is_anchor(value: Any) -> bool:
    """Tell whether a value can be a source anchor; one that is too long the tenant refuses, and it alone."""
    return isinstance(value, str) and value != "" and not _SURROGATE(value)


def _is_change(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2  # noqa: PLR2004 - a pair
        and _is_anchor(value[0])
        and isinstance(value[1], bool)
    )


def is_batch_id(value: Any) -> bool:
    """Tell whether a value can be the id of a batch."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_BATCH_ID and value.isprintable()


def batch_id(batch: str) -> str:
    """Return the id by which the server knows a batch: its name, or a hash where that cannot be one.

    The name ends with a source anchor, which may be long.
    """
    if is_batch_id(batch):
        return batch
    return blake2b(batch.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()


# --- answers ----------------------------------------------------------------------------------


def answer_to_lines(results: Sequence[SyncResult], position: str) -> bytes:
    """Write what became of a batch: where the tenant stands, then a line for each object."""
    lines = [compact({"position": position}), *(compact(wire.listed(one)) for one in results)]
    return "\n".join([*lines, ""]).encode()


def answer_from_lines(text: bytes, objects: Sequence[SyncObject]) -> tuple[list[SyncResult], str]:
    """Read what became of these objects, and the position; raises ValueError."""
    results, position = results_from_lines(text)
    if [one.source_anchor for one in results] != [item.source_anchor for item in objects]:
        raise ValueError("the answer is not that of the batch")
    return results, position


def results_from_lines(text: bytes) -> tuple[list[SyncResult], str]:
    """Read what became of a batch, and the position; raises ValueError."""
    head, *lines = text.splitlines() or [b""]
    first = _read(head)
    position = first.get("position") if isinstance(first, dict) else None
    if not isinstance(position, str):
        raise ValueError("the answer does not begin with the position")  # noqa: TRY004 - as above
    try:
        return [_result_from(_read(line)) for line in lines], position
    except TypeError:
        raise ValueError("a line of the answer is not a result") from None


def _result_from(value: Any) -> SyncResult:
    """Read a result; raises ValueError, TypeError for another form."""
    result = wire.from_list(value)
    texts = (result.description, result.cloud_anchor, result.attribute, result.value)
    held = (
        text
        for one in result.quarantined
        for text in (one.attribute, one.value, one.held_by.id, one.held_by.display_name)
    )
    if not all(isinstance(text, str | None) for text in (*texts, *held)):
        raise TypeError
    return result


# --- read-back --------------------------------------------------------------------------------


def shadow_to_line(shadow: ShadowObject) -> bytes:
    """Write an object of a read-back."""
    return f"{compact([*shadow])}\n".encode()


def shadow_from_line(line: bytes) -> ShadowObject:
    """Read an object of a read-back; raises ValueError."""
    value = _read(line)
    if not isinstance(value, list) or len(value) != len(ShadowObject._fields):
        raise ValueError("is not an object of a read-back")
    anchor, cloud_anchor, kind, properties, members, restored, taken, owned, manager, there = value
    fits = (
        _is_anchor(anchor)
        and isinstance(cloud_anchor, str)
        and isinstance(kind, str)
        and kind in _TYPES
        and _is_state(properties)
        and all(isinstance(one, str | None) for one in (restored, manager))
        and (members is None or _is_list_of_texts(members))
        and isinstance(taken, bool)
        and isinstance(owned, bool)
        and isinstance(there, bool)
    )
    if not fits:
        raise ValueError("an object of a read-back has a value of another kind")
    return ShadowObject(
        anchor,
        cloud_anchor,
        _TYPES[kind],
        properties,
        members,
        restored,
        taken,
        owned,
        manager,
        there,
    )


def _is_state(text: Any) -> bool:
    """Tell whether a value is the text of properties, or None."""
    return text is None or (isinstance(text, str) and isinstance(_read(text.encode()), dict))


def _read(line: bytes) -> Any:
    """Read a line of JSON; raises ValueError, also for one that is nested too deeply."""
    try:
        return decode(line.decode())
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
