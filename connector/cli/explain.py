"""``connector explain``: one page on one object, from its directory entry to the cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.report.cures import lines
from connector.values import moments
from connector.values.printable import cut_within

if TYPE_CHECKING:
    from connector.settings import Settings
    from connector.values.staged import Staged

_TITLES = {
    "directory": "Directory",
    "reason": "Why it is so",
    "scope": "Scope",
    "flow": "Attribute flow",
    "members": "Members",
    "manager": "Manager",
    "matching": "Matching",
    "export": "Export",
    "cloud": "Cloud",
    "signIn": "Sign-in name",
    "conflicts": "Conflicts",
}


def explain(
    context: typer.Context,
    identity: Annotated[
        str,
        typer.Argument(
            metavar="IDENTITY",
            help="A DN, a UPN, an address, a source anchor, a cloud id, a uid or another name.",
        ),
    ],
    json: Json = False,
) -> None:
    """Explain an object: where it comes from, which rules made it what it is, what it waits for.

    It reads the entry in the directory now, and follows it through the connector space and the rules into
    the tenant. Where a value is quarantined, it says who holds it and what resolves that. An entry that is
    not synced is found too, with the reason.

    Examples:
      $ connector explain user.b@contoso.com
      $ connector explain 'uid=user.b,ou=users,dc=contoso,dc=com'
      $ connector explain printer7                                     by its uid or cn
      $ connector explain 'User B'                                     by its display name

    Exit codes:
      2  nothing is known by that name
      4  the directory is unavailable
    """
    from connector.assembly import rules_in_force
    from connector.report.explain import Explainer

    settings = opening.settings(context)
    with opening.reading(settings) as readers:
        explainer = Explainer(
            readers.space,
            readers.tenant,
            rules_in_force(settings, readers.space, readers.tenant),
            lambda dn: _look(settings, dn),
            settings.tenant.known_issues,
        )
        pages = explainer.explain(identity)
    if json:
        output.as_json(pages)
        return
    for page in pages:
        _print(cut_within(page))


def _look(settings: Settings, dn: str) -> Staged | None:
    """Read one entry in the directory now."""
    from connector.assembly import reads_in_force
    from connector.directory import open_directory
    from connector.reader import reading
    from connector.settings import directory_password
    from connector.values import dn as dns
    from connector.values.entries import stage

    password, reads = directory_password(settings), reads_in_force(settings)
    directory = open_directory(settings.directory, password=password, reads=reads)
    try:
        for entry in directory.read_below(dn):
            if dns.key(entry.dn) == dns.key(dn):
                return stage(entry, reading(directory, reads))
    finally:
        directory.close()
    return None


def _print(page: dict[str, Any]) -> None:
    for name, title in _TITLES.items():
        content = page.get(name)
        if not content:
            continue
        output.line(title)
        if name == "flow":
            _print_flow(content)
        elif name == "conflicts":
            for conflict in content:
                _print_conflict(conflict)
        elif isinstance(content, str):
            output.line(f"  {content}")
        else:
            for key, value in content.items():
                output.line(f"  {key}: {_text(value)}")
        output.line()


def _print_flow(rows: list[dict[str, Any]]) -> None:
    from connector.report.explain import made_of

    for row in rows:
        if "error" in row:
            output.line(f"  {row['error']}: {row['reason']}")
        else:
            value = _text(row["value"])
            output.line(f"  {row['property']}: {value}  <- {made_of(row)} ({row['rule']})")
            for other in row["others"]:
                lost = "" if other["value"] is None else f" {_text(other['value'])},"
                output.line(f"    not{lost} {other['rule']}: {other['reason']}")


def _print_conflict(conflict: dict[str, Any]) -> None:
    known = [conflict[key] for key in ("attribute", "value") if conflict[key] is not None]
    output.line(f"  {conflict['error']}: {' '.join(map(str, known)) or '-'}", hanging=4)
    if holder := conflict["heldBy"]:
        where = f", {holder['distinguishedName']}" if holder["distinguishedName"] else ""
        output.line(f"    held by: {holder['displayName']} ({holder['objectType']}{where})")
    since = moments.without_fraction(str(conflict["since"]))
    output.line(f"    since: {since}, attempts: {conflict['attempts']}")
    output.line(f"    why: {conflict['reason']}")
    if issue := conflict["knownIssue"]:
        output.line(f"    known issue: {issue['name']}: {issue['meaning']}")
        output.line(f"    to switch it off: {issue['switch']}")
    first, *rest = lines(conflict["resolve"])
    output.line(f"    what resolves it: {first}")
    for part in rest:
        output.line(f"      {part}")


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {each}" for key, each in value.items())
    return output.text(value)
