"""Check what the service checks before it looks at other objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.model import SyncCode
from connector.tenant.objects import PROXIES, UPN, ExportError
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

# docs/sources.md 6.7, lengths of the cloud attributes.
LONGEST = {
    "displayName": 256,
    "givenName": 64,
    "mail": 256,
    "mailNickname": 64,
    "onPremisesSecurityIdentifier": 256,
    "targetAddress": 256,
    "userPrincipalName": 113,
}
LONGEST_PROXY = 256
# Nothing published says how long a source anchor may be; an index of a server takes no text of any length.
LONGEST_ANCHOR = 256
# docs/sources.md 2.4: the object size limit is not published; a minimal user was measured to hold
# 332 addresses, so one more is too large.
MOST_PROXIES = 332

NUL = "\\u0000"
"""As JSON writes it: a look at the text of all values is cheaper than one at each of them."""

TOO_LARGE = (
    "The provisioned object is too large. Trim the number of attribute values on this object. "
    "The operation will be retried in the next synchronization cycle."
)
_NOT_VALID = (
    "Unable to update this object in Azure Active Directory, because the attribute [%s], is not "
    "valid. Update the value in your local directory services."
)


def check(properties: Mapping[str, Any]) -> None:
    """Check the number and the lengths of values.

    Raises ExportError: ``LargeObject`` for too many values, ``ExceededAllowedLength`` for a long
    one.
    """
    proxies = properties.get("proxyAddresses", ())
    if len(proxies) > MOST_PROXIES:
        raise ExportError(SyncCode.LARGE_OBJECT, TOO_LARGE, ((PROXIES, proxies[0]),))
    for proxy in proxies:
        if len(proxy) > LONGEST_PROXY:
            raise too_long(PROXIES, proxy, LONGEST_PROXY)
    for name, limit in LONGEST.items():
        value = properties.get(name, "")
        if len(value) > limit:
            raise too_long(name[0].upper() + name[1:], value, limit)


def check_letters(properties: Mapping[str, Any]) -> None:
    """Raise ExportError for a value with NUL (docs/decisions.md says why)."""
    for name, value in properties.items():
        if isinstance(value, dict):
            check_letters(value)
            continue
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and "\0" in text:
                raise not_valid(name[0].upper() + name[1:], text)


def too_long(attribute: str, value: str, limit: int) -> ExportError:
    return ExportError(
        SyncCode.EXCEEDED_ALLOWED_LENGTH,
        f"Unable to update this object, because the attribute [{attribute}] is longer than "
        f"{limit} characters. Update the value in your local directory services.",
        ((attribute, value),),
    )


def not_valid(attribute: str, value: str) -> ExportError:
    """Return the error of a malformed value (docs/sources.md 2.2)."""
    return ExportError(
        SyncCode.IDENTITY_DATA_VALIDATION_FAILED, _NOT_VALID % attribute, ((attribute, value),)
    )


def check_federation(old: str | None, new: str | None, federated: frozenset[str]) -> None:
    """Raise ExportError if a UPN moves from one federated domain to another one.

    docs/sources.md 2.2, ``FederatedDomainChangeError``.
    """
    if not federated or not old or not new:
        return
    before, after = fold(old.rpartition("@")[2]), fold(new.rpartition("@")[2])
    if before != after and before in federated and after in federated:
        raise ExportError(
            SyncCode.FEDERATED_DOMAIN_CHANGE_ERROR,
            _NOT_VALID % "FederatedUser.UserPrincipalName",
            ((UPN, new),),
        )
