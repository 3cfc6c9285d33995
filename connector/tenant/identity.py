"""Name what the tenant holds: its objects by cloud ids, which a repeated run makes again, and itself."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

# Of a GUID this digit has two bits that are the same in all.
_VARIANT = {f"{digit:x}": "89ab"[digit % 4] for digit in range(16)}


def cloud_id(seed: str, version: int, name: str) -> str:
    """Return a GUID, in the form of version 4, for a new object.

    ``name`` tells it from others of the same change. ``version`` is that of the change that creates
    the object, so that an object created again with its old source anchor gets another id. All ids
    of one change begin alike: the index over them stays compact, which makes a first
    synchronization much faster than scattered ids would.
    """
    front = _front(seed, version)
    rest = blake2b(
        f"{seed}:{version}:{name}".encode("utf-8", "surrogatepass"), digest_size=12
    ).hexdigest()
    return f"{front}-{rest[:4]}-4{rest[5:8]}-{_VARIANT[rest[8]]}{rest[9:12]}-{rest[12:]}"


@lru_cache(maxsize=1)
def _front(seed: str, version: int) -> str:
    return blake2b(f"{seed}:{version}".encode(), digest_size=4).hexdigest()


def tenant_id(identity: str) -> str:
    """Return the UUID, in the form of version 4, of the tenant with this random identity."""
    digest = blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return str(UUID(bytes=digest, version=4))


_LONGEST_VERSION = 18
"""Digits that a column of 64 bits holds, whatever they are."""


class Position(NamedTuple):
    """A state of a tenant; as text it is the cookie ``TENANT:VERSION:MARK``."""

    tenant: str
    version: int
    mark: str

    @classmethod
    def parse(cls, cookie: str) -> Position:
        """Read a cookie; what is not one names no tenant."""
        tenant, _, rest = cookie.partition(":")
        version, _, mark = rest.partition(":")
        fits = version.isascii() and version.isdecimal() and len(version) <= _LONGEST_VERSION
        return cls(tenant, int(version), mark) if fits else cls("", 0, "")

    def refusal(self, now: Position, mark: str | None) -> str | None:
        """Say why a tenant that is at ``now`` cannot go on from here, None where it can.

        ``mark`` is the one that it has of this version.
        """
        if self.tenant != now.tenant:
            return (
                f"the tenant is another one than before: {now.tenant} instead of {self.tenant}. "
                "Its database was lost or exchanged."
            )
        if mark != self.mark:
            return (
                f"the tenant does not know what it had at version {self.version}; it is at "
                f"{now.version}. Its database was restored from a backup."
            )
        return None

    def text(self) -> str:
        return f"{self.tenant}:{self.version}:{self.mark}"
