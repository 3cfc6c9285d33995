"""The plan: the pending export of one object."""

from __future__ import annotations

from connector.model import CloudObject, Exported, ObjectType, Operation, PendingExport
from connector.rules.plan import plan
from connector.values.canonical import canonical

JOE = {"displayName": "Joe", "userPrincipalName": "joe@contoso.com"}


def cloud(properties=JOE, kind=ObjectType.USER):
    return CloudObject("anchor", kind, properties)


def planned(wanted, exported, exported_type=ObjectType.USER):
    return plan(
        "anchor",
        wanted=wanted,
        created="2026",
        exported=None if exported is None else Exported(exported_type, canonical(exported)),
    )


def test_an_object_the_cloud_does_not_have_is_added_whole():
    export = planned(cloud(), None)

    assert export == PendingExport(
        Operation.ADD, "anchor", ObjectType.USER, "2026", JOE, ("displayName", "userPrincipalName")
    )


def test_an_object_that_is_as_it_was_exported_needs_nothing():
    assert planned(cloud(), dict(reversed(JOE.items()))) is None


def test_an_object_that_is_neither_wanted_nor_exported_needs_nothing():
    assert planned(None, None) is None


def test_an_object_that_is_no_longer_wanted_is_deleted():
    export = planned(None, JOE)

    assert export == PendingExport(Operation.DELETE, "anchor", ObjectType.USER, "2026", JOE)


def test_an_update_names_what_changed_and_the_unique_values_it_gives_up():
    before = {
        **JOE,
        "proxyAddresses": ["SMTP:joe@contoso.com", "smtp:old@contoso.com"],
        "title": "x",
    }
    after = {**JOE, "proxyAddresses": ["smtp:Joe@contoso.com"], "city": "Bonn"}

    export = planned(cloud(after), before)

    assert export == PendingExport(
        Operation.UPDATE,
        "anchor",
        ObjectType.USER,
        "2026",
        after,
        ("city", "proxyAddresses", "title"),
        ("proxy:old@contoso.com",),
    )


def test_an_update_of_the_mail_alone_gives_up_the_one_before():
    export = planned(
        cloud({**JOE, "mail": "info@contoso.com"}), {**JOE, "mail": "sales@contoso.com"}
    )

    assert (export.changed, export.releases) == (("mail",), ("proxy:sales@contoso.com",))


def test_an_object_that_changed_its_type_is_deleted_first():
    export = planned(cloud(), JOE, ObjectType.CONTACT)

    assert (export.operation, export.type) == (Operation.DELETE, ObjectType.CONTACT)
