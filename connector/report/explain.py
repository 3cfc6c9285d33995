"""Explain one object, from its directory entry to its cloud object, and why it became so.

The explanation follows the way of the data. It also covers objects that are missing on one side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.errors import UnknownObject
from connector.model import Exported, manager_property
from connector.report.error_report import error_rows
from connector.report.identity import called, the_one
from connector.report.known_issue import known_issue
from connector.report.left_out import verifying
from connector.rules.default_flows import DEFAULT_NAMES, MANAGER_RULES
from connector.rules.sync_error import FlowError
from connector.tenant.provisioning_errors import ErrorQuery
from connector.values.addresses import ProxyAddress, fold
from connector.values.canonical import compact
from connector.values.entries import MOMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connector.model import ObjectType
    from connector.rules.ruleset import Rules
    from connector.staging.lookup import FoundEntry
    from connector.staging.managers import NamedManager
    from connector.staging.space import ConnectorSpace
    from connector.tenant.provisioning_errors import Summary
    from connector.tenant.service import TenantService
    from connector.values.staged import Staged

Page = dict[str, Any]
_CONFLICTING = (
    "id",
    "displayName",
    "userPrincipalName",
    "mail",
    "mailNickname",
    "proxyAddresses",
    "onPremisesLastSyncDateTime",
    "deletedDateTime",
)


class Explainer:
    """Explains objects from the two databases; ``look`` reads one DN from the directory.

    ``known_issues`` are those of the settings.
    """

    def __init__(
        self,
        space: ConnectorSpace,
        tenant: TenantService,
        rules: Rules,
        look: Callable[[str], Staged | None],
        known_issues: Collection[str] = (),
    ) -> None:
        self._space = space
        self._tenant = tenant
        self._rules = rules
        self._look = look
        self._known_issues = known_issues

    def explain(self, identity: str) -> list[Page]:
        """Return a page for each object of this identity.

        Raises UnknownObject for none, and AmbiguousIdentity when several have it as a name.
        """
        lookup = self._space.lookup
        if found := lookup.at(identity) or lookup.with_address(identity):
            return [self._staged(entry) for entry in found]
        cloud = self._cloud(identity)
        if cloud is None and (named := called(self._space, self._tenant, identity)):
            one = the_one(identity, named)
            cloud = self._cloud(one.id or one.anchor or "")
            if found := lookup.at(one.dn or one.anchor or ""):
                return [self._staged(entry) for entry in found]
        if cloud is not None:
            staged = lookup.at(cloud["onPremisesImmutableId"] or "")
            return [self._staged(entry) for entry in staged] or [self._cloud_alone(cloud)]
        return [self._not_staged(identity)]

    # --- one page -----------------------------------------------------------------------------

    def _staged(self, found: FoundEntry) -> Page:
        page: Page = {"directory": self._origin(found)}
        if found.entry is None:
            page["scope"] = {
                "inScope": False,
                "rule": "object-class",
                "reason": _not_an_object(found.what),
            }
            return page
        page["scope"] = self._scope(found)
        page["flow"] = self._flow(found)
        if found.references:
            page["members"] = {
                "referenced": found.references,
                "unresolved": list(found.unresolved),
            }
        if found.managers:
            page["manager"] = self._manager(found, found.entry.type)
        page["matching"] = {}
        page["export"] = self._export(found.anchor)
        cloud = self._cloud(found.anchor)
        page["cloud"] = cloud and self._shown(cloud)
        if cloud and (sign_in := self._sign_in(found, cloud)):
            page["signIn"] = sign_in
        deleted = bool(cloud and cloud.get("deletedDateTime"))
        asked = next(iter(found.entry.attributes.get("userprincipalname", ())), "")
        page["conflicts"] = self._conflicts(found.anchor, asked=asked, deleted=deleted)
        page["matching"] = self._matching(found, page["conflicts"])
        return page

    def _origin(self, found: FoundEntry) -> Page:
        run = self._space.history.run(found.run)
        return {
            "distinguishedName": found.dn,
            "objectType": found.entry.type.value if found.entry else None,
            "sourceAnchor": found.anchor,
            "created": found.entry.created.partition(MOMENT)[0] if found.entry else None,
            "change": found.csn or None,
            "run": found.run,
            "runStarted": run.started if run else None,
        }

    def _scope(self, found: FoundEntry) -> Page:
        excluded = self._rules.scope.verdict(found.entry, found.references) if found.entry else None
        if excluded is None:
            return {"inScope": True, "rule": None, "reason": "no rule leaves it out"}
        return {
            "inScope": excluded.error is not None,
            "rule": excluded.rule,
            "reason": excluded.sentence,
            "source": excluded.source,
        }

    def _flow(self, found: FoundEntry) -> list[Page]:
        """List each property with its value, and the rule and attributes behind it."""
        if found.entry is None:
            return []
        told = self._space.queue.exported_properties(found.anchor)
        exported = Exported(found.entry.type, compact(told)) if told else None
        traced = self._rules.trace(found.entry, exported)
        if isinstance(traced, FlowError):
            return [
                {"error": traced.error, "attribute": traced.attribute, "reason": traced.message}
            ]
        return [
            {
                "property": one.property,
                "value": one.value,
                "rule": one.rule,
                "attributes": one.attributes,
                "others": [other._asdict() for other in one.others],
            }
            for one in traced
        ]

    def _manager(self, found: FoundEntry, kind: ObjectType) -> Page:
        """Say which of the managers that an entry names the cloud has or gets, and why none of the others."""
        counts = next((each for each in found.managers if each.is_told or each.is_pending), None)
        reasons = [self._why_no_manager(each) for each in found.managers]
        if counts is not None:
            reasons = ["the next export tells the cloud"] if counts.is_pending else []
        return {
            "property": manager_property(kind),
            "rule": MANAGER_RULES[kind],
            "referenced": [each.dn for each in found.managers],
            "value": counts and counts.dn,
            "pending": counts is None or counts.is_pending,
            "reason": "; ".join(reasons) or "the cloud has it",
        }

    def _why_no_manager(self, named: NamedManager) -> str:
        """Say why a manager that an entry names does not count."""
        entries = self._space.lookup.at(named.dn) if named.anchor else []
        if not entries:
            return f"the search has no {named.dn}: it counts when it arrives"
        if entries[0].entry is None:
            return f"{named.dn} is not synced: {_not_an_object(entries[0].what)}"
        scope = self._scope(entries[0])
        if not scope["inScope"]:
            return f"{named.dn} is not synced: {scope['reason']}"
        return f"{named.dn} is not in the cloud yet: it counts when it is"

    def _matching(self, found: FoundEntry, conflicts: list[Page]) -> Page:
        """Name the cloud object that the entry is or would be joined to, and the reason."""
        try:
            joined = self._tenant.find(found.anchor)
        except UnknownObject:
            return self._soft_match(found) or _unmatched(conflicts)
        reason = "an object of the cloud has this source anchor"
        return {"match": "hard", "with": joined.display_name, "id": joined.id, "reason": reason}

    def _soft_match(self, found: FoundEntry) -> Page | None:
        """Find the match of a new object, by its primary address, then by its UPN.

        Without a match the holder of any of its other addresses is named: it is why the object waits. None
        where nobody holds any of them.
        """
        attributes = found.entry.attributes if found.entry else {}
        proxies = [ProxyAddress.parse(text) for text in attributes.get("proxyaddresses", ())]
        primary = [("ProxyAddresses", proxy.text) for proxy in proxies if proxy.is_primary]
        upns = [("UserPrincipalName", v) for v in attributes.get("userprincipalname", ())[:1]]
        others = [("ProxyAddresses", proxy.text) for proxy in proxies if not proxy.is_primary]
        others += [("ProxyAddresses", v) for v in attributes.get("mail", ())[:1]]
        matching = (*primary[:1], *upns)
        for attribute, value in (*matching, *others):
            holder = self._tenant.holder_of(attribute, value)
            if holder is None:
                continue
            match, why = "none", "nothing is matched by that"
            if (attribute, value) in matching:
                match, why = self._verdict(found, holder)
            reason = f"{holder.display_name} holds {attribute} {value}; {why}"
            return {"match": match, "with": holder.display_name, "id": holder.id, "reason": reason}
        return None

    def _verdict(self, found: FoundEntry, holder: Summary) -> tuple[str, str]:
        """Say whether the entry is matched with the holder of its address or UPN, and why."""
        if holder.anchor:
            return "none", "it is synchronized itself"
        if found.entry is not None and found.entry.type != holder.type:
            return "none", f"it is a {holder.type}"
        if self._tenant.by_id([holder.id])[holder.id].admin_role:
            return "none", "it has an administrator role, and is not matched as long as that is so"
        return "soft", "it was made in the cloud"

    def _export(self, anchor: str) -> Page:
        pending = self._space.lookup.pending_operation(anchor)
        exported = bool(self._space.queue.exported_properties(anchor))
        if pending is not None:
            operation, changed = pending
            return {"state": f"pending {operation}", "changed": changed}
        return {"state": "exported" if exported else "nothing to export", "changed": []}

    def _sign_in(self, found: FoundEntry, cloud: Page) -> Page | None:
        """Say why a user signs in with another name than the directory gives; None where it does not."""
        flowed = None if found.entry is None else self._rules.flow(found.entry)
        if flowed is None or isinstance(flowed, FlowError):
            return None
        wanted = str(flowed.object.properties.get("userPrincipalName", ""))
        domain = fold(wanted.rpartition("@")[2])
        verified = {fold(one.name) for one in self._tenant.administrator.domains()}
        if not domain or domain in verified or cloud.get("userPrincipalName") == wanted:
            return None
        return {
            "wanted": wanted,
            "reason": f"{domain} is not a verified domain of the tenant, so the UPN is in its initial domain",
            "resolve": verifying([domain]),
        }

    def _conflicts(self, anchor: str, *, asked: str, deleted: bool) -> list[Page]:
        rows = error_rows(self._space, self._tenant, ErrorQuery(anchor=anchor))
        return [
            {
                "kind": row["kind"],
                "error": row["error"],
                "attribute": row["propertyCausingError"],
                "value": row["value"],
                "since": row["occurredDateTime"],
                "attempts": row["attempts"],
                "heldBy": row["conflictsWith"],
                "reason": row["message"],
                "resolve": row["suggestion"],
                "knownIssue": known_issue(row, self._known_issues, asked=asked, deleted=deleted),
            }
            for row in rows
        ]

    # --- objects that are not there -------------------------------------------------------------

    def _cloud(self, identity: str) -> Page | None:
        for deleted in (False, True):
            try:
                return self._tenant.show(identity, deleted=deleted)
            except UnknownObject:
                continue
        return None

    def _cloud_alone(self, cloud: Page) -> Page:
        if cloud.get("deletedDateTime"):
            reason = (
                "deleted in the directory, or no longer in scope; the cloud keeps it for 30 days"
            )
        elif cloud["onPremisesImmutableId"] is None:
            reason = "made in the cloud: the directory never had it"
        else:
            reason = "the connector space does not have its entry; the next cycle decides"
        return {"directory": None, "reason": reason, "cloud": self._shown(cloud), "conflicts": []}

    def _shown(self, cloud: Page) -> Page:
        """Return the properties of a cloud object that can conflict, and what keeps it from a match."""
        shown = {name: cloud[name] for name in _CONFLICTING if cloud.get(name) not in (None, [])}
        if self._tenant.by_id([cloud["id"]])[cloud["id"]].admin_role:
            shown["administratorRole"] = True
        return shown

    def _not_staged(self, identity: str) -> Page:
        staged = self._look(identity) if "=" in identity else None
        if staged is None:
            raise UnknownObject(
                f"Neither the directory's search, the connector space nor the tenant has {identity!r}. "
                "Give a DN, a UPN, an address, a source anchor, a cloud id or a name; see `connector objects`."
            )
        return {
            "directory": {"distinguishedName": staged.dn, "sourceAnchor": staged.anchor},
            "reason": "the directory has it, the connector space not yet: the next import brings it",
            "cloud": None,
            "conflicts": [],
        }


def _unmatched(conflicts: list[Page]) -> Page:
    """Say why an object whose addresses are free has no match; name who holds another value of it."""
    for conflict in conflicts:
        if holder := conflict["heldBy"]:
            held = f"{conflict['attribute']} {conflict['value']}"
            reason = f"{holder['displayName']} holds {held}; nothing is matched by that"
            return {
                "match": "none",
                "with": holder["displayName"],
                "id": holder["id"],
                "reason": reason,
            }
    return {"match": "none", "reason": "no object of the cloud has its anchor or its addresses"}


def _not_an_object(what: str) -> str:
    if not what:
        return "the entry is a container, kept for its place in the tree"
    return f"the entry is not a user, group or contact; its class is {what}"


def made_of(row: Mapping[str, Any]) -> str:
    """Say of what a property was made: attributes, or what the rule that decided on it says without any."""
    attributes = ", ".join(row["attributes"])
    return attributes or ("the entry itself" if row["rule"] in DEFAULT_NAMES else "the rule itself")
