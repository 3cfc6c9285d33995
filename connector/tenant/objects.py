"""The values that the tenant's pure modules share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

UPN = "UserPrincipalName"
PROXIES = "ProxyAddresses"

# A unique value: its namespace (upn, proxy, sip or sid) and its folded text.
Claim = tuple[str, str]


class TenantObject(NamedTuple):
    """One object of the tenant; the fields are the columns of the table ``object``, in order.

    ``synced`` is 1 while a sync client manages the object, 0 when it left the client's scope, None
    for a cloud-only one. ``proxies`` is a JSON list. ``moera`` is kept once it was given;
    ``upn_proxy`` says whether the UPN stands among the proxy addresses. ``shadow`` is canonical
    JSON. Flags are 0 or 1, times ISO 8601 in UTC.
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


class ProvisioningError(NamedTuple):
    """A quarantined value of one object; ``occurred`` is when it was set aside first."""

    attribute: str
    key: str
    value: str
    occurred: str

    @property
    def claim(self) -> Claim:
        """The unique value that this error waits for."""
        return ("upn" if self.attribute == UPN else "proxy", self.key)


# The provisioning errors of one object, by attribute and key.
Errors = dict[tuple[str, str], ProvisioningError]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the pure modules need of settings, features and domains.

    Domains are folded; ``verified`` includes the initial domain. ``seed`` makes every random digit
    and cloud id repeatable, so that a run repeated after a crash ends the same.
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
    federated: frozenset[str] = frozenset()


class Failure(Exception):
    """An object cannot be provisioned; the batch goes on without it.

    ``code`` is the export error's name, ``clashes`` the values at fault as (attribute, value);
    ``passes_next_time`` marks a failure of the first attempt only.
    """

    def __init__(
        self,
        code: str,
        description: str,
        clashes: tuple[tuple[str, str], ...],
        *,
        passes_next_time: bool = False,
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.clashes = clashes
        self.passes_next_time = passes_next_time
