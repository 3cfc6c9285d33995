"""Make the conflicts of the lab's Contoso, and resolve two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.anchors import anchored
from connector.lab.records import contact, contact_dn, group, user, user_dn
from connector.values.ldif import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

QUARANTINED = (
    ("User B", "UserPrincipalName", "User@contoso.com"),
    ("Second Head", "UserPrincipalName", "JUERGEN.MUELLER@contoso.com"),
    ("Ines Auskunft", "ProxyAddresses", "smtp:INFO@contoso.com"),
    ("Reception", "ProxyAddresses", "smtp:User.A@contoso.com"),
    ("Wide World Importers", "ProxyAddresses", "smtp:all@contoso.com"),
)
"""The quarantined values after a sync of contoso.ldif and then of conflicts.ldif: display name,
attribute, value as given. The seed's two known issues add errors that are not listed here."""

RELEASED = (QUARANTINED[0], QUARANTINED[2])
"""The values that resolve.ldif and a sweep give back."""


# Above the anchors of a story's own entries, which were there before.
_FIRST_ANCHOR = 9001


def conflicts() -> Iterator[str]:
    """Yield objects that want values of others: see QUARANTINED, and the seed's known issues.

    Their source anchors are fixed, in their order: each time the same one comes first.
    """
    for number, record in enumerate(_conflicts(), _FIRST_ANCHOR):
        yield anchored(record, number)


def _conflicts() -> Iterator[str]:
    yield user("user.b", "User B", upn="User@contoso.com")
    yield user("second.head", "Second Head", upn="JUERGEN.MUELLER@contoso.com")
    yield user("ines.auskunft", "Ines Auskunft", proxies=["smtp:INFO@contoso.com"])
    yield group(
        "Reception",
        [user_dn("user.b")],
        address="reception@contoso.com",
        proxies=["smtp:User.A@contoso.com"],
    )
    yield contact(
        "Wide World Importers", "sales@wideworld.example", "Wide World", ["smtp:all@contoso.com"]
    )
    # Known issue 1: a group of contoso.ldif has this address, so UPN and proxy address clash at once.
    yield user("joe", "Joe", upn="Joe@contoso.com", proxies=["smtp:Joe@contoso.com"])
    # Known issue 2: two groups with one address come in one run.
    for name in ("Team Red", "Team Blue"):
        yield group(name, [user_dn("user.a")], address="team@contoso.com")


def resolve() -> Iterator[str]:
    """Yield changes by which two holders give up values that others wait for."""
    yield replace(
        user_dn("user.a"),
        {"userPrincipalName": "user.a@contoso.com", "proxyAddresses": "SMTP:user.a@contoso.com"},
    )
    yield replace(
        contact_dn("Info Desk"),
        {"proxyAddresses": "SMTP:info@fabrikam.example", "mail": "info@fabrikam.example"},
    )
