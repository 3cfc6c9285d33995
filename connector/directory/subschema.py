"""Read what a server says of its classes and attributes: its subschema subentry (RFC 4512 4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.directory.ldap import BASE, Search
from connector.directory.refusals import BUSY, UNAVAILABLE, Attempt, refusal
from connector.directory.search_entry import Entry
from connector.directory.wire import Result
from connector.values.schema import Schema, standard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.directory.ldap import Connection
    from connector.directory.rootdse import RootDse

_CLASSES, _ATTRIBUTES = "objectClasses", "attributeTypes"


def read_schema(connection: Connection, root: RootDse) -> Schema | None:
    """Return the classes and attributes of a server, None where it does not show them.

    Raises DirectoryUnavailable when the server cannot answer now.
    """
    classes, attributes = _read(connection, root, _CLASSES, _ATTRIBUTES)
    return Schema(classes, attributes) if classes else None


def read_kinds_above(connection: Connection, root: RootDse) -> Mapping[bytes, tuple[bytes, ...]]:
    """Return the kinds above each class (see ``Schema.kinds_above``), for each connection anew.

    Active Directory lists all classes of an entry, so it is not asked. Where a server does not show its
    schema, the classes of the standards are known.
    """
    if root.is_active_directory:
        return {}
    (classes,) = _read(connection, root, _CLASSES)
    return (Schema(classes) if classes else standard()).kinds_above()


def _read(connection: Connection, root: RootDse, *names: str) -> list[list[str]]:
    """Return the values of these attributes of the subschema subentry; none of a hidden one."""
    found: list[list[str]] = [[] for _ in names]
    if not root.schema:
        return found
    for message in connection.search(Search(root.schema, "(objectClass=subschema)", names, BASE)):
        if type(message) is Entry:
            found = [
                [value.decode("utf-8", "replace") for value in message.attributes.get(name, ())]
                for name in map(str.lower, names)
            ]
        elif type(message) is Result and message.code in {BUSY, UNAVAILABLE}:
            raise refusal(message, Attempt(connection.url, "show its schema"))
    return found
