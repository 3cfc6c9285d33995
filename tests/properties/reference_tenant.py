"""A tenant as small as it can be: lists and loops, from the words of the seed and of docs/sources.md 15.

It knows objects, the unique values that they want, and who came first. It looks at every object for
every question, so that there is no index, no cache and no order of writes to get wrong.
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
Claim = tuple[str, str]


class Asked(NamedTuple):
    """What a batch asks of one object: to be like this, or to go."""

    anchor: str
    type: str
    upn: str | None = None
    proxies: tuple[str, ...] = ()
    delete: bool = False

    @property
    def claims(self) -> list[Claim]:
        claims = [(PROXY, fold(text)) for text in self.proxies]
        return [*claims, (UPN, fold(self.upn))] if self.upn is not None else claims


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
    """An object: what it was last asked to be, and the batch in which each value was set aside."""

    asked: Asked
    waits: dict[Claim, int] = field(default_factory=dict)
    called: str | Placeholder | None = None
    deleted: bool = False

    @property
    def claims(self) -> list[Claim]:
        """The unique values that it has."""
        if self.deleted:
            return []
        claims = [claim for claim in self.asked.claims if claim not in self.waits]
        if isinstance(self.called, str):
            claims = [claim for claim in claims if claim[0] != UPN] + [(UPN, fold(self.called))]
        return claims

    @property
    def proxies(self) -> list[str]:
        """The addresses that it shows; another becomes primary where that one was set aside."""
        kept = [text for text in self.asked.proxies if (PROXY, fold(text)) not in self.waits]
        lost = any(text.startswith("SMTP:") for text in self.asked.proxies)
        if kept and lost and not any(text.startswith("SMTP:") for text in kept):
            kept[0] = f"SMTP:{kept[0][5:]}"
        return kept


@dataclass
class ReferenceTenant:
    """``known_issues`` are names of the settings, ``keeps_upn`` is ``upn_update_conflict = keep``."""

    resiliency: bool
    known_issues: tuple[str, ...]
    keeps_upn: bool
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

    def sweep(self) -> set[tuple[str, Claim]]:
        """Give free values to who waits longest, then by source anchor, until none is free."""
        released = set()
        while True:
            turn = sorted(
                (since, thing.asked.anchor, claim)
                for thing in self.things
                for claim, since in thing.waits.items()
                if self._holder(claim, thing.asked.anchor) is None
            )
            if not turn:
                return released
            _, anchor, claim = turn[0]
            thing = self._find(anchor)
            del thing.waits[claim]
            if claim[0] == UPN:
                thing.called = None
            released.add((anchor, claim))

    def live(self) -> dict[str, Thing]:
        return {thing.asked.anchor: thing for thing in self.things if not thing.deleted}

    # --- how it decides ---------------------------------------------------------------------------

    def _decide(self, batch: list[Asked], retained: set[tuple[str, Claim]]) -> list[Answer]:
        self.batches += 1
        self.given_up = {}
        for asked in batch:
            thing = self._find(asked.anchor)
            if thing is not None and asked.delete:
                self._delete(thing)
            elif thing is not None:
                self.given_up[asked.anchor] = [
                    claim
                    for claim in self._gives_up(thing, asked)
                    if (asked.anchor, claim) not in retained
                ]
        return [Answer(SUCCESS) if asked.delete else self._set(asked) for asked in batch]

    def _delete(self, thing: Thing) -> None:
        """A user can come back for 30 days, and has no values until then (docs/sources.md 15.8)."""
        if thing.asked.type == "user":
            thing.deleted, thing.called, thing.waits = True, None, {}
        else:
            self.things.remove(thing)

    def _gives_up(self, thing: Thing, asked: Asked) -> list[Claim]:
        """A user that waits for a UPN already keeps what it is called meanwhile."""
        return [
            claim
            for claim in thing.claims
            if claim not in asked.claims
            and not (claim[0] == UPN and any(c in thing.waits for c in asked.claims if c[0] == UPN))
        ]

    def _set(self, asked: Asked) -> Answer:
        thing = self._find(asked.anchor)
        clashes = {
            claim: holder
            for claim in asked.claims
            if (holder := self._holder(claim, asked.anchor)) is not None
        }
        code = self._refusal(asked, thing, clashes)
        if code is not None:
            self._retain(asked.anchor, self.given_up.get(asked.anchor, ()))
            return Answer(code)
        if thing is None:
            thing = Thing(asked)
            self.things.append(thing)
            self.failed_once.discard(asked.anchor)
            before: dict[Claim, int] = {}
        else:
            before = thing.waits
        clashing_upn = any(claim[0] == UPN for claim in clashes)
        thing.called = self._called(thing, asked, before) if clashing_upn else None
        thing.asked, thing.deleted = asked, False
        thing.waits = {claim: before.get(claim, self.batches) for claim in clashes}
        self.given_up.pop(asked.anchor, None)
        return Answer(SUCCESS, frozenset(clashes.keys() - before.keys()))

    def _called(
        self, thing: Thing, asked: Asked, before: dict[Claim, int]
    ) -> str | Placeholder | None:
        """Say what a user is called that cannot have its UPN (docs/sources.md 15.5, 15.6)."""
        assert asked.upn is not None
        is_new = thing.asked is asked or thing.deleted
        if not is_new and (UPN, fold(asked.upn)) in before:
            return thing.called
        if not is_new and self.keeps_upn:
            given_up = self.given_up.get(asked.anchor, ())
            self._retain(asked.anchor, [claim for claim in given_up if claim[0] == UPN])
            return thing.called or thing.asked.upn
        return Placeholder(asked.upn.partition("@")[0])

    def _refusal(
        self, asked: Asked, thing: Thing | None, clashes: dict[Claim, Thing]
    ) -> str | None:
        """Return the code with which the whole operation fails, None where it does not."""
        if not clashes:
            return None
        if not self.resiliency:
            return NOT_UNIQUE if thing is not None else self._old_code(asked, clashes)
        if thing is not None:
            return None
        held_by_groups = {
            claim[1]
            for claim, holder in clashes.items()
            if claim[0] == PROXY and holder.asked.type == "group"
        }
        if asked.type == "user" and "upn-and-proxy-held-by-group" in self.known_issues:
            return NOT_UNIQUE if fold(asked.upn or "") in held_by_groups else None
        first = asked.type == "group" and asked.anchor not in self.failed_once
        if first and held_by_groups and "group-pair-fails-first" in self.known_issues:
            self.failed_once.add(asked.anchor)
            return NOT_UNIQUE
        return None

    def _old_code(self, asked: Asked, clashes: dict[Claim, Thing]) -> str:
        """A new object that clashes in what a soft match looks at (docs/sources.md 2.2)."""
        soft = [(PROXY, fold(text)) for text in asked.proxies if text.startswith("SMTP:")]
        for claim in [*soft, *(claim for claim in asked.claims if claim[0] == UPN)]:
            if claim in clashes:
                same = clashes[claim].asked.type == asked.type
                return "InvalidSoftMatch" if same else "ObjectTypeMismatch"
        return NOT_UNIQUE

    def _retain(self, anchor: str, claims: Iterable[Claim]) -> None:
        """Decide all again if these were free to the others meanwhile."""
        if values := {(anchor, claim) for claim in claims}:
            raise _Retains(values)

    def _find(self, anchor: str) -> Thing | None:
        return next((thing for thing in self.things if thing.asked.anchor == anchor), None)

    def _holder(self, claim: Claim, claimant: str) -> Thing | None:
        for thing in self.things:
            anchor = thing.asked.anchor
            has = claim in thing.claims and claim not in self.given_up.get(anchor, ())
            if has and anchor != claimant:
                return thing
        return None


class _Retains(Exception):
    """An object keeps values that it was thought to release."""

    def __init__(self, values: set[tuple[str, Claim]]) -> None:
        super().__init__(values)
        self.values = values
