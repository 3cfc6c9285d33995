"""Refuse what the service would refuse before it looks at other objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.model import SyncCode
from connector.tenant.objects import PROXIES, UPN, Failure
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

# behaviour.md 6.7, lengths of the cloud attributes.
LONGEST = {
    "displayName": 256,
    "givenName": 64,
    "mail": 256,
    "mailNickname": 64,
    "targetAddress": 256,
    "userPrincipalName": 113,
}
LONGEST_PROXY = 256
# behaviour.md 2.4: the object size limit is not published; a minimal user was measured to hold
# 332 addresses, so one more is too large.
MOST_PROXIES = 332

TOO_LARGE = (
    "The provisioned object is too large. Trim the number of attribute values on this object. "
    "The operation will be retried in the next synchronization cycle."
)
_NOT_VALID = (
    "Unable to update this object in Azure Active Directory, because the attribute [%s], is not "
    "valid. Update the value in your local directory services."
)


def check(properties: Mapping[str, Any]) -> None:
    """Check counts and lengths.

    Raises Failure: ``LargeObject`` for too many values, ``ExceededAllowedLength`` for a long one.
    """
    proxies = properties.get("proxyAddresses", ())
    if len(proxies) > MOST_PROXIES:
        raise Failure(SyncCode.LARGE_OBJECT, TOO_LARGE, ((PROXIES, proxies[0]),))
    for proxy in proxies:
        if len(proxy) > LONGEST_PROXY:
            raise too_long(PROXIES, proxy, LONGEST_PROXY)
    for name, limit in LONGEST.items():
        value = properties.get(name, "")
        if len(value) > limit:
            raise too_long(name[0].upper() + name[1:], value, limit)


def too_long(attribute: str, value: str, limit: int) -> Failure:
    return Failure(
        SyncCode.EXCEEDED_ALLOWED_LENGTH,
        f"Unable to update this object, because the attribute [{attribute}] is longer than "
        f"{limit} characters. Update the value in your local directory services.",
        ((attribute, value),),
    )


def not_valid(attribute: str, value: str) -> Failure:
    """Say that a value is malformed (behaviour.md 2.2)."""
    code = SyncCode.IDENTITY_DATA_VALIDATION_FAILED
    return Failure(code, _NOT_VALID % attribute, ((attribute, value),))


def check_federation(old: str | None, new: str | None, federated: frozenset[str]) -> None:
    """Refuse the move of a UPN from one federated domain to another one.

    behaviour.md 2.2, ``FederatedDomainChangeError``; raises Failure.
    """
    if not federated or not old or not new:
        return
    before, after = fold(old.rpartition("@")[2]), fold(new.rpartition("@")[2])
    if before != after and before in federated and after in federated:
        raise Failure(
            SyncCode.FEDERATED_DOMAIN_CHANGE_ERROR,
            _NOT_VALID % "FederatedUser.UserPrincipalName",
            ((UPN, new),),
        )
