"""Say what resolves an error: in the directory, or by a command where the cure is in the cloud.

Pure: what is known of the objects comes from the tenant. A holder that a sync client manages is
changed in the directory; every other one is changed in the cloud, by the command that is named.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from connector.model import SyncCode
from connector.values.addresses import ProxyAddress, address_key, fold
from connector.values.canonical import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connector.model import Failure
    from connector.tenant.clashes import Clash
    from connector.tenant.objects import TenantObject

UPN = "UserPrincipalName"
RELEASE = (
    "Change or remove the value on one of the two objects in the directory and sync; "
    "the next hourly sweep (or `connector tenant sweep`) gives it to the object that waits."
)
AWAITED = (
    "Nobody holds the value any more: only the sweep is awaited, which comes once an hour and gives "
    "it to the object that has waited longest (`connector tenant sweep`: now)."
)
NEVER = (
    "Nobody holds the value any more, but no sweep gives it back: the tenant computed this UPN, because "
    "that of the directory is in no verified domain (known issue computed-upn-not-released). Give the "
    "user another UPN in the directory and sync, or verify the domain: `connector tenant domains add`."
)
CORRECT = "Correct or remove the duplicate value in the directory; the next cycle tries again."
GONE = "The conflict is gone: only the next cycle is awaited (`connector sync`: now)."
OTHER = "Correct the object in the directory; the next cycle tries again."
_CLOUD = {
    SyncCode.OBJECT_NOT_FOUND: "Nothing to correct: the next cycle adds the object anew "
    "(`connector sync`: now).",
    SyncCode.GENERATED_UPN_CONFLICT: "Resolve some of the conflicts whose users have the digits: "
    "`connector errors --property UserPrincipalName`.",
    SyncCode.ANCHOR_OWNED_BY_ANOTHER_CLIENT: "Take the object out of the scope of one of the two connectors "
    "(`connector tenant clients`: lists them). To have it here: `connector tenant take-over`.",
}
_SWEEP, _SYNC = "connector tenant sweep", "connector sync"


_CHAIN = re.compile(r": (`[^`]+`(?:; `[^`]+`)*)\.(?: |$)")


def lines(cure: str) -> list[str]:
    """Write what resolves an error in lines, each command that is to be typed in one of its own.

    The commands are indented. A command in the middle of a sentence stays there.
    """
    return [line for paragraph in paragraphs(cure) for line in paragraph]


def paragraphs(cure: str) -> list[tuple[str, ...]]:
    """Return the lines of what resolves an error: each sentence with the commands that belong to it."""
    found = []
    parts = _CHAIN.split(cure)
    for sentence, chain in zip(parts[::2], [*parts[1::2], ""], strict=True):
        said = [f"{sentence}:" if chain else sentence] if sentence else []
        commands = [f"  {command.strip('`')}" for command in chain.split("; ") if command]
        if said or commands:
            found.append((*said, *commands))
    return found


# --- who holds it ---------------------------------------------------------------------------------


def held(attribute: str, value: str, holder: TenantObject | None) -> str:
    """Say who holds a value, and as what where nobody gave it to the holder as an address."""
    if holder is None:
        return "held by nobody any more"
    who = f"{holder.display_name} ({holder.type})"
    role = ", who has an administrator role" if holder.admin_role else ""
    if _is_upn_of(attribute, value, holder):
        licence = ", who has an Exchange licence" if holder.exchange else ""
        return f"held as the UPN of {who}{licence}{role}"
    if attribute != UPN and fold(holder.moera or "") == address_key(value):
        return f"held as the routing address of {who}{role}"
    deleted = ", who is deleted" if holder.deleted is not None else ""
    return f"held by {who}{deleted}{role}"


def _is_upn_of(attribute: str, value: str, holder: TenantObject) -> bool:
    """Tell whether an address is held because it is the UPN of the holder, and for no other reason."""
    key = address_key(value)
    if attribute == UPN or fold(holder.upn or "") != key:
        return False
    wanted = decode(holder.shadow)
    return key not in {address_key(text) for text in (*_addresses(holder), wanted.get("mail", ""))}


def _addresses(item: TenantObject) -> Sequence[str]:
    """Return the addresses that an object was given."""
    found: Sequence[str] = decode(item.shadow).get("proxyAddresses", ())
    return found


# --- quarantined values ---------------------------------------------------------------------------


def of_quarantine(
    attribute: str,
    value: str,
    waiter: TenantObject,
    holder: TenantObject | None,
    *,
    stays: bool = False,
) -> str:
    """Return what resolves the quarantine of a value; with ``stays`` no sweep does."""
    if holder is None:
        return NEVER if stays else AWAITED
    if holder.deleted is not None:
        return _one_after_another(
            f"{holder.display_name} is deleted, and holds its values for 30 days. To free them",
            f"connector tenant delete {holder.id} --hard",
            _SWEEP,
        )
    if _is_upn_of(attribute, value, holder) and holder.exchange:
        return _of_licence(holder)
    if holder.synced == 1:
        return RELEASE if waiter.synced == 1 else _of_cloud_waiter(attribute, value, waiter, holder)
    to = _apart(waiter, holder)
    take = _one_after_another(f"To give {value} to {to}", _take(attribute, value, holder), _SWEEP)
    join = _join(attribute, value, waiter, holder)
    return f"{join} {take}" if join else take


def _of_cloud_waiter(attribute: str, value: str, waiter: TenantObject, holder: TenantObject) -> str:
    """Return what resolves that a user waits which no sync client manages any more."""
    upn = f"connector tenant set {waiter.id} userPrincipalName=NEW"
    without = _one_after_another(
        f"{waiter.display_name} is of the cloud now. To do without {value}",
        upn if attribute == UPN else _take(attribute, value, waiter),
    )
    return (
        f"Change or remove the value on {holder.display_name} in the directory and sync; the next hourly "
        f"sweep (or `{_SWEEP}`) gives it to {waiter.display_name}. {without}"
    )


def _of_licence(holder: TenantObject) -> str:
    change = (
        "Change that in the directory and sync"
        if holder.synced == 1
        else f"Change that (`connector tenant set {holder.id} userPrincipalName=NEW`)"
    )
    return _one_after_another(
        f"The address is the UPN of {holder.display_name}, who has an Exchange licence. {change}; "
        "or take the licence away",
        f"connector tenant license {holder.id} --remove EXCHANGE",
        _SWEEP,
    )


def _join(attribute: str, value: str, waiter: TenantObject, holder: TenantObject) -> str | None:
    """Return how the two become one object; None where the tenant never joins them."""
    if waiter.type != holder.type or waiter.synced != 1:
        return None
    one = f"If {_apart(waiter, holder)} and {_apart(holder, waiter)} are one {holder.type}"
    remove = f"connector tenant delete {waiter.id}{' --hard' if waiter.type == 'user' else ''}"
    if holder.anchor is not None:
        if holder.type != "user":
            return None
        to = shlex.quote(waiter.anchor or "")
        match = f"connector tenant match {holder.id} --to {to}"
        return _one_after_another(one, remove, match, _SYNC)
    if not _is_matched_by(attribute, value, holder):
        return None
    if not holder.admin_role:
        return _one_after_another(one, remove, _SYNC)
    role = f"connector tenant set {holder.id}"
    return _one_after_another(
        f"ExistingAdminRoleConflict: {_apart(holder, waiter)} has an administrator role, and is not "
        f"matched as long as that is so. {one}",
        f"{role} --no-admin-role",
        remove,
        _SYNC,
        f"{role} --admin-role",
    )


def _apart(item: TenantObject, other: TenantObject) -> str:
    """Return the name of an object, with its UPN or its id where the other one has the same name."""
    if item.display_name != other.display_name:
        return item.display_name
    return f"{item.display_name} ({item.upn or item.id})"


def _is_matched_by(attribute: str, value: str, holder: TenantObject) -> bool:
    """Tell whether a new object with this value would be matched with its holder by address."""
    if attribute == UPN:
        return fold(holder.upn or "") == address_key(value)
    shown = map(ProxyAddress.parse, decode(holder.proxies))
    primary = next((address.key for address in shown if address.is_primary), None)
    wanted = ProxyAddress.parse(value)
    return wanted.is_primary and wanted.key == primary


def _take(attribute: str, value: str, holder: TenantObject) -> str:
    """Return the command that takes a value from an object which no sync client manages."""
    change = f"connector tenant set {holder.id}"
    is_upn = attribute == UPN and fold(holder.upn or "") == address_key(value)
    if is_upn or _is_upn_of(attribute, value, holder):
        return f"{change} userPrincipalName=NEW"
    key = address_key(value)
    given = _addresses(holder)
    rest = [text for text in given if address_key(text) != key]
    pairs = [f"proxyAddresses={text}" for text in rest] or (["proxyAddresses="] if given else [])
    if fold(decode(holder.shadow).get("mail", "")) == key:
        pairs.append("mail=")
    if not pairs:
        return f"connector tenant delete {holder.id}"
    return " ".join([change, *map(shlex.quote, pairs)])


# --- failed objects -------------------------------------------------------------------------------


def of_failure(
    failure: Failure,
    name: str,
    cloud_id: str | None,
    clashes: Sequence[Clash],
    *,
    deleted: TenantObject | None = None,
) -> str:
    """Return what resolves the failure of an object.

    ``clashes`` are what it asks for and others hold now, the one that it failed on first; ``name``
    is its display name, ``cloud_id`` that of the object of the tenant, if it has one. ``deleted`` is the
    user in the recycle bin that has its source anchor, and comes back with it.
    """
    code = failure.error
    if code == SyncCode.DELETING_CLOUD_ONLY_OBJECT_NOT_ALLOWED and cloud_id:
        return _of_undone_delete(name, cloud_id)
    if code == SyncCode.FEDERATED_DOMAIN_CHANGE_ERROR:
        return _of_federation(failure.value or "")
    if code not in CLASHES:
        return next((cure for error, cure in _CLOUD.items() if error == code), OTHER)
    if not clashes:
        return GONE
    others = f"{_list(clashes)} " if len(clashes) > 1 else ""
    match = "" if deleted is None else _match_instead(name, deleted, clashes)
    return f"{others}{match}{_of_clash(failure, name, clashes[0])}"


def _match_instead(name: str, deleted: TenantObject, clashes: Sequence[Clash]) -> str:
    """Return how an object is matched by address or UPN, not with its deleted user by source anchor."""
    for attribute, value, holder in clashes:
        cloud_only = holder.type == "user" and holder.anchor is None and holder.deleted is None
        if not cloud_only or not _is_matched_by(attribute, value, holder):
            continue
        role = f"connector tenant set {holder.id}"
        before = [f"{role} --no-admin-role"] if holder.admin_role else []
        after = [f"{role} --admin-role"] if holder.admin_role else []
        remove = f"connector tenant delete {deleted.id} --hard"
        when = (
            f"{deleted.display_name} is in the recycle bin, and comes back with the source anchor. "
            f"If {name} and {holder.display_name} are one user"
        )
        return f"{_one_after_another(when, *before, remove, _SYNC, *after)} "
    return ""


def _of_undone_delete(name: str, cloud_id: str) -> str:
    remove = f"connector tenant delete {cloud_id}"
    keep = (remove, _SYNC, f"connector tenant restore {cloud_id}")
    return (
        f"{name} was restored in the cloud before a cycle confirmed the delete. To sync the object again, "
        "bring it back into the scope. "
        + _one_after_another("To delete it after all", remove, _SYNC)
        + " "
        + _one_after_another("To keep it in the cloud alone", *keep)
    )


CLASHES = frozenset(
    {
        SyncCode.ATTRIBUTE_VALUE_MUST_BE_UNIQUE,
        SyncCode.EXISTING_ADMIN_ROLE_CONFLICT,
        SyncCode.INVALID_HARD_MATCH,
        SyncCode.INVALID_SOFT_MATCH,
        SyncCode.OBJECT_TYPE_MISMATCH,
    }
)
"""The errors of an object that clashes with another one."""


def _of_clash(failure: Failure, name: str, clash: Clash) -> str:
    attribute, value, holder = clash
    if attribute == "SourceAnchor":
        return _of_anchor(failure.error, name, holder)
    if holder.deleted is not None:
        return _one_after_another(
            f"{holder.display_name} is deleted, and holds its values for 30 days. To free them",
            f"connector tenant delete {holder.id} --hard",
            _SYNC,
        )
    if failure.error == SyncCode.EXISTING_ADMIN_ROLE_CONFLICT and holder.admin_role:
        return _without_role(name, holder)
    if holder.synced == 1:
        return CORRECT
    take = _one_after_another(
        f"{holder.display_name} is of the cloud. To give {value} to {name}",
        _take(attribute, value, holder),
        _SYNC,
    )
    if holder.anchor is None or holder.type != "user":
        return take
    join = _one_after_another(
        f"If {name} and {holder.display_name} are one user",
        f"connector tenant match {holder.id} --to {shlex.quote(failure.anchor)}",
        _SYNC,
    )
    return f"{join} {take}"


def _of_anchor(error: str, name: str, holder: TenantObject) -> str:
    """Return what resolves that a source anchor is that of another object."""
    hard = " --hard" if holder.type == "user" else ""
    remove = f"connector tenant delete {holder.id}{hard}"
    if error == SyncCode.OBJECT_TYPE_MISMATCH or holder.deleted is not None:
        return _one_after_another(
            f"If {holder.display_name} ({holder.type}) is left over in the cloud", remove, _SYNC
        )
    apart = _one_after_another("If not", f"connector tenant match {holder.id} --clear", _SYNC)
    if holder.admin_role:
        return f"{_without_role(name, holder)} {apart}"
    allow = "connector tenant features BlockCloudObjectTakeoverThroughHardMatch off"
    one = f"If {name} and {holder.display_name} are one user"
    return f"{_one_after_another(one, allow, _SYNC)} {apart}"


def _without_role(name: str, holder: TenantObject) -> str:
    role = f"connector tenant set {holder.id}"
    return _one_after_another(
        f"{holder.display_name} has an administrator role, and is not matched as long as that is so. "
        f"If {name} and {holder.display_name} are one user",
        f"{role} --no-admin-role",
        _SYNC,
        f"{role} --admin-role",
    )


def _of_federation(upn: str) -> str:
    domain = upn.rpartition("@")[2]
    managed = f", or let {domain} be managed: `connector tenant domains add {domain}`"
    return (
        "Give the user a UPN in a domain that is not federated first, sync, then the one it is to have"
        f"{managed if domain else ''}."
    )


def _list(clashes: Iterable[Clash]) -> str:
    each = (f"{clash.attribute} {clash.value}, {held(*clash)}" for clash in clashes)
    return f"{'; '.join(each)}."


def _one_after_another(when: str, *commands: str) -> str:
    """Name the commands that a person types one after another."""
    return f"{when}: {'; '.join(f'`{command}`' for command in commands)}."
