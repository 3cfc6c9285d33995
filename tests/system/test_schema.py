"""Classes of a server's own: what counts follows its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector import resources
from tests.fakes import SUFFIX
from tests.system.laboratory import Laboratory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LAB = resources.schema("directory", "onprem.schema")
ABOVE = "objectclass ( 1.3.6.1.4.1.99999.2.{} NAME '{}' SUP {} STRUCTURAL MAY ( uid $ cn $ sn $ member ) )\n"
HIDDEN = 'access to dn.base="cn=Subschema" by * none\naccess to * by * read\n'


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., Laboratory]]:
    """Make a laboratory whose slapd has these lines among its schemas."""
    made = []

    def make(lines: str) -> Laboratory:
        own = tmp_path / "own.schema"
        own.write_text(lines)
        made.append(Laboratory(tmp_path, schemas=[LAB, own]))
        return made[-1]

    yield make
    for laboratory in made:
        laboratory.world.close()


def person(laboratory: Laboratory, name: str, kind: str) -> None:
    laboratory.world.apply(
        f"dn: uid={name},ou=users,{SUFFIX}\nobjectClass: {kind}\nuid: {name}\ncn: {name}\nsn: {name}\n"
    )


def test_classes_far_below_others_count_as_these(build):
    laboratory = build(
        ABOVE.format(1, "acmePerson", "inetOrgPerson")
        + ABOVE.format(2, "acmeBoss", "acmePerson")
        + ABOVE.format(3, "acmeTeam", "groupOfNames")
        + ABOVE.format(4, "acmeDoor", "device")
    )
    person(laboratory, "ann", "acmeBoss")
    laboratory.world.apply(
        f"dn: cn=team,ou=groups,{SUFFIX}\nobjectClass: acmeTeam\ncn: team\n"
        f"member: uid=ann,ou=users,{SUFFIX}\n\n"
        f"dn: cn=door,ou=groups,{SUFFIX}\nobjectClass: acmeDoor\ncn: door\n"
    )

    assert laboratory.sync() == {"ann": "user", "team": "group"}


def test_a_schema_that_changes_what_counts_leads_to_a_full_read(build, tmp_path):
    laboratory = build(ABOVE.format(1, "acmePerson", "top"))
    person(laboratory, "ann", "acmePerson")
    before = laboratory.sync()
    fingerprint = laboratory.directory.fingerprint()
    (tmp_path / "own.schema").write_text(ABOVE.format(1, "acmePerson", "inetOrgPerson"))
    laboratory.world.slapd.restart()

    after = laboratory.sync()

    assert (before, after) == ({}, {"ann": "user"})
    assert laboratory.directory.fingerprint() != fingerprint


def test_a_schema_that_changes_nothing_that_counts_leads_to_no_full_read(build, tmp_path):
    laboratory = build(ABOVE.format(1, "acmeDoor", "top"))
    fingerprint = laboratory.directory.fingerprint()
    (tmp_path / "own.schema").write_text(ABOVE.format(1, "acmeDoor", "device"))
    laboratory.world.slapd.restart()

    assert laboratory.directory.fingerprint() == fingerprint


def test_a_hidden_schema_is_told_and_the_standards_count(build):
    laboratory = build(ABOVE.format(1, "acmePerson", "inetOrgPerson") + HIDDEN)
    person(laboratory, "ann", "acmePerson")
    person(laboratory, "bob", "inetOrgPerson")

    finding = laboratory.world.findings()["schema"]

    assert laboratory.sync() == {"bob": "user"}
    assert finding.detail == (
        "warning: cn=Subschema is not shown, so of the classes below those of users, groups and contacts "
        "only the usual ones are known"
    )
    assert (finding.ok, finding.advice) == (
        True,
        f"Grant {laboratory.world.slapd.admin} read access to cn=Subschema.",
    )


def test_a_schema_that_is_shown_is_not_worth_a_line(build):
    assert "schema" not in build("").world.findings()


def test_a_class_is_added_and_taken_away_as_the_directory_would(build):
    laboratory = build(
        "objectclass ( 1.3.6.1.4.1.99999.2.1 NAME 'acmeAccount' SUP posixAccount AUXILIARY )\n"
    )
    laboratory.world.apply(
        f"dn: cn=box,ou=users,{SUFFIX}\nobjectClass: device\nobjectClass: acmeAccount\ncn: box\n"
        "uid: box\nuidNumber: 1\ngidNumber: 1\nhomeDirectory: /\n"
    )
    before = laboratory.sync()
    needed = ("uid", "uidNumber", "gidNumber", "homeDirectory")
    ldif = (
        f"dn: cn=box,ou=users,{SUFFIX}\nchangetype: modify\ndelete: objectClass\n"
        "objectClass: acmeAccount\n-\n" + "".join(f"delete: {name}\n-\n" for name in needed)
    )

    foreseen = laboratory.foreseen(ldif)

    assert (before, [change[0] for change in foreseen]) == ({"box": "user"}, ["delete"])
    assert foreseen == laboratory.true(ldif)
