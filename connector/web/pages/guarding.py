"""Keep strangers out of the pages: headers, forms, and paths that one may be sent to; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Headers of every answer of the pages; nothing is fetched from another host, no script stands in a page."""

_FIELDS = 50


def own_path(wanted: str | None) -> str:
    """Return the path to go on to after the sign-in: one of this site, else that of the first page."""
    path = wanted or "/"
    is_ours = path.startswith("/") and not path.startswith(("//", "/signin"))
    # Browsers read a backslash as a slash, and skip tabs and ends of lines.
    return path if is_ours and path.isascii() and path.isprintable() and "\\" not in path else "/"


def fields(body: bytes) -> Sequence[tuple[str, str]]:
    """Read the fields of a form; none of one that cannot be read."""
    try:
        text = body.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError:
        return ()


def first(pairs: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return the first value of a name among the pairs of a query or a form."""
    return next((value for key, value in pairs if key == name), None)
