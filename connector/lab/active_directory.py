"""Write the lab's records as Active Directory has them.

The lab's own records are those of OpenLDAP with the lab's schema. A domain names a user by ``CN=``, has
classes and accounts of its own, keeps no account without a password enabled unless it is told to, and takes
a member only if it is there. It refuses a second user with the UPN of another, who then has none.
Nothing is read or written here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from connector.lab.records import BUILT_IN, SUFFIX
from connector.values import dn as dns
from connector.values.addresses import fold
from connector.values.ldif import dn_of, entry, modify, parse, value_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connector.values.ldif import Record

# The domain has these of its own.
_OWN = {
    f"{rdn},{BUILT_IN}": f"CN={rdn.partition('=')[2]},CN=Users,{SUFFIX}"
    for rdn in ("uid=Administrator", "uid=Guest", "uid=krbtgt", "cn=Domain Admins")
}
_OURS = {dns.key(theirs): ours for ours, theirs in _OWN.items()}
_CLASSES = {
    "inetorgperson": "user",
    "groupofnames": "group",
    "groupofuniquenames": "group",
    "groupofmembers": "group",
    "contact": "contact",
    "organizationalunit": "organizationalUnit",
}
# Named in lower case, as ``parse`` does. What is not here the domain's schema lacks, or makes itself.
_KEPT = frozenset(
    (
        "c",
        "co",
        "company",
        "department",
        "description",
        "displayname",
        "employeeid",
        "extensionattribute1",
        "givenname",
        "grouptype",
        "l",
        "mail",
        "mailnickname",
        "ms-ds-consistencyguid",
        "msexchrecipienttypedetails",
        "physicaldeliveryofficename",
        "postalcode",
        "proxyaddresses",
        "samaccountname",
        "sn",
        "street",
        "targetaddress",
        "telephonenumber",
        "title",
        "useraccountcontrol",
        "userprincipalname",
    )
)
_LINKS = {"member": "member", "uniquemember": "member", "manager": "manager"}
# Of no account the password is known, so that none may be asked for.
_NO_PASSWORD = 32
_NOT_IN_ACCOUNTS = re.compile(r'["\[\]:;|=+*?<>/\\,@]')

# Attributes of Exchange's schema: (name, number of its OID, syntax, LDAP syntax).
_TEXT, _NUMBER = ("2.5.5.12", 64), ("2.5.5.16", 65)
_OF_EXCHANGE = (
    ("mailNickname", "1.2.840.113556.1.2.447", _TEXT),
    ("targetAddress", "1.2.840.113556.1.2.352", _TEXT),
    ("extensionAttribute1", "1.2.840.113556.1.2.423", _TEXT),
    ("msExchRecipientTypeDetails", "1.2.840.113556.1.4.7000.102.50765", _NUMBER),
)
_SCHEMA = f"CN=Schema,CN=Configuration,{SUFFIX}"


class Parts(NamedTuple):
    """Entries, and the changes that link them afterwards."""

    entries: list[str]
    links: list[str]


def theirs(dn: str) -> str:
    """Return the name that the domain has for an entry of the lab."""
    if own := _OWN.get(dn):
        return own
    return re.sub("^uid=", "CN=", dn)


def ours(dn: str) -> str:
    """Return the name that the lab has for an entry of the domain."""
    if own := _OURS.get(dns.key(dn)):
        return own
    of_users = re.search(r",ou=(?:users|service accounts),", dn, re.IGNORECASE)
    return re.sub("^CN=", "uid=", dn) if of_users else dn


def parts(records: Iterable[str], present: Iterable[str], upns: Iterable[str]) -> Parts:
    """Take new entries apart for a domain that has the names ``present`` and ``upns``, folded.

    A link to what is neither new nor there is left out, and so is a UPN that somebody has.
    """
    new = list(_with_own_upns((each for text in records for each in parse(text)), set(upns)))
    there = {*present, *(dns.key(record.dn) for record in new)}
    entries = [_entry(record) for record in new if record.dn not in _OWN]
    links = (_links(record, there) for record in new if record.dn not in _OWN)
    return Parts(entries, [text for text in links if text])


def _with_own_upns(records: Iterable[Record], taken: set[str]) -> Iterator[Record]:
    for record in records:
        upn = fold(b"".join(record.attributes.get("userprincipalname", ())).decode())
        if upn in taken:
            del record.attributes["userprincipalname"]
        elif upn:
            taken.add(upn)
        yield record


def changes(ldif: str) -> str:
    """Return change records for the domain; new entries are linked at once."""
    return "".join(_change(record) for record in parse(ldif))


def _change(record: Record) -> str:
    if record.kind == "add":
        return _entry(record) + _links(record, None)
    if record.kind == "delete":
        return f"dn: {theirs(record.dn)}\nchangetype: delete\n\n"
    return modify(
        theirs(record.dn),
        (
            (part.operation, _LINKS.get(part.attribute, part.attribute), values)
            for part in record.modifications
            for values in (_values(part.attribute, part.values),)
        ),
    )


def _entry(record: Record) -> str:
    classes = [value.decode().lower() for value in record.attributes["objectclass"]]
    object_class = next(_CLASSES[name] for name in classes if name in _CLASSES)
    attributes: dict[str, list[str | bytes]] = {"objectClass": [object_class]}
    for name, values in record.attributes.items():
        if name in _KEPT:
            attributes[name] = _values(name, values)
    if object_class == "group":
        name = record.attributes["cn"][0].decode()
        attributes["sAMAccountName"] = [_NOT_IN_ACCOUNTS.sub("", name)]
    return entry(theirs(record.dn), attributes)


def _links(record: Record, there: set[str] | None) -> str:
    found = [
        ("add", link, [theirs(dn)])
        for name, link in _LINKS.items()
        for dn in (value.decode() for value in record.attributes.get(name, ()))
        if there is None or dns.key(dn) in there
    ]
    return modify(theirs(record.dn), found) if found else ""


def _values(name: str, values: Iterable[bytes]) -> list[str | bytes]:
    if name == "ms-ds-consistencyguid":
        return list(values)
    texts = [value.decode() for value in values]
    if name in _LINKS:
        return [theirs(text) for text in texts]
    if name == "useraccountcontrol":
        return [str(int(text) | _NO_PASSWORD) for text in texts]
    return list(texts)


def names(found: str) -> Iterator[str]:
    """Yield what a search found (LDIF without line folding) under the lab's names."""
    for record in found.split("\n\n"):
        if dn := dn_of(record):
            _, _, rest = record.lstrip("\n").partition("\n")
            yield value_line("dn", ours(dn)) + (f"{rest}\n\n" if rest else "\n")


def schema() -> tuple[str, str]:
    """Return what extends the domain's schema by attributes of Exchange: attributes, then classes."""
    attributes = [
        entry(
            f"CN={name},{_SCHEMA}",
            {
                "objectClass": "attributeSchema",
                "attributeID": oid,
                "attributeSyntax": syntax,
                "oMSyntax": str(number),
                "isSingleValued": "TRUE",
                "adminDisplayName": name,
                "lDAPDisplayName": name,
            },
        ).replace("\nobjectClass", "\nchangetype: add\nobjectClass")
        for name, oid, (syntax, number) in _OF_EXCHANGE
    ]
    update = "dn:\nchangetype: modify\nadd: schemaUpdateNow\nschemaUpdateNow: 1\n-\n\n"
    added = [name for name, _, _ in _OF_EXCHANGE]
    classes = [
        modify(f"CN={name},{_SCHEMA}", [("add", "mayContain", added)])
        for name in ("User", "Group", "Contact")
    ]
    return "".join([*attributes, update]), "".join(classes)
