"""Make objects whose data a real tenant would refuse or repair, for ``connector lint``.

``description`` names the fault of each: the attribute and the IdFix error name. Of two duplicates the
second one names it. All faults are such that slapd's schema accepts them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.records import (
    CONTACT_CLASSES,
    GROUP_CLASSES,
    USER_CLASSES,
    contact_dn,
    group_dn,
    user_dn,
)
from connector.values.ldif import entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.values.ldif import Value

_LONG = "x" * 260

# (name, fault, faulty attributes)
_USERS: tuple[tuple[str, str, Mapping[str, Value]], ...] = (
    ("bad01", "displayName: Length", {"displayName": _LONG}),
    ("bad02", "displayName: Blank", {"displayName": " "}),
    ("bad03", "givenName: Length", {"givenName": "y" * 70}),
    ("bad04", "mail: Length", {"mail": f"{_LONG}@contoso.com"}),
    ("bad05", "", {"mail": "twice@contoso.com"}),
    ("bad06", "mail: Duplicate", {"mail": "twice@contoso.com"}),
    ("bad07", "mailNickname: Length", {"mailNickname": "z" * 70}),
    ("bad08", "mailNickname: Character", {"mailNickname": "..bad08"}),
    ("bad09", "", {"mailNickname": "nick"}),
    ("bad10", "mailNickname: Duplicate", {"mailNickname": "nick"}),
    ("bad11", "proxyAddresses: Length", {"proxyAddresses": f"smtp:{_LONG}@contoso.com"}),
    ("bad12", "proxyAddresses: Character", {"proxyAddresses": "smtp:bad 12@contoso.com"}),
    ("bad13", "proxyAddresses: Format", {"proxyAddresses": "smtp:bad13"}),
    ("bad14", "proxyAddresses: TopLevelDomain", {"proxyAddresses": "smtp:bad14@contoso.nosuchtld"}),
    ("bad15", "proxyAddresses: DomainPart", {"proxyAddresses": "smtp:bad15@contoso..com"}),
    ("bad16", "proxyAddresses: LocalPart", {"proxyAddresses": "smtp:bad..16@contoso.com"}),
    ("bad17", "proxyAddresses: Character", {"proxyAddresses": "smtp:smtp:bad17@contoso.com"}),
    ("bad18", "", {"proxyAddresses": "smtp:pair@contoso.com"}),
    ("bad19", "proxyAddresses: Duplicate", {"proxyAddresses": "smtp:pair@contoso.com"}),
    ("bad20", "sAMAccountName: Length", {"sAMAccountName": "bad20-is-longer-than-twenty"}),
    ("bad21", "sAMAccountName: Character", {"sAMAccountName": "bad|21?"}),
    ("bad22", "targetAddress: Length", {"targetAddress": f"SMTP:{_LONG}@contoso.com"}),
    ("bad23", "targetAddress: Character", {"targetAddress": "SMTP:bad\\23@contoso.com"}),
    ("bad24", "userPrincipalName: Length", {"userPrincipalName": f"{'u' * 110}@contoso.com"}),
    ("bad25", "userPrincipalName: Character", {"userPrincipalName": "bäd 25@contoso.com"}),
    ("bad26", "userPrincipalName: Format", {"userPrincipalName": "bad26"}),
    ("bad27", "userPrincipalName: TopLevelDomain", {"userPrincipalName": "bad27@contoso.l0cal"}),
    ("bad28", "userPrincipalName: DomainPart", {"userPrincipalName": "bad28@.contoso.com"}),
    ("bad29", "userPrincipalName: LocalPart", {"userPrincipalName": "bad@29@contoso.com"}),
    ("bad30", "", {"userPrincipalName": "same@contoso.com"}),
    ("bad31", "userPrincipalName: Duplicate", {"userPrincipalName": "same@contoso.com"}),
    (
        "bad32",
        "mail: MailMatch",
        {"mail": "bad32@contoso.com", "proxyAddresses": "SMTP:other32@contoso.com"},
    ),
)
_CONTROL = "smtp:bad34\x07\r\n@contoso.com"


def entries() -> Iterator[str]:
    """Yield the faulty objects."""
    for name, wrong, attributes in _USERS:
        yield _user(name, wrong, attributes)
    yield entry(
        group_dn("Bad 33"),
        {
            "objectClass": GROUP_CLASSES,
            "cn": "Bad 33",
            "description": "proxyAddresses: Character",
            "member": user_dn("bad01"),
            "mail": "bad33@contoso.com",
            "proxyAddresses": ["SMTP:bad33@contoso.com", "smtp:(bad33)@contoso.com"],
        },
    )
    yield entry(
        contact_dn("Bad 34"),
        {
            "objectClass": CONTACT_CLASSES,
            "cn": "Bad 34",
            "description": "proxyAddresses: Character",
            "mail": "bad34@partner.example",
            "proxyAddresses": _CONTROL,
        },
    )


def _user(name: str, wrong: str, attributes: Mapping[str, Value]) -> str:
    sound: dict[str, Value] = {
        "objectClass": USER_CLASSES,
        "uid": name,
        "cn": name,
        "sn": name,
        "displayName": name,
        "description": wrong,
        "sAMAccountName": name,
        "userPrincipalName": f"{name}@contoso.com",
        "userAccountControl": "512",
    }
    return entry(user_dn(name), sound | dict(attributes))
