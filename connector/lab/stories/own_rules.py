"""Play the rules of somebody's own server: take them, look, let them work, and take them away again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector import resources
from connector.lab.contoso import contoso
from connector.lab.records import user, user_dn
from connector.lab.stage import story
from connector.values.ldif import delete

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.lab.stage import Stage

_EXPORT = "exported"
_TAKEN = "rules/server.toml"
_SHOWN = "SynchronizationRules/leavers.xml"
_NAMES = "In from contoso - names in proper case"
_LEAVERS = "In from contoso - leavers stay out"
_JOIN = "In from contoso - one person of two accounts"
_OUT = "Out to AAD - short department"
_MADE = ("id", "onPremisesLastSyncDateTime")
_DIFFERENT, _HELD = 1, 3


@story(
    "own-rules",
    "The rules of your own server, and what they do to this directory",
    rule="A rule of your own is asked before those that Microsoft made, if its precedence is below 100. When it "
    "is taken away, the objects are what they were before.",
    takes_export=True,
)
def own_rules(stage: Stage) -> None:
    stage.say(
        "Contoso is in the cloud, with the default rules alone. Anne's name came as somebody typed it."
    )
    stage.directory.load(contoso())
    stage.directory.apply(
        user("anne", "Anne Berg", givenName="anne MARIE", employeeNumber="4711"),
        user("lee", "Lee Vogt", employeeType="Leaver"),
    )
    stage.run("sync")
    before = _objects(stage)
    stage.heading("What the server exported")
    stage.say(
        "On the server, Get-ADSyncServerConfiguration -Path C:\\exported writes a file of XML for each rule. "
        "The folder was copied here."
    )
    if stage.export:
        _bring(stage, stage.export)
        _what_they_do(stage)
    else:
        _bring(stage, _company())
        stage.read_out(f"{_EXPORT}/{_SHOWN}", _company()[_SHOWN])
        _what_those_of_the_company_do(stage)
    stage.heading("Back again")
    stage.take_away(_TAKEN)
    stage.run("sync", "--dry-run", code=(0, _DIFFERENT, _HELD))
    stage.run("sync", code=(0, 1))
    if stage.export:
        stage.say("What the rules had quarantined comes back in a sweep.")
        stage.run("tenant", "sweep")
    stage.expect("without the rules all objects are what they were", _objects(stage) == before)
    if not stage.export:
        stage.say(
            "To see what those of your own server do to Contoso: "
            "connector lab story own-rules --export FOLDER. docs/rules.md takes them to your directory."
        )


def _what_those_of_the_company_do(stage: Stage) -> None:
    stage.heading("What of it can be taken")
    report = stage.run("rules", "import", _EXPORT, "--output", _TAKEN, code=_DIFFERENT).out
    stage.expect(
        "a join and an outbound rule were left, each with a reason",
        f"{_JOIN} " in report and f"{_OUT} " in report,
    )
    names = [rule["name"] for rule in stage.json("rules", "list") if not rule["default"]]
    stage.expect(
        "five rules were taken, and the one that Microsoft made is not doubled",
        len(names) == 5 and _JOIN in names and _OUT not in names,  # noqa: PLR2004
    )
    stage.run("rules", "check")
    stage.run("rules", "show", _NAMES, "--toml")
    stage.run("rules", "diff", _EXPORT)
    stage.say("Nobody is asked yet. A dry run says what the rules would do:")
    planned = stage.run("sync", "--dry-run", code=_DIFFERENT).out
    stage.expect("it names who would be taken out", "- Lee Vogt " in planned)
    stage.expect("it names what would change", "givenName: anne MARIE -> Anne Marie" in planned)
    stage.heading("What they do")
    stage.run("sync")
    stage.run("explain", "anne@contoso.com")
    anne = stage.find("Anne Berg")
    stage.expect("her name is written as names are", anne["givenName"] == "Anne Marie")
    stage.expect("her badge is a directory extension", anne["extension_badge"] == "4711")
    stage.expect("Lee is not in the cloud any more", "Lee Vogt" not in _objects(stage))
    stage.run("explain", "lee@contoso.com")
    stage.run("cmdlet", f'(Get-ADSyncRule -Name "{_LEAVERS}").ScopeFilter')
    stage.say("A constant that applies once is for who comes new, and Dora does.")
    stage.directory.apply(user("dora", "Dora Lund"))
    stage.run("sync")
    stage.expect(
        "Dora is in Denmark, and Anne, who was there, is not",
        (stage.find("Dora Lund")["usageLocation"], stage.find("Anne Berg")["usageLocation"])
        == ("DK", None),
    )
    stage.directory.apply(delete(user_dn("dora")))


def _what_they_do(stage: Stage) -> None:
    """Play an export of the reader's own, of which nothing is known."""
    stage.heading("What of it can be taken")
    stage.run("rules", "import", _EXPORT, "--output", _TAKEN, code=(0, _DIFFERENT))
    mine = [rule for rule in stage.json("rules", "list") if not rule["default"]]
    stage.expect("a rule of the export was taken", mine != [])
    stage.run("rules", "check")
    stage.run("rules", "list")
    stage.run("rules", "diff", _EXPORT, code=(0, _DIFFERENT))
    stage.say("Nobody is asked yet. A dry run says what the rules would do to Contoso:")
    planned = stage.run("sync", "--dry-run", "--full", code=(0, _DIFFERENT, _HELD))
    if planned.code == _HELD:
        stage.say(
            "They would take so many out that the guard stops the cycle. It goes no further here."
        )
        return
    stage.heading("What they do")
    stage.run("sync", code=(0, 1))
    stage.run("errors")
    stage.run("explain", "anne@contoso.com")


def _company() -> Mapping[str, bytes]:
    """Return the files that the server of a company exported, by name."""
    folder = resources.compose("lab", _EXPORT)
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*.xml"))
    }


def _bring(stage: Stage, export: Mapping[str, bytes]) -> None:
    stage.bring({f"{_EXPORT}/{name}": content for name, content in export.items()})


def _objects(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return the tenant's objects by their names, without what differs for one that is made again."""
    return {
        found["displayName"]: {key: value for key, value in found.items() if key not in _MADE}
        for found in stage.json("objects")
    }
