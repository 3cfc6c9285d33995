"""Take the URL of a database apart, so that its password is never told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_SCHEME = re.compile(r"postgres(?:ql)?://")
_URL = re.compile(
    r"(?P<scheme>postgres(?:ql)?://)(?:(?P<user>[^@/:]*)(?::(?P<password>[^@/]*))?@)?"
    r"(?P<hosts>[^/?@\s]*)(?P<path>/[^/?@\s]*)?(?:\?(?P<query>\S*))?"
)
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.%]+\]|[^\[\]:]*)(?::[0-9]{1,5})?")
_SECRET = "password"  # noqa: S105 - the name of a key


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A database on a server; as text it has no password, which ``full`` has where one was given."""

    text: str
    full: str = field(repr=False)

    def __str__(self) -> str:
        return self.text

    @property
    def has_password(self) -> bool:
        return self.text != self.full


def database_url(text: str) -> DatabaseUrl:
    """Read the URL of a database in PostgreSQL, as libpq does; raises ValueError, which does not repeat it."""
    match = _URL.fullmatch(text)
    if match is None or not all(_HOST.fullmatch(host) for host in match["hosts"].split(",")):
        raise ValueError(
            "must be the path of a file, or postgresql://USER@HOST/DATABASE; write special characters "
            "of its parts as %40 for @"
        )
    pairs = [pair for pair in (match["query"] or "").split("&") if pair]
    names = [pair.partition("=")[0] for pair in pairs]
    if any("%" in name for name in names):
        raise ValueError("must have the names after the ? without a %")
    if any(name != _SECRET and name.lower().endswith(_SECRET) for name in names):
        raise ValueError("must not hold the passphrase of a key")
    shown = [pair for pair, name in zip(pairs, names, strict=True) if name != _SECRET]
    user = f"{match['user']}@" if match["user"] else ""
    query = f"?{'&'.join(shown)}" if shown else ""
    public = f"{match['scheme']}{user}{match['hosts']}{match['path'] or ''}{query}"
    is_secret = match["password"] is not None or len(shown) < len(pairs)
    return DatabaseUrl(public, text if is_secret else public)
