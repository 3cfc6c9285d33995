"""Decide what becomes of one object: what it gets of what it wants, and what is set aside.

A decision only: a shell writes it down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from connector.errors import PlaceholdersExhausted
from connector.tenant import known_issues, matching, messages, placeholder, recipients
from connector.tenant.objects import PROXIES, UPN, Errors, Failure, ProvisioningError, TenantObject
from connector.tenant.quarantine import SID_PROPERTY, claims_of, set_aside
from connector.values.addresses import fold
from connector.values.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connector.tenant.objects import Claim, Policy
    from connector.tenant.quarantine import Claims
    from connector.tenant.wanted import Wanted
    from connector.values.addresses import ProxyAddress


class Subject(NamedTuple):
    """One object of a batch with all that is known of it.

    ``previous`` is what the tenant has of it (None for a new one), ``own`` the claims that it
    holds, ``errors`` its provisioning errors; ``failed_before`` tells of an earlier first attempt.
    """

    number: int
    id: str
    type: str
    anchor: str
    wanted: Wanted
    previous: TenantObject | None
    own: frozenset[Claim]
    errors: Errors
    failed_before: bool

    @property
    def updates(self) -> TenantObject | None:
        """The object as it was, if this sync client managed it and it is not deleted."""
        previous = self.previous
        if previous is None or previous.deleted is not None or previous.synced != 1:
            return None
        return previous

    @property
    def fallback(self) -> Collection[Claim]:
        """What it needs on top where it keeps its UPN because another one holds the wanted one.

        That is the address of the kept UPN, which it may have to wait for too.
        """
        updates = self.updates if self.wanted.upn_proxy else None
        if updates is None or updates.upn is None:
            return ()
        return {("proxy", fold(updates.upn))} - self.own


class Provisioned(NamedTuple):
    """An object as it is to be, the claims it holds then, and the values newly set aside.

    ``holders`` are those of the values that it did not get.
    """

    object: TenantObject
    claims: set[Claim]
    errors: Errors
    news: list[ProvisioningError]
    holders: Mapping[Claim, TenantObject]


class Moment(NamedTuple):
    """When a change happens: the time, and the version of the tenant that it makes."""

    now: str
    version: int


class Retained(Exception):
    """An object keeps a value that was taken for released: the batch must be decided again."""


def provision(
    subject: Subject,
    claims: Claims,
    look_up: Callable[[int], TenantObject],
    policy: Policy,
    moment: Moment,
) -> Provisioned:
    """Settle what an object wants against the claims of others, and grant it the rest.

    ``look_up`` gives the holder of a claim. Raises Failure, or Retained when the object turns out to
    keep a value that the batch gave away already, before anything is granted.
    """
    wanted = subject.wanted
    clashes = claims.clashes(wanted.claims, subject.number)
    if clashes:
        clashes |= claims.clashes(subject.fallback, subject.number)
        holders = {claim: look_up(holder) for claim, holder in clashes.items()}
        return _contested(subject, claims, holders, policy, moment)
    item = _object(subject, wanted.upn, _shown(subject, wanted.upn, ()), moment)
    return Provisioned(item, _take(subject, claims, set(wanted.claims)), {}, [], {})


def _contested(
    subject: Subject,
    claims: Claims,
    holders: Mapping[Claim, TenantObject],
    policy: Policy,
    moment: Moment,
) -> Provisioned:
    """Set aside what others hold, unless that fails the whole operation."""
    wanted = subject.wanted
    upn = wanted.upn
    _refuse(subject, holders, policy)
    clashing: list[tuple[str, str, str]] = []
    if ("upn", wanted.upn_key) in holders:
        clashing.append((UPN, wanted.upn_key, wanted.upn))
        upn = _substitute_upn(subject, claims, policy)
    refused = {key for namespace, key in holders if namespace == "proxy"}
    clashing += _refused_proxies(wanted, refused, upn)
    errors, news = set_aside(clashing, subject.errors, moment.now)
    item = _object(subject, upn, _shown(subject, upn, refused), moment)
    granted = claims_of(item)
    if claims.clashes(granted, subject.number):
        raise Retained
    return Provisioned(item, _take(subject, claims, granted), errors, news, holders)


def _take(subject: Subject, claims: Claims, granted: set[Claim]) -> set[Claim]:
    """Change the claims of an object to those it was granted."""
    if subject.own:
        claims.release(subject.own - granted, subject.number)
    claims.grant(granted, subject.number)
    return granted


def _shown(subject: Subject, upn: str, refused: Collection[str]) -> recipients.Visible:
    wanted, previous = subject.wanted, subject.previous
    return recipients.visible(
        wanted.proxies,
        refused=refused,
        upn=upn if wanted.upn_proxy else None,
        moera=previous.moera if previous is not None else None,
        mail=wanted.properties.get("mail"),
    )


def _refuse(subject: Subject, holders: Mapping[Claim, TenantObject], policy: Policy) -> None:
    """Raise Failure where a clash fails the whole operation instead of being set aside."""
    wanted = subject.wanted
    hard = [claim for claim in holders if claim[0] in ("sip", "sid")]
    if hard:
        raise _must_be_unique(wanted, hard)
    if not policy.resiliency:
        failure = _must_be_unique(wanted, holders)
        if subject.previous is None and policy.soft_match:
            soft = [("proxy", proxy.key) for proxy in wanted.proxies if proxy.is_primary]
            if policy.soft_match_on_upn:
                soft.append(("upn", wanted.upn_key))
            failure.code = matching.refusal(subject.type, soft, holders)
        raise failure
    if subject.previous is not None:
        return
    by_address = {
        key: holder for (namespace, key), holder in holders.items() if namespace == "proxy"
    }
    culprit = _known_issue(subject, by_address, policy)
    if culprit is not None:
        clash = ((PROXIES, culprit.text),)
        raise Failure(
            "AttributeValueMustBeUnique",
            messages.duplicates(clash),
            clash,
            passes_next_time=subject.type == "group",
        )


def _known_issue(
    subject: Subject, by_address: Mapping[str, TenantObject], policy: Policy
) -> ProxyAddress | None:
    """Return the address on which a documented fault of the service fails a new object."""
    wanted = subject.wanted
    match subject.type:
        case "user" if known_issues.UPN_AND_PROXY in policy.known_issues:
            return known_issues.upn_and_proxy_held_by_group(
                wanted.upn_key, wanted.proxies, by_address
            )
        case "group" if known_issues.GROUP_PAIR in policy.known_issues:
            if subject.failed_before:
                return None
            return known_issues.group_pair_fails_first(wanted.proxies, by_address)
    return None


def _must_be_unique(wanted: Wanted, claims: Mapping[Claim, Any] | list[Claim]) -> Failure:
    clashes = tuple(_named(wanted, claim) for claim in wanted.claims if claim in claims)
    return Failure("AttributeValueMustBeUnique", messages.duplicates(clashes), clashes)


def _named(wanted: Wanted, claim: Claim) -> tuple[str, str]:
    """Return the attribute and the text as given behind a claim."""
    namespace, _ = claim
    if namespace == "upn":
        return UPN, wanted.upn
    if namespace == "sid":
        return "OnPremiseSecurityIdentifier", str(wanted.properties[SID_PROPERTY])
    for proxy in wanted.proxies:
        if (proxy.namespace, proxy.key) == claim:
            return PROXIES, proxy.text
    return PROXIES, f"smtp:{wanted.upn}"


def _refused_proxies(wanted: Wanted, refused: set[str], upn: str) -> list[tuple[str, str, str]]:
    """List the proxy addresses to set aside, that of the UPN which the object gets among them.

    A UPN that was refused itself is not set aside a second time.
    """
    found = [
        (PROXIES, proxy.key, proxy.text)
        for proxy in wanted.proxies
        if proxy.is_smtp and proxy.key in refused
    ]
    derived = fold(upn)
    if derived in refused and all(key != derived for _, key, _ in found):
        found.append((PROXIES, derived, f"smtp:{upn}"))
    return found


def _substitute_upn(subject: Subject, claims: Claims, policy: Policy) -> str:
    """Return what a user is called whose wanted UPN another one holds.

    Seed: "If this attribute is required for provisioning, like UserPrincipalName, the service
    assigns a placeholder value." A user that waited already keeps the one it has.
    """
    wanted, updates = subject.wanted, subject.updates
    if updates is not None and updates.upn is not None:
        waits = (UPN, wanted.upn_key) in subject.errors
        if waits or policy.keep_conflicting_upn:
            return updates.upn
    try:
        return placeholder.draw(
            wanted.upn.partition("@")[0] + policy.placeholder_separator,
            policy.initial_domain,
            placeholder.digits(policy.seed, subject.anchor, wanted.upn_key),
            lambda key: (
                claims.is_taken(("upn", key), subject.number)
                or (wanted.upn_proxy == 1 and claims.is_taken(("proxy", key), subject.number))
            ),
        )
    except PlaceholdersExhausted as error:
        raise Failure("GeneratedUpnConflict", f"{error}.", ((UPN, wanted.upn),)) from error


def _object(subject: Subject, upn: str, shown: recipients.Visible, moment: Moment) -> TenantObject:
    """Write the object as it is to be."""
    wanted, previous = subject.wanted, subject.previous
    # By position and in the order of the fields: this is the hottest line of a first sync.
    return TenantObject(
        subject.number,
        subject.id,
        subject.type,
        subject.anchor,
        1,
        previous.created if previous is not None else moment.now,
        moment.now,
        None,
        moment.version,
        previous.members_version if previous is not None else 0,
        wanted.properties.get("displayName") or "",
        upn or None,
        shown.mail,
        wanted.alias,
        recipients.as_list(shown.proxies),
        previous.exchange if previous is not None else 0,
        wanted.upn_proxy,
        previous.moera if previous is not None else None,
        previous.admin_role if previous is not None else 0,
        canonical(wanted.properties),
    )
