"""Turn an entry of the directory into what is staged: pure, the same for an import and a what-if.

Only the attributes named here are kept: passwords and the like never reach the connector space, and
what no rule reads (logon counters, password policy state) never makes an entry look changed.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import blake2b
from json.encoder import encode_basestring_ascii as quote
from typing import TYPE_CHECKING, NamedTuple

from connector.model import ObjectType
from connector.values import dn as dns
from connector.values.canonical import decode
from connector.values.classes import what_it_is

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.model import DirectoryEntry

_TEXTS = (
    "admindescription",
    "c",
    "cn",
    "co",
    "company",
    "department",
    "description",
    "displayname",
    "employeeid",
    *(f"extensionattribute{number}" for number in range(1, 16)),
    "facsimiletelephonenumber",
    "givenname",
    "grouptype",
    "iscriticalsystemobject",
    "l",
    "mail",
    "mailnickname",
    "mobile",
    "msexchhidefromaddresslists",
    "msexchrecipienttypedetails",
    "msexchusagelocation",
    "physicaldeliveryofficename",
    "postalcode",
    "preferredlanguage",
    "proxyaddresses",
    "samaccountname",
    "sn",
    "st",
    "street",
    "streetaddress",
    "targetaddress",
    "telephonenumber",
    "title",
    "uid",
    "usagelocation",
    "useraccountcontrol",
    "userprincipalname",
)
_NAMES = ("cn", "displayname", "samaccountname", "uid")
_BINARIES = ("objectsid",)
_REFERENCES = ("member", "uniquemember")
_GUIDS = ("ms-ds-consistencyguid", "objectguid")
_CREATED = ("createtimestamp", "whencreated")
_CHANGED = ("entrycsn", "usnchanged", "modifytimestamp")

KEPT = (*_TEXTS, *_BINARIES)
"""The attributes of a staged entry, in lower case."""

READ = (
    "objectclass",
    "entryuuid",
    "nsuniqueid",
    *_GUIDS,
    *_CREATED,
    *_CHANGED,
    *_REFERENCES,
    *KEPT,
)
"""All that ``stage`` looks at, in lower case: what is worth asking the directory for."""

# A name, quoted, never has a character below the quote that ends it: sorting the members of the
# object as text sorts them by name.
_OPENINGS = {name: f'"{name}":[' for name in KEPT}
_SURROGATE = re.compile("[\udc80-\udcff]")
_UID = re.compile(r"#'[01]*'[Bb]\Z")

_GROUPS = frozenset({b"group", b"groupofnames", b"groupofuniquenames", b"groupofmembers"})
_USERS = frozenset({b"inetorgperson", b"user"})


class Staged(NamedTuple):
    """An entry as the connector space keeps it.

    ``type`` is None for what is never synced: containers (kept for their place in the tree),
    computers, accounts of other kinds. ``created`` and ``csn`` are the directory's own texts, empty
    where it gave none. ``attributes`` is JSON (see ``load``), ``references`` the folded DNs of the
    members of a group, sorted. ``hash`` is equal when nothing that counts has changed: neither the
    order of an answer nor ``csn`` does. ``what`` says what an entry is that is never synced, unless it
    is a container (see ``classes``); of it the names alone are kept.
    """

    uuid: bytes
    anchor: str
    dn: str
    dn_key: str
    type: ObjectType | None
    created: str
    csn: str
    attributes: str
    references: tuple[str, ...]
    hash: bytes
    what: str = ""


def stage(entry: DirectoryEntry) -> Staged:
    """Compute what is staged of an entry. Never raises, whatever bytes the values hold."""
    raw = entry.attributes
    classes = tuple(raw.get("objectclass", ()))
    kind = _type(classes)
    what = what_it_is(classes) if kind is None else ""
    anchor = source_anchor(entry)
    dn = _SURROGATE.sub(_escape, entry.dn)
    attributes = _json(raw) if kind is not None else _names(raw) if what else "{}"
    references = _references(raw) if kind is ObjectType.GROUP else ()
    return Staged(
        entry.uuid,
        anchor,
        dn,
        staged_key(dn),
        kind,
        _operational(raw, _CREATED),
        _operational(raw, _CHANGED),
        attributes,
        references,
        staged_hash(anchor, kind or what, attributes, dn, references),
        what,
    )


def staged_key(dn: str) -> str:
    """Fold a DN as the connector space does: equal for two spellings of one name, and storable."""
    return _storable(dns.key(dn))


def load(attributes: str) -> dict[str, list[str]]:
    """Read the ``attributes`` of a staged entry back: names in lower case, values sorted by bytes.

    Values that are no UTF-8 carry lone surrogates (``surrogateescape``); objectSid is base64.
    """
    loaded: dict[str, list[str]] = decode(attributes)
    return loaded


def source_anchor(entry: DirectoryEntry) -> str:
    """Return the ImmutableId: base64 of 16 bytes in the byte order of a Windows GUID.

    From mS-DS-ConsistencyGuid, else objectGUID (both are stored in that order), else entryUUID, on
    389 Directory Server nsUniqueId. ``entry.uuid`` is one of the last two in network order; 389 has
    entryUUID too, but shows it in some answers alone.
    """
    raw = entry.attributes
    for name in _GUIDS:
        guid = min(raw.get(name, ()), default=b"")
        if len(guid) == 16:  # noqa: PLR2004 - the size of a GUID
            return b64encode(guid).decode()
    uuid = entry.uuid
    return b64encode(uuid[3::-1] + uuid[5:3:-1] + uuid[7:5:-1] + uuid[8:]).decode()


@lru_cache(maxsize=256)
def _type(classes: tuple[bytes, ...]) -> ObjectType | None:
    """Tell the type by object class.

    Computers and managed service accounts of Active Directory are users too by class, contacts and
    groups may carry auxiliary classes of persons: so users come last.
    """
    names = {name.lower() for name in classes}
    if b"computer" in names:
        return None
    if names & _GROUPS:
        return ObjectType.GROUP
    if b"contact" in names:
        return ObjectType.CONTACT
    if names & _USERS:
        return ObjectType.USER
    return None


def _json(raw: Mapping[str, Sequence[bytes]]) -> str:
    """Write the kept attributes as JSON text with sorted names and values.

    Written by hand because every entry of a first sync passes here: half the time of a dict and
    ``json.dumps``.
    """
    members = []
    for name, values in raw.items():
        opening = _OPENINGS.get(name)
        if opening is None or not values:
            continue
        if name in _BINARIES:
            values = [b64encode(value) for value in values]  # noqa: PLW2901
        if len(values) == 1:
            members.append(opening + quote(values[0].decode("utf-8", "surrogateescape")))
        else:
            texts = [quote(value.decode("utf-8", "surrogateescape")) for value in sorted(values)]
            members.append(opening + ",".join(texts))
    if not members:
        return "{}"
    members.sort()
    return "{" + "],".join(members) + "]}"


def _names(raw: Mapping[str, Sequence[bytes]]) -> str:
    """Write the attributes by which a person looks for an entry that is not synced."""
    return _json({name: raw[name] for name in _NAMES if name in raw})


def _references(raw: Mapping[str, Sequence[bytes]]) -> tuple[str, ...]:
    """Return the folded DNs of all members; RFC 4517 lets uniqueMember end in ``#'0101'B``."""
    dn_keys = {
        staged_key(value.decode("utf-8", "surrogateescape")) for value in raw.get("member", ())
    }
    for value in raw.get("uniquemember", ()):
        text = value.decode("utf-8", "surrogateescape")
        dn_keys.add(staged_key(_UID.sub("", text)))
    return tuple(sorted(dn_keys))


def _operational(raw: Mapping[str, Sequence[bytes]], names: Iterable[str]) -> str:
    """Return the text of the first of these attributes that the entry has."""
    for name in names:
        if values := raw.get(name):
            return values[0].decode("ascii", "backslashreplace")
    return ""


def _storable(text: str) -> str:
    r"""Write lone surrogates as ``\udc00``: SQLite stores text as UTF-8 and refuses them."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _escape(surrogate: re.Match[str]) -> str:
    r"""Write a byte that is no UTF-8 as RFC 4514 does in a DN: ``\ff``."""
    return f"\\{ord(surrogate[0]) & 0xFF:02x}"


def staged_hash(
    anchor: str, kind: str | None, attributes: str, dn: str, references: Sequence[str]
) -> bytes:
    """Return the ``hash`` of a Staged with these values."""
    text = "\0".join((anchor, kind or "", attributes, dn, *references))
    return blake2b(text.encode(), digest_size=16).digest()
