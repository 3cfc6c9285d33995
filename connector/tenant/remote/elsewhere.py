"""Stand for the store of a tenant that another site has: what would need it is refused, with the next step."""

from __future__ import annotations

from typing import NoReturn

from connector.errors import TenantElsewhere


class Elsewhere:
    """The store of a tenant at ``url``; every question and every change is refused."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise elsewhere(self._url)


def elsewhere(url: str) -> TenantElsewhere:
    """Return the refusal of what needs the tenant itself."""
    return TenantElsewhere(
        f"This needs the tenant itself, which is at {url}: ask there, by the same command on its machine, its "
        "pages or its Graph API."
    )
