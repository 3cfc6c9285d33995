"""What rules of one's own promise on every server: what they read arrives as what the default rules read does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.system.commandline import CommandLine
    from tests.system.ldif_world import LdifWorld

RULES = """\
[[rules]]
name = "What the default rules do not read"
from = "user"
precedence = 50
scope = ["employeeNumber ISNOTNULL"]
flows = [
  { to = "extension_badge", from = "employeeNumber" },
  { to = "extension_cars", value = 'Join([carLicense],"+")' },
]
"""
NOTHING = {"adds": 0, "updates": 0, "deletes": 0, "unchanged": 0}


class OwnRulesContract:
    """A subclass gives the fixtures ``world`` and ``connector``: a directory, and the command that reads it."""

    def test_an_attribute_that_only_a_rule_reads_flows_changes_and_is_cleared(
        self, world: LdifWorld, connector: CommandLine
    ) -> None:
        add_rules(connector)
        ann = world.user("ann", employeeNumber="17", carLicense=["b 2", "a 1"])
        seen = [flowed(connector.synced()["Ann"])]
        counted = []
        for number, cars in (("18", ["a 1"]), ("18", []), ([], [])):
            world.modify(ann, employeeNumber=number, carLicense=cars)
            counted.append(imported(connector))
            seen.append(flowed(connector.objects()["Ann"]))

        assert seen == [("17", "a 1+b 2"), ("18", "a 1"), ("18", None), (None, None)]
        assert counted == [{**NOTHING, "updates": 1}] * 3

    def test_a_rule_that_is_added_later_reads_everything_once_and_then_what_changed(
        self, world: LdifWorld, connector: CommandLine
    ) -> None:
        ann = world.user("ann", employeeNumber="17")
        world.user("bob")
        before = flowed(connector.synced()["Ann"])
        add_rules(connector)
        full, delta = imported(connector), imported(connector)
        after = flowed(connector.objects()["Ann"])
        world.modify(ann, employeeNumber="18")
        changed = imported(connector)

        assert (before, after) == ((None, None), ("17", None))
        assert full["updates"] + full["unchanged"] >= 2
        assert (delta, changed) == (NOTHING, {**NOTHING, "updates": 1})
        assert flowed(connector.objects()["Ann"]) == ("18", None)


def add_rules(connector: CommandLine) -> None:
    folder = connector.settings.parent / "rules"
    folder.mkdir()
    (folder / "own.toml").write_text(RULES, encoding="utf-8")


def flowed(user: dict[str, Any]) -> tuple[str | None, str | None]:
    return user.get("extension_badge"), user.get("extension_cars")


def imported(connector: CommandLine) -> dict[str, int]:
    """Run a cycle, and return what its import of the directory counted."""
    first = connector.json("sync")["steps"][0]
    return {name: first[name] for name in NOTHING}
