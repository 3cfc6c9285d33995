"""Ask the store together about claims that a decision turns out to need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from connector.tenant.objects import Claim

T = TypeVar("T")
_ROUNDS = 2


class Holders(Protocol):
    """The part of a store that knows who holds what."""

    def holders(self, claims: Iterable[Claim]) -> dict[Claim, int]: ...

    def is_held(self, claim: Claim) -> bool: ...


def asked_together(store: Holders, decide: Callable[[Callable[[Claim], bool]], T]) -> T:
    """Return what is decided, where ``decide`` asks whether claims are held.

    It decides as if none of them were, and the store is asked about all of them at once. That is nearly always
    so; else it decides again, knowing better, and in the end asks one by one. It must change nothing.
    """
    answers: dict[Claim, bool] = {}
    for _ in range(_ROUNDS):
        supposed: set[Claim] = set()

        def suppose(claim: Claim, supposed: set[Claim] = supposed) -> bool:
            if claim not in answers:
                supposed.add(claim)
            return answers.get(claim, False)

        decided = decide(suppose)
        held = store.holders(supposed) if supposed else {}
        if not held:
            return decided
        answers.update((claim, claim in held) for claim in supposed)
    return decide(lambda claim: answers[claim] if claim in answers else store.is_held(claim))
