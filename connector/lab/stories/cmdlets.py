"""Play the seed's cmdlet lines, word for word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.lab.records import contact, group, user
from connector.lab.stage import story

if TYPE_CHECKING:
    from connector.lab.stage import Stage

_ALL = "Get-MsolDirSyncProvisioningError -ErrorCategory PropertyConflict"
_UPN, _INFO = "User@domain.com", "smtp:info@contoso.com"


@story(
    "cmdlets",
    "The cmdlets that find quarantined values",
    rule="Then, use the following cmdlets and operators to view errors in different ways.",
    settings={"tenant.verified_domains": "contoso.com,domain.com"},
)
def cmdlets(stage: Stage) -> None:
    stage.say("User A has the values that User B, a group and a contact want.")
    stage.directory.apply(
        user("user.a", "User A", upn="User@domain.com", proxies=["SMTP:info@contoso.com"])
    )
    stage.run("sync")
    stage.directory.apply(
        user("user.b", "User B", upn="User@domain.com", proxies=["smtp:info@contoso.com"]),
        group("Desk", [], address="desk@contoso.com", proxies=["smtp:info@contoso.com"]),
        contact("Carla", "carla@fabrikam.example", "Fabrikam", ["smtp:info@contoso.com"]),
    )
    stage.run("sync", code=1)
    stage.heading("Is the feature enabled?")
    stage.run("cmdlet", "Connect-MsolService")
    for feature in ("DuplicateUPNResiliency", "DuplicateProxyAddressResiliency"):
        shown = stage.run("cmdlet", f"Get-MsolDirSyncFeatures -Feature {feature}")
        stage.expect(f"{feature} is enabled", "True" in shown.out)
    stage.heading("See all")
    _finds(stage, _ALL, {("User B", _UPN), ("User B", _INFO), ("Desk", _INFO), ("Carla", _INFO)})
    stage.heading("By property type")
    _finds(stage, f"{_ALL} -PropertyName UserPrincipalName", {("User B", _UPN)})
    proxies = {("User B", _INFO), ("Desk", _INFO), ("Carla", _INFO)}
    _finds(stage, f"{_ALL} -PropertyName ProxyAddresses", proxies)
    stage.heading("By conflicting value")
    by_value = "-PropertyValue User@domain.com -PropertyName UserPrincipalName"
    _finds(stage, f"{_ALL} {by_value}", {("User B", _UPN)})
    stage.heading("Using a string search")
    _finds(stage, f"{_ALL} -SearchString User", {("User B", _UPN), ("User B", _INFO)})
    stage.heading("In a limited quantity or all")
    _finds(stage, f"{_ALL} -MaxResults 5", {("User B", _UPN), *proxies})
    _finds(stage, f"{_ALL} -All", {("User B", _UPN), *proxies})
    stage.heading("Two rules for all of them")
    stage.say("All of the cmdlets are case sensitive:")
    stage.run("cmdlet", _ALL.lower(), code=1)
    _finds(stage, f"{_ALL} -SearchString USER", set())
    stage.say("-ErrorCategory PropertyConflict must always be included:")
    stage.run("cmdlet", "Get-MsolDirSyncProvisioningError", code=1)


def _finds(stage: Stage, line: str, expected: set[tuple[str, str]]) -> None:
    """Run a line; expect its table to show these display names and values."""
    rows = _rows(stage.run("cmdlet", line).out)
    found = sorted((row["DisplayName"], row["PropertyValue"]) for row in rows)
    names = ", ".join(f"{value} of {name}" for name, value in sorted(expected)) or "nothing"
    stage.expect(f"it finds {names}", found == sorted(expected))


def _rows(text: str) -> list[dict[str, str]]:
    """Parse a table; the dashes under its heads mark where the columns begin."""
    lines = [line for line in text.splitlines() if line]
    if not lines:
        return []
    heads, rules, *rows = lines
    starts = [match.start() for match in re.finditer("-+", rules)]
    columns = [slice(*ends) for ends in zip(starts, [*starts[1:], None], strict=True)]
    return [{heads[c].strip(): row[c].strip() for c in columns} for row in rows]
