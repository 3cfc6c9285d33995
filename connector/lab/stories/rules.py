"""Play the default rules: what they do, and what is missing when one of them is switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.records import user
from connector.lab.stage import story

if TYPE_CHECKING:
    from connector.lab.stage import Stage

_EXCHANGE = "In from AD - User Exchange"
_DISABLED = "sync.disabled_rules"


@story(
    "rules",
    "A default rule is switched off, and the next one is asked",
    rule="An attribute flow belongs to a synchronization rule. The rule with the lowest precedence that has a "
    "value wins; a rule that is disabled contributes nothing.",
)
def rules(stage: Stage) -> None:
    stage.say("Ann has a nickname and a badge, which Exchange keeps in an attribute of its own.")
    stage.directory.apply(
        user("ann", "Ann", department="IT", mailNickname="ann.it", extensionAttribute1=" blue ")
    )
    stage.run("sync")
    ann = stage.find("Ann")
    stage.expect("her badge is blue, without spaces around it", _badge(ann) == "blue")
    stage.say("Which rule did that? The rules have the names that the documents give them:")
    stage.run("rules", "list")
    stage.run("rules", "show", _EXCHANGE)
    stage.say("An expression can be tried before a rule has it:")
    expression = 'PCase([department]) & " " & Trim([extensionAttribute1])'
    stage.run("rules", "test", expression, "--object", "ann@contoso.com")
    tried = stage.json("rules", "test", expression, "--object", "ann@contoso.com")
    stage.expect("it gives It blue", tried["value"] == "It blue")
    stage.say("Without the rule of Exchange, a dry run says what would be lost:")
    stage.set(_DISABLED, _EXCHANGE)
    stage.run("sync", "--dry-run", code=1)
    stage.run("sync")
    ann = stage.find("Ann")
    stage.expect("the badge is gone", _badge(ann) is None)
    stage.expect("her department stays: another rule has it", ann["department"] == "IT")
    [row] = [rule for rule in stage.json("rules", "list") if rule["name"] == _EXCHANGE]
    stage.expect("the rule is listed as disabled", row["disabled"])
    stage.run("cmdlet", "Get-ADSyncRule | where Disabled -eq $true | ft Name,Precedence")
    stage.say("Rules of your own stand beside the settings file: docs/rules.md has the first one.")


def _badge(found: dict[str, object]) -> object:
    attributes = found["onPremisesExtensionAttributes"]
    return attributes.get("extensionAttribute1") if isinstance(attributes, dict) else None
