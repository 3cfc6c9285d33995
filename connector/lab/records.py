"""Write the lab's entries: one shape for each type, in every story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.values.dn import rdn
from connector.values.ldif import entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.values.ldif import Value

SUFFIX = "dc=contoso,dc=com"
USERS, GROUPS, CONTACTS = (f"ou={name},{SUFFIX}" for name in ("users", "groups", "contacts"))
SERVICES, BUILT_IN = f"ou=Service Accounts,{SUFFIX}", f"ou=Built-in,{SUFFIX}"

USER_CLASSES = ["inetOrgPerson", "onPremRecipient"]
GROUP_CLASSES = ["groupOfNames", "onPremRecipient"]
CONTACT_CLASSES = ["contact", "onPremRecipient"]
# userAccountControl
ENABLED, DISABLED, NO_EXPIRY = "512", "514", "66048"
# groupType: a global security group, a universal one, a universal distribution group
SECURITY, UNIVERSAL, DISTRIBUTION = "-2147483646", "-2147483640", "8"


def user_dn(uid: str) -> str:
    return f"uid={uid},{USERS}"


def group_dn(name: str) -> str:
    return f"{rdn('cn', name)},{GROUPS}"


def contact_dn(name: str) -> str:
    return f"{rdn('cn', name)},{CONTACTS}"


def unit(name: str, parent: str) -> str:
    return entry(f"{rdn('ou', name)},{parent}", {"objectClass": "organizationalUnit", "ou": name})


def user(uid: str, name: str, *, upn: str = "", proxies: Sequence[str] = (), **more: Value) -> str:
    attributes: dict[str, Value] = {
        "objectClass": USER_CLASSES,
        "uid": uid,
        "cn": name,
        "sn": name.rsplit(maxsplit=1)[-1],
        "displayName": name,
        "sAMAccountName": uid,
        "userPrincipalName": upn or f"{uid}@contoso.com",
        "userAccountControl": ENABLED,
        "proxyAddresses": proxies,
    }
    return entry(user_dn(uid), attributes | more)


def contact(name: str, address: str, company: str, proxies: Sequence[str] = ()) -> str:
    attributes: dict[str, Value] = {
        "objectClass": CONTACT_CLASSES,
        "cn": name,
        "displayName": name,
        "company": company,
        "mail": address,
        "mailNickname": address.replace("@", ".").removesuffix(".example"),
        "targetAddress": f"SMTP:{address}",
        "proxyAddresses": [f"SMTP:{address}", *proxies],
    }
    return entry(contact_dn(name), attributes)


def group(  # noqa: PLR0913 - a group has that many attributes
    name: str,
    members: Sequence[str],
    *,
    address: str = "",
    proxies: Sequence[str] = (),
    kind: str = DISTRIBUTION,
    description: str = "",
) -> str:
    attributes: dict[str, Value] = {
        "objectClass": GROUP_CLASSES if members else ["groupOfMembers", "onPremRecipient"],
        "cn": name,
        "displayName": name,
        "description": description,
        "groupType": kind,
        "member": members,
    }
    if address:
        attributes |= {
            "mail": address,
            "mailNickname": address.partition("@")[0],
            "proxyAddresses": [f"SMTP:{address}", *proxies],
        }
    return entry(group_dn(name), attributes)
