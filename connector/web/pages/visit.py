"""One request of a person who is signed in, and the frame that every page has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.web.exchange import Reply
from connector.web.pages import static
from connector.web.pages.guarding import first
from connector.web.pages.templating import page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.web.context import Context
    from connector.web.exchange import Call
    from connector.web.pages.events import Watch
    from connector.web.pages.work import Work

MENU = (
    ("/", "Home"),
    ("/admin/sync-errors", "Directory sync errors"),
    ("/health", "Connect Health"),
    ("/health/sync-errors", "All errors"),
    ("/health/deletions", "Deletes"),
)
"""The links of the navigation: path and name."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with what its handler works with.

    ``csrf_token`` is what the forms of the answer carry; ``form`` are the fields of the form that was sent.
    """

    call: Call
    context: Context
    work: Work
    watch: Watch
    csrf_token: str
    form: Sequence[tuple[str, str]] = ()

    def asked(self, name: str) -> str:
        """Return a parameter of the query without the spaces around it; empty where it is missing."""
        return (first(self.call.query, name) or "").strip()

    def sent(self, name: str) -> str:
        """Return a field of the form; empty where it is missing."""
        return first(self.form, name) or ""

    def page_number(self) -> int:
        """Return the number of the page of a list that is asked for, from 1 on."""
        asked = self.asked("page")
        return max(1, int(asked)) if asked.isdecimal() and len(asked) <= 7 else 1  # noqa: PLR2004

    def show(self, template: str, values: Mapping[str, object], *, status: int = 200) -> Reply:
        """Return a page in the frame: navigation, name of the tenant, sign-out."""
        return page(
            status,
            template,
            {**frame(self.call.path, self.context), **values, "csrf_token": self.csrf_token},
        )

    def note_change(self, what: str, of: str = "") -> None:
        """Log what a person changed."""
        self.context.note_change(self.call, what, of)

    def refuse(
        self, status: int, heading: str, sentence: str, *, back: str = "/", to: str = "Back to Home"
    ) -> Reply:
        """Return a page that says in a sentence why not, and leads back."""
        return self.show("refusal.html", refusal(heading, sentence, back, to), status=status)


def frame(path: str, context: Context) -> dict[str, object]:
    """Return what the frame of each page shows."""
    return {
        "menu": [(target, name, target == path) for target, name in MENU],
        "domain": context.settings.tenant.initial_domain,
        "css": static.path_of("style.css"),
        "script": static.path_of("script.js"),
        "icon": static.path_of("favicon.svg"),
    }


def refusal(heading: str, sentence: str, back: str, to: str) -> dict[str, object]:
    """Return what a page of refusal shows; ``to`` names the link to ``back``. Lines become one."""
    return {"heading": heading, "sentence": " ".join(sentence.split()), "back": back, "to": to}


def see_other(path: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Send the browser to another page, which it asks for with GET."""
    return Reply(303, b"", None, {"Location": path, **(headers or {})})


def not_allowed(methods: str) -> Reply:
    """Refuse a method that an address does not take."""
    text = b"This address takes other methods.\n"
    return Reply(405, text, "text/plain; charset=utf-8", {"Allow": methods})
