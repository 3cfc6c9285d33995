"""All rules together: the decision on a source anchor."""

from __future__ import annotations

from connector.model import (
    ExcludedEntry,
    Exported,
    Failure,
    ObjectType,
    Operation,
    StagedEntry,
    Work,
)
from connector.rules.ruleset import Decision, Rules
from connector.settings import DirectorySettings
from connector.values import dn as dns
from connector.values.canonical import canonical

ANCHOR = "AAAAAAAAAAAAAAAAAAAAAA=="
DN = "uid=ann,ou=users,dc=contoso,dc=com"
ANN = {"uid": ["ann"], "userprincipalname": ["ann@contoso.com"], "cn": ["Ann"]}
CLOUD = {
    "accountEnabled": True,
    "displayName": "Ann",
    "onPremisesDistinguishedName": DN,
    "onPremisesDomainName": "contoso.com",
    "onPremisesSamAccountName": "ann",
    "userPrincipalName": "ann@contoso.com",
}


def rules(**settings):
    given = {"url": ["ldap://memory"], "base_dn": "dc=contoso,dc=com", **settings}
    return Rules(DirectorySettings(**given))


def entry(attributes=ANN, kind=ObjectType.USER, dn=DN):
    return StagedEntry(ANCHOR, kind, dn, dns.key(dn), "20260101000000Z", attributes)


def work(*entries, wanted=None, members=0, exported=None, kind=ObjectType.USER):
    told = None if exported is None else Exported(kind, canonical(exported))
    return Work(ANCHOR, entries, wanted, members, told)


def test_an_entry_in_scope_is_to_be_added():
    decision = rules().decide(work(entry()))

    assert (decision.export.operation, decision.export.properties) == (Operation.ADD, CLOUD)
    assert decision.export.created == "20260101000000Z"


def test_an_entry_that_the_cloud_was_told_of_as_it_is_needs_nothing():
    assert rules().decide(work(entry(), exported=CLOUD)) == Decision()


def test_an_entry_that_changed_is_to_be_updated():
    decision = rules().decide(work(entry(), exported={**CLOUD, "displayName": "Anna"}))

    assert (decision.export.operation, decision.export.changed) == (
        Operation.UPDATE,
        ("displayName",),
    )


def test_an_object_without_an_entry_is_to_be_deleted():
    decision = rules().decide(work(exported=CLOUD))

    assert decision.export.operation is Operation.DELETE


def test_an_entry_out_of_scope_is_to_be_deleted_where_the_cloud_has_it():
    away = entry({**ANN, "admindescription": ["User_1"]})

    decisions = [rules().decide(work(away, exported=told)) for told in (CLOUD, None)]

    assert [d.export and d.export.operation for d in decisions] == [Operation.DELETE, None]


def test_an_entry_in_an_excluded_unit_is_out_of_scope():
    decision = rules(exclude=["ou=users,dc=contoso,dc=com"]).decide(work(entry()))

    assert decision == Decision(
        excluded=(
            ExcludedEntry(
                entry().anchor,
                "uid=ann,ou=users,dc=contoso,dc=com",
                "unit-excluded",
                "user",
                "below the excluded ou=users,dc=contoso,dc=com",
            ),
        )
    )


def test_a_group_with_too_many_members_fails_and_stays_in_the_cloud():
    group = entry({"cn": ["staff"]}, ObjectType.GROUP, "cn=staff,dc=contoso,dc=com")

    decision = rules().decide(
        work(group, members=250_001, exported={"displayName": "staff"}, kind=ObjectType.GROUP)
    )

    assert decision == Decision(
        failure=Failure(
            ANCHOR,
            "Maximum Group member count exceeded",
            None,
            None,
            "cn=staff,dc=contoso,dc=com has 250001 members, more than 250000",
        )
    )


def test_two_entries_of_one_source_anchor_fail():
    decision = rules().decide(work(entry(), entry(dn="uid=bob,dc=contoso,dc=com")))

    assert decision.export is None
    assert decision.failure.error == "AmbiguousSourceAnchor"


def test_of_two_entries_of_one_source_anchor_the_one_in_scope_counts():
    away = entry({**ANN, "admindescription": ["User_1"]}, dn="uid=bob,dc=contoso,dc=com")

    decision = rules().decide(work(away, entry()))

    assert decision.export.properties == CLOUD


def test_another_source_anchor_than_the_exported_one_fails():
    decision = rules().decide(work(entry(), wanted="other", exported=CLOUD))

    assert decision.failure == Failure(
        ANCHOR,
        "SourceAnchor attribute has changed.",
        "mS-DS-ConsistencyGuid",
        "other",
        f"{DN} was exported with the source anchor {ANCHOR} and now carries other; "
        "restore the former one to let its changes through",
    )


def test_an_object_that_left_the_cloud_may_get_another_anchor():
    decision = rules().decide(work(entry(), wanted="other"))

    assert (decision.failure, decision.export.operation) == (None, Operation.ADD)


def test_a_user_without_a_name_to_sign_in_with_fails():
    nameless = entry({"uid": ["ann"], "cn": ["Ann"]})

    decision = rules(base_dn="o=contoso").decide(work(nameless))

    assert decision.failure.error == "AccountName is not present"


def test_a_value_that_was_left_out_is_a_warning_with_the_name_of_its_entry():
    decision = rules().decide(work(entry({**ANN, "title": ["\udcff"]})))

    assert decision.export.properties == CLOUD
    assert decision.warnings == (
        f"{DN}: title holds a value that is not UTF-8; correct it in the directory",
    )


def test_other_settings_are_another_version():
    versions = {
        rules().version,
        rules(exclude=["ou=users,dc=contoso,dc=com"]).version,
        rules(include=["ou=users,dc=contoso,dc=com"]).version,
        rules(base_dn="dc=fabrikam,dc=com").version,
    }

    assert len(versions) == 4


def test_settings_that_no_rule_reads_are_the_same_version():
    assert rules(timeout="10s").version == rules().version
