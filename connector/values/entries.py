"""Turn an entry of the directory into what is staged: pure, the same for an import and a what-if.

Only the attributes that rules read are kept, by default those named here: passwords and the like never
reach the connector space, and what no rule reads (logon counters, password policy state) never makes an entry look changed.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import blake2b, sha256
from json.encoder import encode_basestring_ascii as quote
from typing import TYPE_CHECKING

from connector.model import ObjectType
from connector.values import dn as dns
from connector.values.addresses import fold
from connector.values.canonical import decode
from connector.values.choices import LISTS, choosing, unchosen
from connector.values.classes import what_it_is
from connector.values.readable import OCTETS
from connector.values.reads import NOTHING_MORE
from connector.values.references import manager_key
from connector.values.staged import Staged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.model import DirectoryEntry
    from connector.values.reads import Reads

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
    "employeetype",
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
BINARIES = ("objectsid",)
"""The attributes of octets that are kept whole, as base64."""
PICTURES = ("thumbnailphoto",)
"""The attributes of which only the size and the hash are kept."""
_REFERENCES = ("member", "uniquemember", "memberuid", "manager", "managedby")
MANAGERS = {
    ObjectType.USER: "manager",
    ObjectType.CONTACT: "manager",
    ObjectType.GROUP: "managedby",
}
"""The attribute that names the manager of an object, in lower case: one other object, by DN."""
GUIDS = ("ms-ds-consistencyguid", "objectguid")
CREATED = ("createtimestamp", "whencreated")
CHANGED = ("entrycsn", "usnchanged", "modifytimestamp")

KEPT = (*_TEXTS, *BINARIES, *PICTURES)
"""The attributes of a staged entry, in lower case."""

READ = (
    "objectclass",
    "entryuuid",
    "nsuniqueid",
    *GUIDS,
    *CREATED,
    *CHANGED,
    *_REFERENCES,
    *KEPT,
)
"""All that ``stage`` looks at, in lower case: what is worth asking the directory for."""

_ALWAYS_READ = frozenset(READ)


def is_read(name: str, reads: Reads) -> bool:
    """Tell whether the directory is asked for an attribute, by its name in lower case."""
    return name in _ALWAYS_READ or name in reads.names


# A name, quoted, never has a character below the quote that ends it: sorting the members of the
# object as text sorts them by name.
_OPENINGS = {name: f'"{name}":[' for name in KEPT}
_SURROGATE = re.compile("[\udc80-\udcff]")
_UID = re.compile(rb"#'[01]*'[Bb]\Z")

_GROUPS = frozenset({b"group", b"groupofnames", b"groupofuniquenames", b"groupofmembers"})
_USERS = frozenset({b"inetorgperson", b"user"})
_ACCOUNTS = frozenset({b"account", b"organizationalperson", b"person", b"posixaccount"})
_POSIX_GROUP = b"posixgroup"

KINDS = frozenset(
    name.decode() for name in (b"computer", b"contact", _POSIX_GROUP, *_GROUPS, *_USERS, *_ACCOUNTS)
)
"""The object classes that tell what an entry is, in lower case."""

MOMENT = "#"
"""What stands between the second in which an entry was made and the moment in its UUID."""

# A folded DN never begins with a space, so no DN means what such a reference means.
_BY_UID = " uid:"


def stage(entry: DirectoryEntry, reads: Reads = NOTHING_MORE) -> Staged:
    """Compute what is staged of an entry. Never raises, whatever bytes the values hold."""
    if reads.shown:
        entry = entry._replace(attributes=reads.under_their_names(entry.attributes))
    raw = entry.attributes
    classes = tuple(raw.get("objectclass", ()))
    kind = type_of(classes, has_uid=bool(raw.get("uid")))
    what = what_it_is(classes) if kind is None else ""
    anchor = source_anchor(entry, reads.anchor)
    dn = _SURROGATE.sub(_escape, entry.dn)
    if kind is not None:
        values, choices = _json(raw, openings(reads.names))
    else:
        values, choices = _names(raw) if what else "{}", ()
    attributes = choosing(values, _first_values(raw, choices), dn) if choices else values
    references = () if kind is None else references_of(raw, classes, kind)
    return Staged(
        entry.uuid,
        anchor,
        dn,
        staged_key(dn),
        kind,
        _created(entry),
        _operational(raw, CHANGED),
        attributes,
        references,
        choices,
        hash_of(anchor, kind or what, values, dn, references),
        what,
    )


@lru_cache(maxsize=8)
def openings(more: tuple[str, ...]) -> Mapping[str, str]:
    """Return how the JSON of each kept attribute begins, those among them that rules read besides."""
    return {**_OPENINGS, **{name: f'"{name}":[' for name in more}} if more else _OPENINGS


def keep_choices(staged: Staged, before: str) -> Staged:
    """Choose what was chosen before, where the entry still has it and its RDN names no other value.

    ``before`` are the attributes as they were staged.
    """
    earlier = load(before)
    chosen = {name: earlier[name][0] for name in staged.choices if earlier.get(name)}
    return staged._replace(attributes=choosing(staged.attributes, chosen, staged.dn))


def choose_by_name(attributes: str, dn: str) -> str:
    """Put the value of the RDN first in the attributes of a staged entry, where it is one of several."""
    return choosing(attributes, {}, dn)


def staged_key(dn: str) -> str:
    """Fold a DN as the connector space does: equal for two spellings of one name, and storable."""
    return _storable(dns.key(dn))


def uid_key(uid: str) -> str:
    """Return the reference to the user with this uid, in any case, as a ``memberUid`` makes it."""
    return _BY_UID + _storable(fold(uid.strip(" ")))


def is_uid_key(reference: str) -> bool:
    """Tell whether a reference names a user by uid, and not an entry by its folded DN."""
    return reference.startswith(_BY_UID)


def load(attributes: str) -> dict[str, list[str]]:
    """Read the ``attributes`` of a staged entry back: names in lower case, values sorted by bytes.

    Of an attribute with one value that counts, this one stands before the others.
    Values that are no UTF-8 carry lone surrogates (``surrogateescape``); objectSid is base64, of a picture there are size and hash.
    """
    loaded: dict[str, list[str]] = decode(attributes)
    return loaded


def source_anchor(entry: DirectoryEntry, attribute: str = "") -> str:
    """Return the ImmutableId: base64 of 16 bytes in the byte order of a Windows GUID.

    From the ``attribute`` of the settings, where they name one and the entry has it once; else
    from mS-DS-ConsistencyGuid, else objectGUID (both are stored in that order), else entryUUID, on
    389 Directory Server nsUniqueId. ``entry.uuid`` is one of the last two in network order; 389 has
    entryUUID too, but shows it in some answers alone.
    """
    raw = entry.attributes
    if attribute and (own := anchor_value(raw.get(attribute, ()))):
        return b64encode(own).decode()
    for name in GUIDS:
        guid = min(raw.get(name, ()), default=b"")
        if len(guid) == 16:  # noqa: PLR2004 - the size of a GUID
            return b64encode(guid).decode()
    return anchor_of(entry.uuid)


def anchor_value(values: Sequence[bytes]) -> bytes:
    """Return the value that identifies an object, empty where there is none or there are several."""
    return values[0] if len(values) == 1 else b""


def anchor_of(uuid: bytes) -> str:
    """Return the ImmutableId of an identity in network order."""
    return b64encode(uuid[3::-1] + uuid[5:3:-1] + uuid[7:5:-1] + uuid[8:]).decode()


@lru_cache(maxsize=1024)
def type_of(classes: tuple[bytes, ...], *, has_uid: bool) -> ObjectType | None:
    """Tell the type by object class, those above it included (see ``schema``).

    Computers and managed service accounts of Active Directory are users too by class, contacts and
    groups may carry auxiliary classes of persons: so users come later. posixGroup comes last, because
    it may be an auxiliary class of a person who has a group of the same name.
    """
    names = {name.lower() for name in classes}
    if b"computer" in names:
        return None
    if names & _GROUPS:
        return ObjectType.GROUP
    if b"contact" in names:
        return ObjectType.CONTACT
    if names & _USERS or (has_uid and names & _ACCOUNTS):
        return ObjectType.USER
    return ObjectType.GROUP if _POSIX_GROUP in names else None


def _json(
    raw: Mapping[str, Sequence[bytes]], openings: Mapping[str, str]
) -> tuple[str, tuple[str, ...]]:
    """Write the kept attributes as JSON text with sorted names and values; name the ``choices``.

    Written by hand because every entry of a first sync passes here: half the time of a dict and
    ``json.dumps``.
    """
    members = []
    choices: tuple[str, ...] = ()
    for name, values in raw.items():
        opening = openings.get(name)
        if opening is None or not values:
            continue
        if name in OCTETS:
            values = [octets(name, value).encode() for value in values]  # noqa: PLW2901
        if len(values) == 1:
            members.append(opening + quote(values[0].decode("utf-8", "surrogateescape")))
        else:
            texts = [quote(value.decode("utf-8", "surrogateescape")) for value in sorted(values)]
            members.append(opening + ",".join(texts))
            if name not in LISTS:
                choices += (name,)
    if not members:
        return "{}", ()
    members.sort()
    return "{" + "],".join(members) + "]}", choices


def _first_values(raw: Mapping[str, Sequence[bytes]], names: Iterable[str]) -> dict[str, str]:
    """Return the first value of each attribute, in the order of the answer, that is not blank."""
    first = {}
    for name in names:
        if name not in OCTETS:
            values = [value.decode("utf-8", "surrogateescape") for value in raw[name]]
            first[name] = next((value for value in values if value.strip()), values[0])
    return first


def octets(name: str, value: bytes) -> str:
    """Write a value of octets as it is staged: a picture as its size in bytes and its SHA-256."""
    if name in PICTURES:
        return f"{len(value)} {sha256(value).hexdigest()}"
    return b64encode(value).decode()


def _names(raw: Mapping[str, Sequence[bytes]]) -> str:
    """Write the attributes by which a person looks for an entry that is not synced."""
    return _json({name: raw[name] for name in _NAMES if name in raw}, _OPENINGS)[0]


def references_of(
    raw: Mapping[str, Sequence[bytes]], classes: Sequence[bytes], kind: ObjectType
) -> tuple[str, ...]:
    """Return the references of an object, sorted: those to its managers come first.

    Members of a group are folded DNs; RFC 4517 lets uniqueMember end in ``#'0101'B``. ``memberUid`` counts
    where the entry is a posixGroup: in Active Directory every group may carry it. A manager is the folded
    DN behind a mark (see ``manager_key``); an entry may name several.
    """
    managers = [
        manager_key(staged_key(value.decode("utf-8", "surrogateescape")))
        for value in raw.get(MANAGERS[kind], ())
        if value.strip()
    ]
    if kind is not ObjectType.GROUP:
        return tuple(sorted(set(managers)))
    names: Sequence[bytes] = raw.get("member", ())
    if "uniquemember" in raw:
        names = [*names, *(_UID.sub(b"", value) for value in raw["uniquemember"])]
    found = dns.keys(names)
    if not "".join(found).isascii():
        found = list(map(_storable, found))
    # In the order of the directory, which is nearly that of the names: sorting them is quick.
    dn_keys = dict.fromkeys([*managers, *found])
    if (uids := raw.get("memberuid")) and any(name.lower() == _POSIX_GROUP for name in classes):
        dn_keys |= dict.fromkeys(
            uid_key(value.decode("utf-8", "surrogateescape")) for value in uids
        )
    return tuple(sorted(dn_keys))


def _operational(raw: Mapping[str, Sequence[bytes]], names: Iterable[str]) -> str:
    """Return the text of the first of these attributes that the entry has."""
    for name in names:
        if values := raw.get(name):
            return values[0].decode("ascii", "backslashreplace")
    return ""


def _created(entry: DirectoryEntry) -> str:
    """Return when an entry was made, so that the texts sort as the entries were made.

    Directories say that to the second. The identities of OpenLDAP and 389 Directory Server are UUIDs
    of version 1, which hold a time in units of 100 ns; those of Active Directory are chance.
    """
    created = _operational(entry.attributes, CREATED)
    return created if "objectguid" in entry.attributes else to_the_moment(created, entry.uuid)


def to_the_moment(created: str, uuid: bytes) -> str:
    """Add to the second in which an entry was made the moment, where the identity has one."""
    if not created or uuid[6:7] < b"\x10" or uuid[6:7] > b"\x1f" or uuid[8:9] < b"\x80":
        return created
    if uuid[8:9] > b"\xbf":
        return created
    digits = uuid.hex()
    return f"{created}{MOMENT}{digits[13:16]}{digits[8:12]}{digits[:8]}"


def _storable(text: str) -> str:
    r"""Write lone surrogates as ``\udc00``: SQLite stores text as UTF-8 and refuses them."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _escape(surrogate: re.Match[str]) -> str:
    r"""Write a byte that is no UTF-8 as RFC 4514 does in a DN: ``\ff``."""
    return f"\\{ord(surrogate[0]) & 0xFF:02x}"


def staged_hash(
    anchor: str, kind: str | None, attributes: str, dn: str, references: Sequence[str]
) -> bytes:
    """Return the ``hash`` of a Staged with these values, whichever of them were chosen."""
    return hash_of(anchor, kind, unchosen(attributes), dn, references)


def hash_of(
    anchor: str, kind: str | None, attributes: str, dn: str, references: Sequence[str]
) -> bytes:
    text = "\0".join((anchor, kind or "", attributes, dn, *references))
    return blake2b(text.encode(), digest_size=16).digest()
