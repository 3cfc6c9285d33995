"""Tell which documented fault of the service an error is, so that nobody looks for it in the directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.values.addresses import address_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

UPN_AND_PROXY = "upn-and-proxy-held-by-group"
GROUP_PAIR = "group-pair-fails-first"
RESTORE = "restore-not-quarantined"
COMPUTED_UPN = "computed-upn-not-released"
_SENTENCES = {
    UPN_AND_PROXY: "a new user whose UPN is also its own address, which a group holds, fails at every cycle",
    GROUP_PAIR: "of two new groups with one address the second fails at its first attempt; the next "
    "cycle quarantines it",
    RESTORE: "a user that returns while another object has its address fails at every cycle",
    COMPUTED_UPN: "the sweep never gives back a UPN that the tenant computed itself",
}


def known_issue(
    row: Mapping[str, Any], known_issues: Collection[str], *, asked: str, deleted: bool
) -> dict[str, str] | None:
    """Return name, meaning and switch of the known issue behind a row of errors; None for none.

    ``known_issues`` are those of the settings. ``asked`` is the UPN that the directory gives, ``deleted``
    says whether the object is in the recycle bin.
    """
    name = _name(row, asked=asked, deleted=deleted)
    if name is None or name not in known_issues:
        return None
    rest = ", ".join(f'"{other}"' for other in known_issues if other != name)
    return {
        "name": name,
        "meaning": _SENTENCES[name],
        "switch": f"tenant.known_issues = [{rest}]",
    }


def _name(row: Mapping[str, Any], *, asked: str, deleted: bool) -> str | None:
    subject, holder = row["object"], row["conflictsWith"]
    value = address_key(row["value"] or "")
    if row["kind"] == "quarantine":
        is_free = holder is None and row["propertyCausingError"] == "UserPrincipalName"
        return COMPUTED_UPN if is_free and value != address_key(asked) else None
    if row["error"] != "AttributeValueMustBeUnique" or holder is None:
        return None
    match subject["objectType"], holder["objectType"]:
        case "user", _ if deleted:
            return RESTORE
        case "user", "group" if value == address_key(subject["userPrincipalName"] or ""):
            return UPN_AND_PROXY
        case "group", "group":
            return GROUP_PAIR
    return None
