"""Match an incoming object to one of the tenant (docs/sources.md 5.3, 5.4, 13.3, 13.4).

Hard match: same source anchor. Soft match: a new object joins a cloud-only one of its type by
primary SMTP address, then, for users, by UPN. On a match the object becomes managed by the sync
client and the on-premises values overwrite those of the cloud. An administrator of the cloud is
never joined: a new object that would join one stays beside it, and its clashes are quarantined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.model import SyncCode
from connector.tenant import messages
from connector.tenant.objects import ExportError
from connector.values.addresses import ProxyAddress, fold
from connector.values.canonical import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.tenant.objects import Claim, Policy, TenantObject


def hard_match(
    object_type: str, anchor: str, rows: Iterable[TenantObject], policy: Policy
) -> TenantObject | None:
    """Return the object with this source anchor: a live one, else a soft-deleted user.

    Raises ExportError: ``ObjectTypeMismatch`` when the live one is of another type,
    ``InvalidHardMatch`` when no sync client manages it, and takeover is blocked or the user has an
    administrator role.
    """
    match = None
    for row in rows:
        if row.deleted is None and row.type != object_type:
            raise ExportError(
                SyncCode.OBJECT_TYPE_MISMATCH,
                messages.duplicates((("SourceAnchor", anchor),)),
                (("SourceAnchor", anchor),),
            )
        if row.type == object_type and (match is None or row.deleted is None):
            match = row
    if match is not None and match.synced != 1:
        _check_takeover(anchor, match, policy)
    return match


def _check_takeover(anchor: str, match: TenantObject, policy: Policy) -> None:
    """Raise ExportError where a sync client may not take an object of the cloud over.

    A user that a client managed and deleted comes back as itself, whatever roles it has.
    """
    returns = match.synced == 0 and match.deleted is not None
    if not policy.takeover:
        reason = messages.HARD_MATCH_BLOCKED
    elif match.admin_role and not policy.takeover_of_administrators and not returns:
        reason = messages.HARD_MATCH_ADMIN_ROLE
    else:
        return
    raise ExportError(SyncCode.INVALID_HARD_MATCH, reason, (("SourceAnchor", anchor),))


def soft_match(  # noqa: PLR0913 - three of them are what the tenant knows
    object_type: str,
    primary_key: str | None,
    upn: str | None,
    *,
    held: Mapping[Claim, int],
    objects: Mapping[int, TenantObject],
    policy: Policy,
) -> TenantObject | None:
    """Return the cloud-only object that a new object joins; never an administrator.

    ``primary_key`` and ``upn`` are what it is matched by, ``held`` has the holders of claims,
    ``objects`` these holders by number.
    """
    if not policy.soft_match:
        return None
    match = None
    if primary_key is not None:
        match = _cloud_only(("proxy", primary_key), object_type, held, objects)
        if match is not None and _primary_key(match) != primary_key:
            match = None
    if match is None and upn is not None and policy.soft_match_on_upn:
        match = _cloud_only(("upn", fold(upn)), object_type, held, objects)
    return None if match is None or match.admin_role else match


def _cloud_only(
    claim: Claim,
    object_type: str,
    held: Mapping[Claim, int],
    objects: Mapping[int, TenantObject],
) -> TenantObject | None:
    holder = objects.get(held.get(claim, 0))
    if holder is None or holder.type != object_type or holder.deleted is not None:
        return None
    return holder if holder.anchor is None else None


def _is_matched_by(claim: Claim, holder: TenantObject) -> bool:
    namespace, key = claim
    return namespace == "upn" or _primary_key(holder) == key


def _primary_key(item: TenantObject) -> str | None:
    proxies = map(ProxyAddress.parse, decode(item.proxies))
    return next((proxy.key for proxy in proxies if proxy.is_primary), None)


def error_of_clash(
    object_type: str, soft_keys: Iterable[Claim], holders: Mapping[Claim, TenantObject]
) -> SyncCode:
    """Name the export error of a new object that clashes while resiliency is off.

    docs/sources.md 2.2. ``soft_keys`` are the values that a soft match looks at, ``holders`` the
    objects that hold the clashing values. A soft match that hits a synchronized object is an
    ``InvalidSoftMatch``, one that hits an object of another type an ``ObjectTypeMismatch``, one that
    hits an administrator of the cloud an ``ExistingAdminRoleConflict``.
    """
    for claim in soft_keys:
        holder = holders.get(claim)
        if holder is not None and holder.type != object_type:
            return SyncCode.OBJECT_TYPE_MISMATCH
        if holder is not None and holder.anchor is not None:
            return SyncCode.INVALID_SOFT_MATCH
        if holder is not None and holder.admin_role and _is_matched_by(claim, holder):
            return SyncCode.EXISTING_ADMIN_ROLE_CONFLICT
    return SyncCode.ATTRIBUTE_VALUE_MUST_BE_UNIQUE
