"""Choose the attributes to request, and read the names in an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from connector.values.entries import READ

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.values.reads import Reads

# Where there is no entryCSN the hash tells a change; a second stamp would cost every entry.
REQUESTED = tuple(name for name in READ if name != "modifytimestamp")

ELSEWHERE = frozenset(("street", "streetaddress"))
"""What a server may show under another name of ours: OpenLDAP has one attribute of both."""

# A rename moves the entries below, which a server does not report.
CONTAINERS = (
    "container",
    "country",
    "dcObject",
    "domain",
    "locality",
    "organization",
    "organizationalUnit",
)

_ID_SIZE = 16


def requested(reads: Reads) -> tuple[str, ...]:
    """Return the attributes to ask for, those among them that rules read besides."""
    return (*REQUESTED, *(name for name in reads.names if name not in REQUESTED))


def fold_name(raw: bytes, *, ranges: bool = False) -> str:
    """Return the lower-case name of an attribute description, empty for one to ignore.

    ``userCertificate;binary`` is the attribute itself. A language or any other tag makes another
    attribute (RFC 4512 2.5.2), which this program does not read. A range that is not the whole of the values
    (``member;range=0-1499``) stays in the name with ``ranges`` and raises ValueError without: a part
    must not pass for the whole.
    """
    name, *options = raw.decode("ascii").lower().split(";")
    if not name:
        raise ValueError("attribute without a name")
    for option in options:
        if option.startswith("range="):
            if option == "range=0-*":
                continue
            if not ranges:
                raise ValueError(f"only a part of the values of {name} ({option})")
            return f"{name};{option}"
        if option != "binary":
            return ""
    return name


def uuid_of(attributes: Mapping[str, Sequence[bytes]], id_attribute: str) -> bytes:
    """Return the 16 bytes that identify an entry; ValueError when it does not show them."""
    values = attributes.get(id_attribute.lower(), ())
    if len(values) != 1:
        raise ValueError(f"entry without {id_attribute}")
    if id_attribute == "objectGUID":
        uuid = values[0]
    elif id_attribute == "entryUUID":
        uuid = UUID(values[0].decode("ascii")).bytes
    else:
        uuid = bytes.fromhex(values[0].decode("ascii").replace("-", ""))
    if len(uuid) != _ID_SIZE:
        raise ValueError(f"{id_attribute} of {len(uuid)} bytes")
    return uuid


def id_filter(uuid: bytes, id_attribute: str) -> str:
    """Return the filter that finds the entry of this identity."""
    if id_attribute == "objectGUID":
        value = "".join(f"\\{byte:02x}" for byte in uuid)
    elif id_attribute == "entryUUID":
        value = str(UUID(bytes=uuid))
    else:
        digits = uuid.hex()
        value = "-".join(digits[at : at + 8] for at in range(0, len(digits), 8))
    return f"({id_attribute}={value})"
