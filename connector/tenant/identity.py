"""Make cloud ids; a repeated run makes the same ones."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b


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
    return f"{front}-{rest[:4]}-4{rest[5:8]}-{'89ab'[int(rest[8], 16) % 4]}{rest[9:12]}-{rest[12:]}"


@lru_cache(maxsize=1)
def _front(seed: str, version: int) -> str:
    return blake2b(f"{seed}:{version}".encode(), digest_size=4).hexdigest()
