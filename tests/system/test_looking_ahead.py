"""lint, whatif, explain and verify as commands, on a real directory and on a file."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from connector import resources
from tests.fakes import SUFFIX
from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from pathlib import Path

BAD = resources.schema().parent / "compose" / "lab" / "bad.ldif"

FAILING = """
[[rules]]
name = "Offices"
from = "user"
precedence = 50
scope = ["l ISNULL"]
flows = [{ to = "city", value = 'Error("no office")' }]
"""
PLANNED = """
dn: uid=ann,dc=contoso,dc=com
objectClass: inetOrgPerson
uid: ann
cn: Ann
sn: Ann
displayName: Ann
userPrincipalName: ann@contoso.com

dn: uid=bob,dc=contoso,dc=com
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: Bob
displayName: Bob
userPrincipalName: bob@contoso.com
l: Berlin
"""


class AtSlapd(CommandLine):
    """Commands on a directory that the test can change."""

    def __init__(self, path: Path, directory: dict[str, Any], world: SlapdWorld) -> None:
        super().__init__(path, directory)
        self.world = world


@pytest.fixture
def connector(tmp_path):
    world = SlapdWorld(tmp_path / "slapd")
    right = {"url": world.slapd.url, "bind_dn": world.slapd.admin, "password": world.password}
    yield AtSlapd(tmp_path, right, world)
    world.close()


def conflict(connector):
    """Ann has Joe's name; Bob, who is not synced yet, wants it."""
    connector.world.user("ann", upn="joe@contoso.com")
    connector.json("sync")
    return connector.world.user("bob", upn="joe@contoso.com")


def test_lint_of_a_directory_names_duplicates_and_who_would_win(connector):
    conflict(connector)

    done = connector.run("lint")

    assert done.returncode == 1
    assert "Duplicate" in done.stdout
    assert "would quarantine UserPrincipalName joe@contoso.com of Bob; Ann keeps it" in done.stdout


def test_lint_of_a_file_needs_no_directory_and_gives_csv_and_fixes(connector):
    connector.world.slapd.stop()

    table = connector.run("lint", "--ldif", str(BAD), "--format", "csv")
    fixes = connector.run("lint", "--ldif", str(BAD), "--format", "ldif")

    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert {"Format", "Blank", "Duplicate", "Length"} <= {row["error"] for row in rows}
    assert "changetype: modify" in fixes.stdout


def test_lint_names_the_objects_for_which_a_rule_fails(connector, tmp_path):
    rules = connector.settings.parent / "rules"
    rules.mkdir()
    (rules / "own.toml").write_text(FAILING)
    connector.world.slapd.stop()
    file = tmp_path / "planned.ldif"
    file.write_text(PLANNED)

    done = connector.run("lint", "--ldif", str(file))
    found = connector.json("lint", "--ldif", str(file), codes=(1,))["predicted"]

    why = "no office (rule 'Offices', city); correct the object, or the rule"
    assert done.returncode == 1
    assert f"The next sync would fail for uid=ann,dc=contoso,dc=com: {why}\n" in done.stdout
    assert [(each["kind"], each["dn"], each["message"]) for each in found] == [
        ("synchronization", "uid=ann,dc=contoso,dc=com", why)
    ]


def test_the_fixes_of_lint_are_taken_by_a_directory_and_leave_fewer_errors(connector):
    connector.world.slapd.apply(BAD.read_text())
    before = len(connector.json("lint", codes=(1,))["findings"])
    fixes = connector.run("lint", "--format", "ldif").stdout

    for record in fixes.split("\n\n"):
        if "delete: " in record and "add: " in record and "mail" not in record.lower():
            connector.world.slapd.apply(_as_replace(record))

    assert len(connector.json("lint", codes=(1,))["findings"]) < before


def test_whatif_of_a_file_shows_the_effect_and_changes_nothing(connector, tmp_path):
    bob = conflict(connector)
    change = tmp_path / "change.ldif"
    change.write_text(
        f"dn: {bob}\nchangetype: modify\nreplace: displayName\ndisplayName: Robert\n-\n"
    )

    done = connector.run("whatif", str(change))
    broken = tmp_path / "broken.ldif"
    broken.write_text("dn: uid=nobody,dc=contoso,dc=com\nchangetype: delete\n")
    refused = connector.run("whatif", str(broken))

    assert "Robert" in done.stdout
    assert set(connector.objects()) == {"Ann"}
    assert refused.returncode == 2
    assert "line 1" in refused.stderr


def test_whatif_shows_what_the_file_alone_does(connector, tmp_path):
    conflict(connector)
    change = tmp_path / "change.ldif"
    change.write_text(
        "dn: uid=ann,ou=users,dc=contoso,dc=com\nchangetype: modify\nreplace: roomNumber\n"
        "roomNumber: 7\n-\n\ndn: cn=elsewhere,dc=fabrikam,dc=com\nchangetype: delete\n"
    )

    done = connector.run("whatif", str(change))

    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            "Not looked at: line 7: cn=elsewhere,dc=fabrikam,dc=com is outside dc=contoso,dc=com",
            "No effect.",
        ],
    )


