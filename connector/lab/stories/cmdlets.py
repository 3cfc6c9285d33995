"""Play the seed's cmdlet lines, word for word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.lab.records import contact, group, user
from connector.lab.stage import story

if TYPE_CHECKING:
    from connector.lab.stage import Stage

_ALL = "Get-MsolDirSyncProvisioningError -ErrorCategory PropertyConflict"


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
    everybody, users = ["Carla", "Desk", "User B"], ["User B"]
    stage.heading("See all")
    _finds(stage, _ALL, everybody)
    stage.say("One object an object of the directory; its conflicts are in ProvisioningErrors:")
    stage.run(
        "cmdlet", f"{_ALL} -SearchString User | Select-Object -ExpandProperty ProvisioningErrors"
    )
    stage.heading("By property type")
    _finds(stage, f"{_ALL} -PropertyName UserPrincipalName", users)
    _finds(stage, f"{_ALL} -PropertyName ProxyAddresses", everybody)
    stage.heading("By conflicting value")
    by_value = "-PropertyValue User@domain.com -PropertyName UserPrincipalName"
    _finds(stage, f"{_ALL} {by_value}", users)
    stage.heading("Using a string search")
    _finds(stage, f"{_ALL} -SearchString User", users)
    stage.heading("In a limited quantity or all")
    _finds(stage, f"{_ALL} -MaxResults 5", everybody)
    _finds(stage, f"{_ALL} -All", everybody)
    stage.heading("Two rules for all of them")
    stage.say("All of the cmdlets are case sensitive:")
    stage.run("cmdlet", _ALL.lower(), code=1)
    _finds(stage, f"{_ALL} -SearchString USER", [])
    stage.say("-ErrorCategory PropertyConflict must always be included:")
    stage.run("cmdlet", "Get-MsolDirSyncProvisioningError", code=1)


def _finds(stage: Stage, line: str, expected: list[str]) -> None:
    """Run a line; expect its list to show the objects with these display names."""
    shown = stage.run("cmdlet", line).out
    found = re.findall(r"^DisplayName +: (.+)$", shown, re.MULTILINE)
    stage.expect(f"it finds {', '.join(expected) or 'nothing'}", sorted(found) == expected)
