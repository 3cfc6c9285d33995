"""Repair a match: move the source anchor of a user, as ``Set-MsolUser -ImmutableId`` does.

The next export with that anchor is then a hard match with this user (docs/sources.md 5.5).
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from uuid import UUID

from connector.errors import TenantRefused
from connector.tenant.validation import LONGEST_ANCHOR
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.tenant.objects import Policy, TenantObject


def check_anchor(anchor: str) -> None:
    """Raise TenantRefused for a text that is not a source anchor."""
    if not anchor or not anchor.isprintable() or " " in anchor:
        raise TenantRefused(f"{anchor!r} is not a source anchor: it is one word, such as base64.")
    check_length(anchor)
    if guid := _guid(anchor):
        wanted = b64encode(guid.bytes_le).decode()
        raise TenantRefused(f"{anchor} is a GUID: as a source anchor it is written {wanted}.")


def check_length(anchor: str) -> None:
    """Raise TenantRefused for a source anchor that is longer than the tenant takes."""
    if len(anchor) > LONGEST_ANCHOR:
        raise TenantRefused(
            f"A source anchor has at most {LONGEST_ANCHOR} characters, and this one has {len(anchor):,}."
        )


def check_move(item: TenantObject, others: Iterable[TenantObject]) -> None:
    """Raise TenantRefused where an object cannot get the anchor that ``others`` have."""
    _check_user(item)
    for other in others:
        if other.number != item.number:
            state = "deleted " if other.deleted is not None else ""
            raise TenantRefused(
                f"Uniqueness violation. Property: SourceAnchor. The {state}{other.type} "
                f"{other.display_name} has {other.anchor}. If it is the wrong one of the two, "
                f"remove it for good first: connector tenant delete {other.id}{_hard(other)}"
            )


def check_clear(item: TenantObject, policy: Policy) -> None:
    """Raise TenantRefused where an object cannot be without its source anchor."""
    _check_user(item)
    if item.synced == 1:
        raise TenantRefused(
            f"{item.display_name} is synchronized: its source anchor can be moved with --to, not "
            "cleared. Take the user out of the scope of the sync and let a cycle delete it, then: "
            f"connector tenant restore {item.id}"
        )
    domain = (item.upn or "").rpartition("@")[2]
    if fold(domain) in policy.federated:
        raise TenantRefused(
            "You must provide a required property: Parameter name: FederatedUser.SourceAnchor. "
            f"{domain} is federated: a user of it needs a source anchor."
        )


def _check_user(item: TenantObject) -> None:
    if item.type != "user":
        raise TenantRefused(
            f"{item.display_name} is a {item.type}: only users are matched by a source anchor "
            "that an administrator gives."
        )


def _hard(item: TenantObject) -> str:
    return " --hard" if item.type == "user" else ""


def _guid(text: str) -> UUID | None:
    try:
        return UUID(text) if "-" in text else None
    except ValueError:
        return None
