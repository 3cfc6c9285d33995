"""Staged entries, found by what people call them."""

from __future__ import annotations

from connector.rules.ruleset import Rules
from connector.settings import DirectorySettings
from connector.values.entries import staged_key
from tests.fakes import SUFFIX


def found(stage, identity):
    return [entry.dn for entry in stage.space.lookup.find(identity)]


def test_an_entry_is_found_by_its_dn_in_any_spelling_its_anchor_and_its_addresses(stage):
    ann = stage.directory.user("ann", proxies=["SMTP:a@contoso.com", "smtp:Ann.A@contoso.com"])
    stage.directory.user("bob")
    stage.read()
    (anchor,) = stage.rows("SELECT anchor FROM entry WHERE dn = ?", ann)

    names = (ann.upper(), anchor, "ANN@contoso.com", "smtp:ann.a@contoso.com")

    assert [found(stage, name) for name in names] == [[ann]] * 4
    assert found(stage, "nobody@contoso.com") == []


def test_an_entry_whose_name_is_not_utf8_is_found_by_its_dn(stage):
    dn = f"cn=caf\\e9,{SUFFIX}"
    stage.directory.group("staff", below=SUFFIX, members=[])
    stage.directory.add(f"cn=caf\udce9,{SUFFIX}", ["groupOfNames"], cn=b"caf\xe9")
    stage.read()

    assert found(stage, dn) == [dn]


def test_the_members_of_a_group_are_its_folded_dns(stage):
    ann = stage.directory.user("Ann")
    staff = stage.directory.group("staff", [ann])
    stage.read()

    assert stage.space.lookup.members_of(staff.upper()) == {staged_key(ann)}
    assert stage.space.lookup.members_of(ann) == set()


def test_a_member_whose_name_is_not_utf8_belongs_to_the_pilot_group(stage):
    odd = stage.directory.user("caf\udce9", "cafe@contoso.com", sAMAccountName="cafe", uid="cafe")
    stage.directory.user("ann")
    staff = stage.directory.group("staff", [odd])
    stage.read()
    pilots = stage.space.lookup.members_of(staff)
    stage.rules = Rules(DirectorySettings(url=("ldap://memory",), base_dn=SUFFIX), pilots)

    exports = stage.decide()

    names = [export.properties["onPremisesDistinguishedName"] for export in exports]
    assert names == [f"uid=caf\\e9,ou=users,{SUFFIX}"]
