"""The page of one object: what ``connector explain`` says of it, a region a step of its way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.assembly import rules_in_force
from connector.errors import AmbiguousIdentity, UnknownObject
from connector.report import cures
from connector.report.explain import Explainer, made_of
from connector.report.object_history import change_rows, histories
from connector.web.pages.templating import address
from connector.web.pages.visit import see_other

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.assembly import Readers
    from connector.web.exchange import Reply
    from connector.web.pages.visit import Visit

PREFIX = "/objects/"
_CHANGES = 50
_NO_ENTRY = "The directory does not have it."
_WORDS = {
    "distinguishedName": "Distinguished name",
    "objectType": "Type",
    "sourceAnchor": "Source anchor",
    "created": "Created",
    "change": "Change number",
    "run": "Read in run",
    "runStarted": "Run started",
    "inScope": "In scope",
    "rule": "Rule",
    "reason": "Reason",
    "source": "Source",
    "match": "Match",
    "with": "With",
    "id": "Cloud id",
    "state": "State",
    "changed": "Changed properties",
    "displayName": "Display name",
    "userPrincipalName": "User principal name",
    "mail": "Mail",
    "mailNickname": "Mail nickname",
    "proxyAddresses": "Proxy addresses",
    "onPremisesLastSyncDateTime": "Last sync",
    "deletedDateTime": "Deleted",
    "administratorRole": "Administrator role",
    "referenced": "Members named",
    "unresolved": "Not synced",
    "wanted": "Wanted",
    "resolve": "What resolves it",
}
_LDAP_MOMENT = re.compile(r"^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]\d+)?Z$", re.ASCII)
_MOMENTS = frozenset({"created", "runStarted", "onPremisesLastSyncDateTime", "deletedDateTime"})


class Fact(NamedTuple):
    """A name with its values; ``is_moment`` where they are times."""

    name: str
    values: Sequence[str]
    is_moment: bool = False


class Conflict(NamedTuple):
    """A conflict as ``connector explain`` has it; ``holder`` is the identity of the one that holds the value."""

    facts: Mapping[str, Any]
    holder: str
    cure: Sequence[tuple[str, ...]]


class Explained(NamedTuple):
    """What the page shows of an object, region by region; ``empty`` says why a region has nothing."""

    directory: Sequence[Fact]
    scope: Sequence[Fact]
    flow: Sequence[Mapping[str, Any]]
    matching: Sequence[Fact]
    export: Sequence[Fact]
    cloud: Sequence[Fact]
    sign_in: Sequence[Fact]
    members: Sequence[Fact]
    conflicts: Sequence[Conflict]
    reason: str | None
    match_id: str


def show(visit: Visit) -> Reply:
    """Show the object that the rest of the path names: a cloud id, a source anchor or another identity."""
    identity = visit.call.path.removeprefix(PREFIX)
    try:
        with visit.context.reading() as readers:
            pages = _explainer(visit, readers).explain(identity)
            changes = _changes(readers, identity)
    except UnknownObject:
        return visit.refuse(
            404,
            "No such object",
            "Neither the connector space nor the tenant has an object of this name. It may have been deleted.",
        )
    except AmbiguousIdentity as error:
        head, *candidates = str(error).splitlines()
        return visit.show(
            "several.html",
            {"head": head, "candidates": [line.strip() for line in candidates]},
            status=409,
        )
    shown = [explained(page) for page in pages]
    title, subtitle = names(pages[0], identity)
    values = {"title": title, "subtitle": subtitle, "pages": shown, "changes": changes}
    return visit.show("explained.html", values)


def search(visit: Visit) -> Reply:
    """Send the browser to the page of the object that was searched for."""
    wanted = visit.asked("name")
    return see_other(address(wanted) if wanted else "/")


def names(page: Mapping[str, Any], identity: str) -> tuple[str, str]:
    """Return the display name of an object, and what it is."""
    cloud, directory = page.get("cloud") or {}, page.get("directory") or {}
    flow = {row.get("property"): row.get("value") for row in page.get("flow") or ()}
    name = cloud.get("displayName") or flow.get("displayName") or directory.get("distinguishedName")
    return str(name or identity), str(directory.get("objectType") or "in the cloud alone")


def explained(page: Mapping[str, Any]) -> Explained:
    """Arrange one explanation for the page."""
    matching, directory = page.get("matching") or {}, page.get("directory") or {}
    if created := directory.get("created"):
        directory = {**directory, "created": _of_directory(str(created))}
    flow = [
        row if "error" in row else {**row, "madeOf": made_of(row)} for row in page.get("flow") or ()
    ]
    return Explained(
        _facts(directory),
        _facts(page.get("scope")),
        flow,
        _facts({name: value for name, value in matching.items() if name != "id"}),
        _facts(page.get("export")),
        _facts(page.get("cloud")),
        _facts(page.get("signIn")),
        _facts(page.get("members")),
        [_conflict(one) for one in page.get("conflicts") or ()],
        page.get("reason"),
        _other(matching, page.get("cloud")),
    )


def text_of(value: object) -> str:
    """Write a single value for people."""
    match value:
        case True:
            return "yes"
        case False:
            return "no"
        case None:
            return "–"  # noqa: RUF001 - a dash
        case _:
            return str(value)


def _of_directory(moment: str) -> str:
    """Return a moment that LDAP writes, ``20261126234717Z``, as a stored one; another text as it is."""
    return _LDAP_MOMENT.sub(r"\1-\2-\3T\4:\5:\6Z", moment)


def _other(matching: Mapping[str, Any], cloud: Mapping[str, Any] | None) -> str:
    """Return the id of the object that an entry is matched with, where the page is of another one."""
    identity = str(matching.get("id") or "")
    return "" if cloud and cloud["id"] == identity else identity


def _facts(found: Mapping[str, Any] | None) -> list[Fact]:
    return [
        Fact(_WORDS.get(name, name), _values(value), name in _MOMENTS and bool(value))
        for name, value in (found or {}).items()
        if value != []
    ]


def _values(value: object) -> list[str]:
    return [text_of(one) for one in value] if isinstance(value, list) else [text_of(value)]


def _conflict(one: Mapping[str, Any]) -> Conflict:
    holder = one["heldBy"] or {}
    identity = holder.get("id") or holder.get("sourceAnchor") or ""
    return Conflict(one, str(identity), cures.paragraphs(one["resolve"] or ""))


def _explainer(visit: Visit, readers: Readers) -> Explainer:
    """Return who explains; a page asks no directory, so that none can hold it up."""
    settings = visit.context.settings
    rules = rules_in_force(settings, readers.space, readers.tenant)
    known_issues = settings.tenant.known_issues
    return Explainer(readers.space, readers.tenant, rules, lambda _: None, known_issues)


def _changes(readers: Readers, identity: str) -> list[list[object]]:
    """Return rows of the newest changes of the object that the history remembers."""
    found = histories(readers.space, readers.tenant, identity)
    return [
        row for one in found for change in one.changes[:_CHANGES] for row in change_rows(change)
    ]
