"""The values that the modules of the tenant share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from connector.model import SyncAction, SyncCode, SyncResult
from connector.values.addresses import SECURITY_IDENTIFIER, ProxyAddress, fold, plain_keys
from connector.values.canonical import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.model import SyncCode

UPN = "UserPrincipalName"
PROXIES = "ProxyAddresses"
SID_PROPERTY = SECURITY_IDENTIFIER

# A unique value that an object holds or asks for: its namespace (upn, proxy, sip or sid) and its
# folded text.
Claim = tuple[str, str]


_TWINS = {"upn": "proxy", "proxy": "upn"}


def twin(claim: Claim) -> Claim | None:
    """Return the same value as an address where it is a UPN, and the other way round.

    docs/sources.md 13.9: two objects may not have the two where ``tenant.upn_in_proxy_namespace`` is on.
    """
    namespace, key = claim
    other = _TWINS.get(namespace)
    return None if other is None else (other, key)


def with_twins(claims: Iterable[Claim]) -> set[Claim]:
    """Return claims and their twins."""
    found = set(claims)
    return found | {other for claim in found if (other := twin(claim)) is not None}


class TenantObject(NamedTuple):
    """One object of the tenant: a row of the table ``object``, column by column.

    ``synced`` is 1 while a sync client manages the object, 0 after it left the client's scope, None
    for a cloud-only one. ``deleted`` is when a user was soft-deleted. ``proxies`` is a JSON list.
    ``moera`` is kept once it was given; ``upn_proxy`` says whether the UPN stands among the proxy
    addresses. ``shadow`` is canonical JSON. ``chosen_upn`` is what an administrator chose in place of
    the UPN in the shadow, where that is the directory's, and ``usage_location`` in place of that there.
    ``owner`` is the number of the client that exported it, None for a cloud-only one and those from before.
    Flags are 0 or 1, times ISO 8601 in UTC.
    """

    number: int
    id: str
    type: str
    anchor: str | None
    synced: int | None
    created: str
    last_sync: str | None
    deleted: str | None
    version: int
    members_version: int
    display_name: str
    upn: str | None
    mail: str | None
    nickname: str | None
    proxies: str
    exchange: int
    upn_proxy: int
    moera: str | None
    admin_role: int
    shadow: str
    chosen_upn: str | None = None
    usage_location: str | None = None
    owner: int | None = None


class ProvisioningError(NamedTuple):
    """A value of one object in quarantine, ``occurred`` when it came there first."""

    attribute: str
    key: str
    value: str
    occurred: str

    @property
    def claim(self) -> Claim:
        """The unique value that this error waits for."""
        return ("upn" if self.attribute == UPN else "proxy", self.key)


def claims_of(item: TenantObject) -> set[Claim]:
    """Return the claims that an object holds, as its row says."""
    claims: set[Claim] = set()
    if item.upn is not None:
        claims.add(("upn", fold(item.upn)))
    texts = decode(item.proxies)
    keys = plain_keys(texts)
    if keys is not None:
        claims.update([("proxy", key) for key in keys])
    else:
        addresses = map(ProxyAddress.parse, texts)
        claims.update([(one.namespace, one.key) for one in addresses if one.namespace])
    if SID_PROPERTY in item.shadow and (sid := decode(item.shadow).get(SID_PROPERTY)):
        claims.add(("sid", fold(sid)))
    return claims


# The provisioning errors of one object, by attribute and key.
Errors = dict[tuple[str, str], ProvisioningError]


@dataclass(frozen=True, slots=True)
class Policy:
    """What decisions need of settings, features and domains.

    With ``one_namespace`` a UPN counts as an address, and the other way round, with a licence or without.
    Domains are folded; ``verified`` includes the initial domain. ``seed`` makes every random digit
    and cloud id repeatable, so that a run that is repeated after a crash ends the same.
    """

    initial_domain: str
    verified: frozenset[str]
    seed: str
    resiliency: bool = True
    known_issues: frozenset[str] = frozenset()
    placeholder_separator: str = ""
    keep_conflicting_upn: bool = False
    hold_values_of_deleted: bool = False
    soft_match: bool = True
    soft_match_on_upn: bool = True
    takeover: bool = True
    takeover_of_administrators: bool = False
    federated: frozenset[str] = frozenset()
    one_namespace: bool = False
    take_over: bool = False

    def verified_upn(self, item: TenantObject | None) -> str | None:
        """Return the UPN of an object if its domain is verified, else None."""
        if item is None or item.upn is None:
            return None
        return item.upn if fold(item.upn.rpartition("@")[2]) in self.verified else None


class Stamp(NamedTuple):
    """When a change happens: the time, and the version of the tenant that it makes.

    ``client`` is the number of the sync client that makes it, None for everyone else.
    """

    now: str
    version: int
    client: int | None = None


class ExportError(Exception):
    """An object cannot be provisioned; the batch goes on without it.

    ``code`` is the name that the documents give the error, ``clashes`` are the values at fault as
    (attribute, value); ``passes_next_time`` marks an error of the first attempt only. ``cloud_anchor`` is the
    name of an object that another client has there.
    """

    def __init__(
        self,
        code: SyncCode,
        description: str,
        clashes: tuple[tuple[str, str], ...],
        *,
        passes_next_time: bool = False,
        cloud_anchor: str | None = None,
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.clashes = clashes
        self.passes_next_time = passes_next_time
        self.cloud_anchor = cloud_anchor

    def result(self, anchor: str) -> SyncResult:
        """Return the result of the object that could not be provisioned."""
        attribute, value = self.clashes[0]
        return SyncResult(
            anchor,
            code=self.code,
            action=SyncAction.FAILED,
            description=self.description,
            cloud_anchor=self.cloud_anchor,
            attribute=attribute,
            value=value,
        )


def cloud_anchor(object_type: str, cloud_id: str) -> str:
    """Name an object as the service does: ``User_<id>``."""
    return f"{object_type.capitalize()}_{cloud_id}"
