"""Draw a free address when the wanted one is taken (placeholder UPN, MOERA)."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from connector.errors import PlaceholdersExhausted
from connector.tenant.recipients import routing_prefix
from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOWEST, HIGHEST = 1000, 9999


def digits(seed: str, anchor: str, key: str) -> Iterator[int]:
    """Yield every four-digit number once, in an order that only the arguments decide.

    A run that is repeated after a crash draws the same placeholder again.
    """
    random = Random(f"{seed}:{anchor}:{key}")  # noqa: S311 - a placeholder is not a secret
    drawn: set[int] = set()
    while len(drawn) < (HIGHEST - LOWEST + 1) // 2:
        number = random.randint(LOWEST, HIGHEST)
        if number not in drawn:
            drawn.add(number)
            yield number
    rest = [number for number in range(LOWEST, HIGHEST + 1) if number not in drawn]
    random.shuffle(rest)
    yield from rest


def draw(prefix: str, domain: str, numbers: Iterator[int], taken: Callable[[str], bool]) -> str:
    """Return the first free ``<prefix><4 digits>@<domain>``.

    Seed, Duplicate Attribute Resiliency: ``<OriginalPrefix>+<4DigitNumber>@<InitialTenantDomain>``,
    where the plus means concatenation (``User1234@contoso.onmicrosoft.com``). ``taken`` is asked
    about folded addresses. Raises PlaceholdersExhausted when every number is in use.
    """
    for number in numbers:
        candidate = f"{prefix}{number}@{domain}"
        if not taken(fold(candidate)):
            return candidate
    raise PlaceholdersExhausted(f"every address {prefix}NNNN@{domain} is taken")


def routing_address(
    name: str, domain: str, seed: str, identity: str, taken: Callable[[str], bool]
) -> str:
    """Return the MOERA ``<name>@<domain>``, with four digits if another object holds that.

    docs/sources.md 6.4. ``identity`` is the cloud id of the user, ``taken`` is asked about folded
    addresses. Raises PlaceholdersExhausted when every number is in use.
    """
    prefix = routing_prefix(name)
    plain = f"{prefix}@{domain}"
    if not taken(fold(plain)):
        return plain
    return draw(prefix, domain, digits(seed, identity, fold(plain)), taken)
