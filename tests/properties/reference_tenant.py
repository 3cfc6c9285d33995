"""A tenant as small as it can be: lists and loops, from the words of the seed and of docs/sources.md 15.

It knows objects, the unique values that they want, and who came first; which of them the cloud alone
has, and which have a licence. It looks at every object for every question, so that there is no index,
no cache and no order of writes to get wrong.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.folding import address as fold

if TYPE_CHECKING:
    from collections.abc import Iterable

UPN, PROXY = "UserPrincipalName", "ProxyAddresses"
SUCCESS, NOT_UNIQUE = "Success", "AttributeValueMustBeUnique"
ADMINISTRATOR = "ExistingAdminRoleConflict"
NOT_DELETABLE, NOT_TAKEN_OVER = "DeletingCloudOnlyObjectNotAllowed", "InvalidHardMatch"
RESTORE, COMPUTED_UPN = "restore-not-quarantined", "computed-upn-not-released"
VERIFIED = ("contoso.com", "contoso.onmicrosoft.com")
Claim = tuple[str, str]


class Asked(NamedTuple):
    """What is asked of one object: to be like this, or to go.

    ``anchor`` is its source anchor; of an object that the cloud alone has, its name. ``chosen`` is the
    UPN that an administrator gave to it instead.
    """

    anchor: str
    type: str
    upn: str | None = None
    proxies: tuple[str, ...] = ()
    delete: bool = False
    chosen: str | None = None

    @property
    def is_computed(self) -> bool:
        """Whether the tenant makes up the UPN, because its domain is not verified."""
        return self.chosen is None and self.upn is not None and not self.upn.endswith(VERIFIED)

    @property
    def wish(self) -> str | None:
        """The UPN that a user is to have."""
        return f"{self.anchor}@{VERIFIED[1]}" if self.is_computed else self.chosen or self.upn

    @property
    def claims(self) -> list[Claim]:
        claims = [(PROXY, fold(text)) for text in self.proxies]
        return [*claims, (UPN, fold(self.wish))] if self.wish is not None else claims

    @property
    def primary(self) -> str | None:
        return next((fold(text) for text in self.proxies if text.startswith("SMTP:")), None)


class Answer(NamedTuple):
    """What became of it: a code, and the values that this set aside."""

    code: str
    quarantined: frozenset[Claim] = frozenset()


@dataclass
class Placeholder:
    """A UPN of a prefix and four digits; once it was seen it must stay the same."""

    prefix: str
    seen: str | None = None

    def is_shown_as(self, text: str) -> bool:
        if self.seen is not None:
            return text == self.seen
        self.seen = text
        return bool(
            re.fullmatch(re.escape(self.prefix) + r"[1-9]\d{3}@contoso\.onmicrosoft\.com", text)
        )


@dataclass
class Thing:
    """An object: what it was last asked to be, and the batch in which each value was set aside.

    ``name`` is its display name: the source anchor of the last export, or the name that it was made
    with. ``cloud_only`` is one that no client manages, and ``born`` its name then; ``orphan`` one that
    an administrator brought back, and no client took back so far. ``routing`` is the address that came with the first
    licence and stays for good, ``shows_upn`` says whether the UPN is an address too.
    """

    asked: Asked
    waits: dict[Claim, int] = field(default_factory=dict)
    called: str | Placeholder | None = None
    deleted: bool = False
    cloud_only: bool = False
    orphan: bool = False
    administrator: bool = False
    licensed: bool = False
    routing: str | None = None
    shows_upn: bool = False
    name: str = ""
    born: str = ""

    @property
    def upn(self) -> str | None:
        """What a user is called, None where only the tenant knows the digits."""
        if isinstance(self.called, Placeholder):
            return self.called.seen
        return self.called or self.asked.wish

    @property
    def is_anchored(self) -> bool:
        """Whether it has a source anchor: from a client, or from an administrator."""
        return not self.cloud_only or self.asked.anchor != self.born

    @property
    def new_routing(self) -> str:
        """The address that a first licence would add: the mailNickname is the name."""
        return f"{self.name}@contoso.onmicrosoft.com"

    @property
    def claims(self) -> list[Claim]:
        """The unique values that it has."""
        if self.deleted:
            return []
        claims = [(name, key) for name, key in self.asked.claims if name == PROXY]
        if self.upn is not None:
            claims.append((UPN, fold(self.upn)))
            claims += [(PROXY, fold(self.upn))] if self.shows_upn else []
        return [claim for claim in claims if claim not in self.waits]

    @property
    def proxies(self) -> list[str]:
        """The addresses that it shows: what was asked, then the UPN, then the routing address."""
        shown = [text for text in self.asked.proxies if (PROXY, fold(text)) not in self.waits]
        asked = len(shown)
        for address in (self.upn if self.shows_upn else None, self.routing):
            known = {fold(text) for text in shown}
            if address and fold(address) not in known and (PROXY, fold(address)) not in self.waits:
                shown.append(f"smtp:{address}")
        return self._with_primary(shown, asked)

    def _with_primary(self, shown: list[str], asked: int) -> list[str]:
        """Where no primary address is left, make another one primary (docs/sources.md 6.5 and 10)."""
        lost = self.asked.primary is not None
        if any(text.startswith("SMTP:") for text in shown):
            return shown
        if not lost and not asked:
            chosen = shown[:1]
        elif self.routing:
            chosen = [f"smtp:{self.routing}"]
        else:
            chosen = shown[:1] if lost else []
        return [f"SMTP:{text[5:]}" if text in chosen else text for text in shown]

    @property
    def primary(self) -> str | None:
        return next((text[5:] for text in self.proxies if text.startswith("SMTP:")), None)

    def text_of(self, claim: Claim) -> str:
        """Return a value as it was asked for, or as it follows from the UPN."""
        texts = [self.asked.wish] if claim[0] == UPN else self.asked.proxies
        return next((text for text in texts if text and fold(text) == claim[1]), f"smtp:{self.upn}")


@dataclass
class ReferenceTenant:
    """``known_issues`` are names of the settings, ``keeps_upn`` is ``upn_update_conflict = keep``.

    With ``one_namespace`` UPNs and addresses are one kind of value.
    """

    resiliency: bool
    known_issues: tuple[str, ...]
    keeps_upn: bool
    soft_match: bool = True
    one_namespace: bool = False
    things: list[Thing] = field(default_factory=list)
    failed_once: set[str] = field(default_factory=set)
    batches: int = 0
    given_up: dict[str, list[Claim]] = field(default_factory=dict)

    def export(self, batch: list[Asked]) -> list[Answer]:
        """Values are released before they are claimed; what fails turns out to release nothing."""
        retained: set[tuple[str, Claim]] = set()
        while True:
            attempt = deepcopy(self)
            try:
                answers = attempt._decide(batch, retained)
            except _Retains as fact:
                retained |= fact.values
                continue
            self.__dict__.update(attempt.__dict__)
            return answers

    def add(self, asked: Asked, *, administrator: bool) -> bool:
        """Make an object in the cloud alone; say whether it was refused."""
        if asked.is_computed or any(self._holder(claim, asked.anchor) for claim in asked.claims):
            return True
        born = asked.anchor
        self.things.append(
            Thing(asked, cloud_only=True, administrator=administrator, name=born, born=born)
        )
        return False

    def set_role(self, name: str, *, administrator: bool) -> None:
        """Give a user an administrator role, or take it away."""
        self.live()[name].administrator = administrator

    def match(self, name: str, anchor: str | None) -> bool:
        """Move the source anchor of a user, or clear it; say whether it was refused.

        docs/sources.md 5.5: not to one that another object has, deleted or not; what is synchronized
        cannot be without one.
        """
        thing = self.live()[name]
        if anchor is None and not thing.cloud_only:
            return True
        anchor = anchor or thing.born
        other = self._find(anchor)
        if other is not None and other is not thing:
            return True
        thing.asked = thing.asked._replace(anchor=anchor)
        return False

    def remove(self, name: str) -> None:
        """Delete for good what the cloud alone has."""
        self.things.remove(self.live()[name])

    def restore(self, name: str, upn: str | None) -> bool:
        """Bring a deleted user back, under another UPN if one is given; say whether that was refused."""
        thing = next(each for each in self.things if each.deleted and each.asked.anchor == name)
        asked = thing.asked if upn is None else thing.asked._replace(chosen=upn)
        self.batches += 1
        self.given_up = {}
        if self._clashes(asked, thing) and not self.resiliency:
            return True
        self._settle(thing, asked, is_new=True)
        thing.deleted, thing.orphan = False, True
        return False

    def deleted(self) -> list[str]:
        return [thing.asked.anchor for thing in self.things if thing.deleted]

    def license(self, name: str, *, assign: bool) -> bool:
        """Give a user a mailbox, or take it; say whether that was refused.

        Seed: "When assigning certain licenses like Exchange Online, the UPN will also be added as a
        mail and proxy address." That of another one cannot be added.
        """
        thing = self.live()[name]
        self.batches += 1
        if assign and thing.upn and self._holder((PROXY, fold(thing.upn)), name):
            return True
        thing.licensed = thing.shows_upn = assign
        if assign and thing.routing is None:
            thing.routing = thing.new_routing
        self.given_up = {}
        self._settle(thing, thing.asked, is_new=thing.orphan)
        return False

    def sweep(self) -> set[tuple[str, Claim]]:
        """Give free values to who waits longest, then by source anchor, until none is free."""
        released: set[tuple[str, Claim]] = set()
        while True:
            turn = sorted(
                (since, thing.asked.anchor, claim)
                for thing in self.things
                for claim, since in thing.waits.items()
                if not any(self._holder(each, thing.asked.anchor) for each in _with(claim, thing))
                and not self._is_never_released(claim, thing)
            )
            if not turn:
                return released
            _, anchor, claim = turn[0]
            thing = self.live()[anchor]
            del thing.waits[claim]
            if claim[0] == UPN:
                if thing.upn and (PROXY, fold(thing.upn)) not in thing.asked.claims:
                    thing.waits.pop((PROXY, fold(thing.upn)), None)
                thing.called = None
            released.add((anchor, claim))

    def live(self) -> dict[str, Thing]:
        return {thing.asked.anchor: thing for thing in self.things if not thing.deleted}

    def _is_never_released(self, claim: Claim, thing: Thing) -> bool:
        """docs/sources.md 13.2: a UPN that the tenant computed is not given back."""
        return claim[0] == UPN and thing.asked.is_computed and COMPUTED_UPN in self.known_issues

    # --- how it decides ---------------------------------------------------------------------------

    def _decide(self, batch: list[Asked], retained: set[tuple[str, Claim]]) -> list[Answer]:
        self.batches += 1
        self.given_up = {}
        names = self._join(batch)
        batch = [self._as_chosen(asked) for asked in batch]
        refused = {asked.anchor: self._refused(asked) for asked in batch}
        for asked in batch:
            thing = self._find(asked.anchor)
            if refused[asked.anchor] or thing is None:
                continue
            if asked.delete:
                self._delete(thing)
            else:
                self.given_up[asked.anchor] = [
                    claim
                    for claim in thing.claims
                    if claim not in self._wanted(asked, thing)
                    and (asked.anchor, claim) not in retained
                ]
        answers = []
        for asked in batch:
            if (code := refused[asked.anchor]) is not None:
                answers.append(Answer(code))
            elif asked.delete:
                answers.append(Answer(SUCCESS))
            else:
                answers.append(self._set(asked, names.get(asked.anchor)))
        return answers

    def _as_chosen(self, asked: Asked) -> Asked:
        """What an administrator chose stays until the directory has another UPN (docs/sources.md 6.1)."""
        thing = self._find(asked.anchor)
        same = thing is not None and thing.asked.upn == asked.upn
        return asked._replace(chosen=thing.asked.chosen) if thing is not None and same else asked

    def _refused(self, asked: Asked) -> str | None:
        """Say why a client may not touch what it does not manage (docs/sources.md 13.4, 13.5)."""
        thing = self._find(asked.anchor)
        if thing is None or not (thing.orphan or thing.cloud_only):
            return None
        if asked.delete:
            return NOT_DELETABLE
        return NOT_TAKEN_OVER if thing.administrator else None

    def _join(self, batch: list[Asked]) -> dict[str, str]:
        """Let new objects take over what the cloud alone has (docs/sources.md 5.3).

        Return the names of the joined by source anchor. The second one that matches stays a new
        object, and so does one that matches an administrator (docs/sources.md 13.3).
        """
        matches = {asked.anchor: self._match(asked) for asked in batch}
        names: dict[str, str] = {}
        for anchor, thing in matches.items():
            if thing is not None and not thing.administrator and thing.asked.anchor not in names:
                names[anchor] = thing.asked.anchor
                thing.asked = thing.asked._replace(anchor=anchor)
        return names

    def _match(self, asked: Asked) -> Thing | None:
        """Find what a new object joins: by primary address, on both sides, then by UPN."""
        if asked.delete or not self.soft_match or self._find(asked.anchor) is not None:
            return None
        alike = [
            each for each in self.things if not each.is_anchored and each.asked.type == asked.type
        ]
        by_primary = [
            each for each in alike if each.primary and fold(each.primary) == asked.primary
        ]
        by_upn = [each for each in alike if each.upn and fold(each.upn) == fold(asked.upn or "")]
        return next(iter(by_primary + by_upn), None)

    def _delete(self, thing: Thing) -> None:
        """A user can come back for 30 days, and has no values until then (docs/sources.md 15.8)."""
        if thing.asked.type == "user":
            thing.deleted, thing.called, thing.waits = True, None, {}
        else:
            self.things.remove(thing)

    def _set(self, asked: Asked, joined: str | None) -> Answer:
        """Make an object what is asked; ``joined`` is the name of the cloud's one that it joins."""
        thing = self._find(asked.anchor)
        code = self._refusal(asked, thing, self._clashes(asked, thing))
        if code is not None:
            self._retain(asked.anchor, self.given_up.get(asked.anchor, ()))
            self.given_up.pop(asked.anchor, None)
            if joined is not None and thing is not None:
                thing.asked = thing.asked._replace(anchor=joined)
            return Answer(code)
        is_new = thing is None or thing.deleted or thing.cloud_only or thing.orphan
        if thing is None:
            thing = Thing(asked)
            self.things.append(thing)
            self.failed_once.discard(asked.anchor)
        news = self._settle(thing, asked, is_new=is_new)
        thing.name = asked.anchor
        thing.deleted = thing.cloud_only = thing.orphan = False
        return Answer(SUCCESS, news)

    def _settle(self, thing: Thing, asked: Asked, *, is_new: bool) -> frozenset[Claim]:
        """Give an object what is free of what it wants; return what is newly set aside."""
        before = thing.waits
        clashes = self._clashes(asked, thing)
        stays = self._stays(asked, thing)
        clashing_upn = any(claim[0] == UPN for claim in clashes)
        shows_upn = _shows_upn(asked, thing)
        called = self._called(thing, asked, is_new=is_new) if clashing_upn else None
        called = thing.called if stays else called
        thing.asked, thing.called, thing.shows_upn = asked, called, shows_upn
        waits = {claim for claim in clashes if claim in asked.claims}
        if shows_upn and thing.upn and self._holder((PROXY, fold(thing.upn)), asked.anchor):
            waits.add((PROXY, fold(thing.upn)))
        if stays:
            waits.add((UPN, fold(asked.wish or "")))
        thing.waits = {claim: before.get(claim, self.batches) for claim in waits}
        self.given_up.pop(asked.anchor, None)
        return frozenset(waits - before.keys())

    def _clashes(self, asked: Asked, thing: Thing | None) -> dict[Claim, Thing]:
        return {
            claim: holder
            for claim in self._wanted(asked, thing)
            if (holder := self._holder(claim, asked.anchor)) is not None
        }

    def _called(self, thing: Thing, asked: Asked, *, is_new: bool) -> str | Placeholder | None:
        """Say what a user is called that cannot have its UPN (docs/sources.md 15.5, 15.6)."""
        assert asked.wish is not None
        waits = (UPN, fold(asked.wish)) in thing.waits
        if is_new or not (waits or self.keeps_upn):
            return Placeholder(asked.wish.partition("@")[0])
        names = (UPN, PROXY) if _shows_upn(asked, thing) else (UPN,)
        kept = [(name, fold(thing.upn or "")) for name in names]
        self._retain(asked.anchor, kept)
        return thing.called or thing.asked.wish

    def _stays(self, asked: Asked, thing: Thing | None) -> bool:
        """Say whether a user keeps its digits and waits on, because its UPN is computed and the same."""
        if thing is None or thing.deleted or thing.cloud_only or thing.orphan:
            return False
        claim = (UPN, fold(asked.wish or ""))
        same = thing.asked.upn == asked.upn and claim in thing.waits
        return same and self._is_never_released(claim, thing)

    def _wanted(self, asked: Asked, thing: Thing | None) -> list[Claim]:
        """Name the unique values that an object would have if nobody else held them."""
        wanted = asked.claims
        if thing is not None and self._stays(asked, thing):
            wanted = [(PROXY, fold(text)) for text in asked.proxies]
            wanted.append((UPN, fold(thing.upn or "")))
        derived = [(PROXY, fold(asked.wish))] if asked.wish and _shows_upn(asked, thing) else []
        return [*wanted, *derived]

    def _refusal(
        self, asked: Asked, thing: Thing | None, clashes: dict[Claim, Thing]
    ) -> str | None:
        """Return the code with which the whole operation fails, None where it does not."""
        if not clashes:
            return None
        if not self.resiliency:
            return NOT_UNIQUE if thing is not None else self._old_code(asked, clashes)
        if thing is not None:
            addresses = any(claim[0] == PROXY for claim in clashes)
            fails = thing.deleted and addresses and RESTORE in self.known_issues
            return NOT_UNIQUE if fails else None
        held_by_groups = {
            claim[1]
            for claim, holder in clashes.items()
            if claim[0] == PROXY and holder.asked.type == "group"
        }
        if asked.type == "user" and "upn-and-proxy-held-by-group" in self.known_issues:
            fails = (PROXY, fold(asked.wish or "")) in asked.claims
            return NOT_UNIQUE if fails and fold(asked.wish or "") in held_by_groups else None
        first = asked.type == "group" and asked.anchor not in self.failed_once
        if first and held_by_groups and "group-pair-fails-first" in self.known_issues:
            self.failed_once.add(asked.anchor)
            return NOT_UNIQUE
        return None

    def _old_code(self, asked: Asked, clashes: dict[Claim, Thing]) -> str:
        """A new object that clashes in what a soft match looks at (docs/sources.md 2.2)."""
        soft = [(PROXY, asked.primary), *(claim for claim in asked.claims if claim[0] == UPN)]
        for claim in [each for each in soft if each in clashes]:
            holder = clashes[claim]
            if holder.asked.type != asked.type:
                return "ObjectTypeMismatch"
            if holder.is_anchored:
                return "InvalidSoftMatch"
            is_matched = claim[0] == UPN or fold(holder.primary or "") == asked.primary
            if holder.administrator and is_matched:
                return ADMINISTRATOR
        return NOT_UNIQUE

    def _retain(self, anchor: str, claims: Iterable[Claim]) -> None:
        """Decide all again if another object took one of these, which this one does not give up."""
        kept = {claim for claim in claims if claim in self.given_up.get(anchor, ())}
        if any(self._holder(claim, anchor) for claim in kept):
            raise _Retains({(anchor, claim) for claim in kept})

    def _find(self, anchor: str) -> Thing | None:
        return next((thing for thing in self.things if thing.asked.anchor == anchor), None)

    def _holder(self, claim: Claim, claimant: str) -> Thing | None:
        for each in (claim, _twin(claim)) if self.one_namespace else (claim,):
            for thing in self.things:
                anchor = thing.asked.anchor
                has = each in thing.claims and each not in self.given_up.get(anchor, ())
                if has and anchor != claimant:
                    return thing
        return None


def _shows_upn(asked: Asked, thing: Thing | None) -> bool:
    """Say whether the UPN is an address too: with a licence, and after it when the object changes.

    Without a licence a user is still a recipient: "proxyAddresses attribute is populated", scenario 4.
    """
    if thing is None or thing.routing is None:
        return False
    changed = (asked.upn, asked.proxies) != (thing.asked.upn, thing.asked.proxies)
    return thing.licensed or thing.shows_upn or changed


def _twin(claim: Claim) -> Claim:
    """Name the same value as an address where it is a UPN, and the other way round."""
    return (PROXY if claim[0] == UPN else UPN, claim[1])


def _with(claim: Claim, thing: Thing) -> list[Claim]:
    """Name what an object gets along with a value that comes back to it."""
    derived = (PROXY, claim[1])
    alone = claim[0] != UPN or not thing.shows_upn or derived in thing.waits
    return [claim] if alone else [claim, derived]


class _Retains(Exception):
    """An object keeps values that it was thought to release."""

    def __init__(self, values: set[tuple[str, Claim]]) -> None:
        super().__init__(values)
        self.values = values