def test_whatif_says_that_it_does_not_judge_the_filter(connector, tmp_path):
    change = tmp_path / "change.ldif"
    dn = f"uid=ann,ou=users,{SUFFIX}"
    change.write_text(f"dn: {dn}\nchangetype: modify\nreplace: roomNumber\nroomNumber: 7\n-\n")
    connector.environ = {"CONNECTOR__DIRECTORY__FILTER": "(!(roomNumber=7))"}
    connector.world.user("ann")
    connector.json("sync")

    done = connector.run("whatif", str(change))

    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        [
            f"Not looked at: line 1: whether {dn} meets directory.filter (!(roomNumber=7))",
            "No other effect.",
        ],
    )


def test_whatif_tells_of_a_conflict_that_no_longer_comes(connector, tmp_path):
    bob = conflict(connector)
    change = tmp_path / "change.ldif"
    change.write_text(
        f"dn: {bob}\nchangetype: modify\nreplace: userPrincipalName\n"
        "userPrincipalName: bob@contoso.com\n-\n"
    )

    done = connector.run("whatif", str(change))

    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        [
            "1 user to update:",
            f"  ~ Bob ({bob})",
            "      userPrincipalName: joe@contoso.com -> bob@contoso.com",
            "No longer: Quarantined: UserPrincipalName joe@contoso.com of Bob, held by Ann",
        ],
    )


def test_lint_takes_what_ldapsearch_prints_and_says_what_is_missing(connector, tmp_path):
    conflict(connector)
    printed = connector.world.slapd
    file = tmp_path / "printed.ldif"
    file.write_text(
        printed.search("(objectClass=inetOrgPerson)", "*")
        + "# search reference\nref: ldap://other/\n\n# search result\nsearch: 2\nresult: 4 Size limit\n"
    )

    done = connector.run("lint", "--ldif", str(file))
    fixes = connector.run("lint", "--ldif", str(file), "--format", "ldif")

    told = [line for line in done.stdout.splitlines() if line.startswith("Not looked at")]
    assert [line.partition(": ")[2].partition(": ")[2] for line in told] == [
        "a reference to another server, ldap://other/",
        "what the search did not return, for it ended with 4 Size limit",
    ]
    assert "would quarantine UserPrincipalName joe@contoso.com" in done.stdout
    assert told == [line for line in fixes.stderr.splitlines() if line]


def test_explain_prints_one_page_from_entry_to_conflict(connector):
    conflict(connector)
    connector.json("sync", codes=(1,))

    page = connector.run("explain", f"uid=bob,ou=users,{SUFFIX}").stdout
    json = connector.json("explain", "uid=bob,ou=users,dc=contoso,dc=com")
    nobody = connector.run("explain", "nobody@contoso.com")

    titles = [line for line in page.splitlines() if line and not line.startswith(" ")]
    assert titles == [
        "Directory",
        "Scope",
        "Attribute flow",
        "Matching",
        "Export",
        "Cloud",
        "Conflicts",
    ]
    assert "held by: Ann" in page
    assert json[0]["conflicts"][0]["value"] == "joe@contoso.com"
    assert nobody.returncode == 2


def test_an_expression_is_tried_on_the_entry_as_the_directory_has_it_now(connector):
    ann = connector.world.user("ann")
    connector.json("sync")
    connector.world.modify(ann, o="Fabrikam", jpegPhoto=b"\xff\xd8", street="Lee St")

    tried = connector.json(
        "rules",
        "test",
        "UCase([O]) & [streetAddress] & Len([jpegPhoto;binary]) & [gone]",
        "--object",
        "ann@contoso.com",
    )
    gone = connector.run("rules", "test", "[o]", "--object", f"uid=gone,{SUFFIX}")

    assert tried == {
        "outcome": "value",
        "value": "FABRIKAMLee St2",
        "error": None,
        "attributes": {
            "O": ["Fabrikam"],
            "streetAddress": ["Lee St"],
            "jpegPhoto": [{"base64": "/9g="}],
            "gone": [],
        },
    }
    assert (gone.returncode, gone.stderr) == (
        2,
        f"connector: uid=gone,{SUFFIX} is not in the directory.\n",
    )


def test_verify_tells_what_differs_and_is_content_after_a_sync(connector):
    conflict(connector)

    before = connector.run("verify")
    connector.json("sync", codes=(1,))
    after = connector.run("verify")

    assert (before.returncode, after.returncode) == (1, 0)
    assert "not staged yet" in before.stdout
    assert connector.json("verify") == []


def _as_replace(record: str) -> str:
    """Turn delete-and-add into a replace: msuser's attributes have no rule to compare values by."""
    lines = record.splitlines()
    head = [line for line in lines[:3] if not line.startswith("#")]
    name = next(line for line in lines if line.startswith("add: ")).removeprefix("add: ")
    value = lines[lines.index(f"add: {name}") + 1]
    return "\n".join([*head, f"replace: {name}", value, "-", "", ""])
