"""Fill the templates: what comes from the directory is text, and hides nothing.

Every value is escaped where it is shown, and written as the terminal writes it: a character that cannot be
seen as its code, a text of a million characters by its beginning.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from connector.report.messages import portal_time
from connector.values import moments
from connector.values.counting import counted
from connector.values.printable import cut, printable
from connector.web.exchange import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

HTML = "text/html; charset=utf-8"
_FOLDER = Path(__file__).parent
_WORD = re.compile("(?<=[a-z])(?=[A-Z])")
_TO_MINUTE = len("2026-11-26T13:26")


def page(status: int, template: str, values: Mapping[str, object]) -> Reply:
    """Return a page as an answer. Raises UndefinedError for a value that the template lacks."""
    return Reply(status, render(template, values).encode("utf-8", "replace"), HTML)


def render(template: str, values: Mapping[str, object]) -> str:
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "address": address,
        "counted": counted,
        "inline": _inline,
        "minute": _minute,
        "plainly": _plainly,
        "moment": _moment,
        "portal_moment": _portal_moment,
        "seconds": _seconds,
        "thousands": _thousands,
        "with_query": _with_query,
        "words": words,
    }
    return environment


def _shown(value: object) -> object:
    """Return a value as it is shown; what is markup already stays."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(cut(value))
    return value


def _time(stamp: str, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(moments.without_fraction(stamp), text)


def _moment(text: str | None) -> Markup | str:
    """Show a stored moment to the second, in UTC; a dash where there is none."""
    if not text:
        return "–"  # noqa: RUF001 - a dash
    return _time(text, moments.without_fraction(text).replace("T", " ").removesuffix("Z"))


def _minute(text: str | None) -> Markup | str:
    """Show a stored moment to the minute, in UTC."""
    return _time(text, text[:_TO_MINUTE].replace("T", " ")) if text else "–"  # noqa: RUF001


def _portal_moment(text: str) -> Markup:
    """Show a moment as the admin center does."""
    return _time(text, portal_time(moments.read(text)))


def _inline(text: str) -> Markup:
    """Show what stands in backticks as code, as in ``(`connector sync`: now)``."""
    parts = [printable(cut(part)) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )


def words(name: str) -> Markup:
    """Show a name such as ``ObjectTypeMismatch``, which may go on in the next line at each of its words."""
    return Markup("<wbr>").join(_WORD.split(printable(cut(name))))


def _plainly(value: object) -> object:
    """Say yes or no for a truth value."""
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _seconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004


def _thousands(value: int) -> str:
    return f"{value:,}"


def address(identity: str) -> str:
    """Return the path of the page of an object."""
    return f"/objects/{quote(identity, safe='')}"


def _with_query(path: str, query: Mapping[str, str | int | None]) -> str:
    """Return a path with the parameters that have a value."""
    given = {name: str(value) for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path
