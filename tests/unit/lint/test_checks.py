"""The checks of single values and between objects, by the error names of IdFix."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector import resources
from connector.lab.records import SERVICES
from connector.lint import findings
from connector.lint.checks import check
from connector.lint.duplicates import Duplicates
from connector.lint.files import read
from connector.lint.fixes import as_csv, as_ldif
from connector.lint.lint import LdifDirectory, lint
from connector.model import ObjectType, StagedEntry
from connector.rules.scope import Scope
from connector.values import dn as dns
from connector.values.ldif import parse

SEEDS = resources.schema().parent / "compose" / "lab"
BAD, CONTOSO = SEEDS / "bad.ldif", SEEDS / "contoso.ldif"


def entry(kind=ObjectType.USER, dn="uid=ann,dc=contoso,dc=com", **attributes):
    values = {"displayname": ["Ann"], "cn": ["ann"], **attributes}
    return StagedEntry("anchor", kind, dn, dns.key(dn), "", values)


def found(**attributes):
    """The findings of one user with these attributes: (attribute, error, update)."""
    return [(f.attribute, f.error, f.update) for f in check(entry(**attributes))]


def test_an_ordinary_user_has_nothing_to_correct():
    assert (
        found(
            userprincipalname=["ann.o-neil@contoso.com"],
            proxyaddresses=["SMTP:ann@contoso.com", "X500:/o=Contoso/cn=ann"],
            mail=["ann@contoso.com"],
            samaccountname=["ann"],
        )
        == []
    )


@pytest.mark.parametrize(
    ("attribute", "value", "error", "update"),
    [
        ("displayname", "x" * 256, findings.LENGTH, "x" * 255),
        ("givenname", "x" * 64, findings.LENGTH, "x" * 63),
        ("mailnickname", "." + "ann", findings.CHARACTER, "ann"),
        ("samaccountname", "a" * 21, findings.LENGTH, "a" * 20),
        ("samaccountname", "an/n", findings.CHARACTER, "ann"),
        ("proxyaddresses", "smtp:an n@contoso.com", findings.CHARACTER, "smtp:ann@contoso.com"),
        ("proxyaddresses", "ann@contoso.com", findings.FORMAT, "smtp:ann@contoso.com"),
        ("proxyaddresses", "smtp:a:b@contoso.com", findings.CHARACTER, "smtp:ab@contoso.com"),
        ("proxyaddresses", "smtp:contoso.com", findings.FORMAT, None),
        ("proxyaddresses", "smtp :ann@contoso.com", findings.CHARACTER, "smtp:ann@contoso.com"),
        ("userprincipalname", "ann@contoso.local", findings.TOP_LEVEL_DOMAIN, None),
        ("userprincipalname", "ann@-contoso.com", findings.DOMAIN_PART, None),
        ("userprincipalname", "ann..b@contoso.com", findings.LOCAL_PART, None),
        ("userprincipalname", "a@b@contoso.com", findings.LOCAL_PART, None),
        ("userprincipalname", "änn@contoso.com", findings.CHARACTER, "nn@contoso.com"),
        ("userprincipalname", "x" * 110 + "@b.de", findings.LENGTH, ("x" * 110 + "@b.de")[:113]),
        ("targetaddress", "SMTP:a\\b@contoso.com", findings.CHARACTER, "SMTP:ab@contoso.com"),
    ],
)
def test_a_value_that_the_cloud_would_not_take_is_found(attribute, value, error, update):
    names = [(name.lower(), *rest) for name, *rest in found(**{attribute: [value]})]

    assert (attribute, error, update) in names


@pytest.mark.parametrize(
    ("kind", "attribute", "value"),
    [
        (ObjectType.CONTACT, "proxyaddresses", "SMTP:ann@fabrikam.example"),
        (ObjectType.CONTACT, "targetaddress", "SMTP:ann@fabrikam.example"),
        (ObjectType.GROUP, "proxyaddresses", "smtp:all@contoso.local"),
        (ObjectType.USER, "targetaddress", "SMTP:ann@fabrikam.example"),
        (ObjectType.USER, "userprincipalname", "ann.o'neil@contoso.com"),
        (ObjectType.USER, "proxyaddresses", "smtp:ann.o'neil@contoso.com"),
        (ObjectType.USER, "proxyaddresses", "X500:/o=O'Neil/cn=ann"),
        (ObjectType.USER, "targetaddress", "SMTP:ann.o'neil@contoso.com"),
    ],
)
def test_a_value_that_the_cloud_takes_as_it_is_is_not_found(kind, attribute, value):
    assert list(check(entry(kind, **{attribute: [value]}))) == []


@pytest.mark.parametrize(
    ("attribute", "value", "why"),
    [
        ("userprincipalname", "ann@contoso.local", "uses the initial domain"),
        (
            "proxyaddresses",
            "smtp:ann@contoso.LOCAL",
            "takes the address from a user with an Exchange licence",
        ),
    ],
)
def test_a_user_is_told_what_a_domain_that_cannot_be_verified_costs(attribute, value, why):
    messages = [finding.message for finding in check(entry(**{attribute: [value]}))]

    assert messages == [f".local is not routable: the cloud cannot verify it and {why}"]


def test_a_domain_that_the_tenant_verified_is_not_found():
    ann = entry(userprincipalname=["ann@Corp.Test"], proxyaddresses=["SMTP:ann@corp.test"])

    assert list(check(ann, verified={"corp.test"})) == []


def test_the_shipped_contoso_has_three_old_names_to_correct_and_nothing_else():
    directory = LdifDirectory(read(CONTOSO), "contoso.ldif")

    scope = Scope(exclude=[SERVICES])

    found = [(f.attribute, f.error, f.value) for f in lint(directory.changes(None), scope)]

    assert found == [
        ("userPrincipalName", findings.TOP_LEVEL_DOMAIN, f"{uid}@contoso.local")
        for uid in ("ewa.kozlowska", "viet.ho", "yumi.sato")
    ]


def test_a_missing_display_name_is_blank_and_the_common_name_would_do():
    assert found(displayname=[]) == [("displayName", findings.BLANK, "ann")]


def test_a_mail_attribute_other_than_the_primary_address_is_found():
    assert found(mail=["old@contoso.com"], proxyaddresses=["SMTP:ann@contoso.com"]) == [
        ("mail", findings.MAIL_MATCH, "ann@contoso.com")
    ]


def test_duplicates_are_judged_as_the_tenant_judges_them():
    duplicates = Duplicates()
    duplicates.collect(
        entry(dn="cn=a", proxyaddresses=["SMTP:Joe@contoso.com"], mailnickname=["a"])
    )
    duplicates.collect(entry(ObjectType.GROUP, "cn=b", proxyaddresses=["smtp:joe@contoso.com"]))
    duplicates.collect(entry(dn="cn=c", userprincipalname=["joe@contoso.com"]))

    assert [(f.dn, f.error, f.action, f.message) for f in duplicates.findings()] == [
        ("cn=a", findings.DUPLICATE, findings.COMPLETE, "also on cn=b"),
        ("cn=b", findings.DUPLICATE, findings.REMOVE, "also on cn=a"),
    ]


def test_addresses_that_the_tenant_drops_are_no_duplicates():
    duplicates = Duplicates()
    duplicates.collect(entry(dn="cn=a", proxyaddresses=["smtp:(joe)@contoso.com", "x500:/o=x"]))
    duplicates.collect(entry(dn="cn=b", proxyaddresses=["smtp:(joe)@contoso.com", "X500:/O=X"]))

    assert [(f.dn, f.value) for f in duplicates.findings()] == [
        ("cn=a", "x500:/o=x"),
        ("cn=b", "X500:/O=X"),
    ]


def test_a_mail_attribute_is_compared_with_the_primary_address_as_the_tenant_compares():
    errors = found(mail=[" STRASSE@contoso.com"], proxyaddresses=["SMTP:stra\u00dfe@contoso.com"])

    assert [attribute for attribute, *_ in errors] == ["proxyAddresses"]


def test_the_labs_bad_objects_give_every_error_name():
    directory = LdifDirectory(read(Path(BAD)), "bad.ldif")

    names = {finding.error for finding in lint(directory.changes(None), Scope())}

    assert names == set(findings.ERRORS)


def test_fixes_are_change_records_that_ldapmodify_takes():
    bad = check(entry(samaccountname=["an/n"], dn="cn=Ä,dc=x"))

    [record] = parse("".join(as_ldif(bad)))

    assert (record.dn, [(m.operation, m.values) for m in record.modifications]) == (
        "cn=Ä,dc=x",
        [("delete", (b"an/n",)), ("add", (b"ann",))],
    )


def test_a_value_that_a_spreadsheet_would_run_is_made_harmless():
    bad = check(entry(displayname=["=cmd()" + "x" * 300]))

    header, line = as_csv(bad)

    assert header.startswith("dn,object_type,attribute,error")
    assert ",'=cmd()" in line
