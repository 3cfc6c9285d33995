from __future__ import annotations

import pytest

from connector.directory.rootdse import RootDse

SYNC = b"1.3.6.1.4.1.4203.1.9.1.1"
DIRSYNC = b"1.2.840.113556.1.4.841"
ACTIVE_DIRECTORY = {"supportedcapabilities": [b"1.2.840.113556.1.4.800"]}


@pytest.mark.parametrize(
    ("attributes", "has_sync", "is_389", "id_attribute"),
    [
        ({}, False, False, "entryUUID"),
        ({"supportedcontrol": [b"1.2", SYNC]}, True, False, "entryUUID"),
        ({"vendorname": [b"389 Project"], "supportedcontrol": [SYNC]}, True, True, "nsUniqueId"),
        ({"supportedcapabilities": [b"1.2.840.113556.1.4.800"]}, False, False, "objectGUID"),
    ],
    ids=["silent", "OpenLDAP", "389", "Active Directory"],
)
def test_server_is_known_by_its_root_dse(
    attributes: dict[str, list[bytes]],
    has_sync: bool,
    is_389: bool,
    id_attribute: str,
) -> None:
    found = RootDse.of(attributes)

    assert (found.has_sync, found.is_389, found.id_attribute) == (has_sync, is_389, id_attribute)


def test_dirsync_is_what_active_directory_offers() -> None:
    control = {"supportedcontrol": [DIRSYNC]}

    assert RootDse.of({**ACTIVE_DIRECTORY, **control}).has_dirsync
    assert not RootDse.of(ACTIVE_DIRECTORY).has_dirsync
    assert not RootDse.of(control).has_dirsync


def test_numbers_that_are_none_are_nought() -> None:
    found = RootDse.of({"highestcommittedusn": [b"x"], "lastchangenumber": [b"12"]})

    assert (found.usn, found.last_change) == (0, 12)


@pytest.mark.parametrize(
    ("base", "context"),
    [
        ("OU=Staff, DC=contoso, DC=com", "dc=contoso,dc=com"),
        ("dc=contoso,dc=com", "dc=contoso,dc=com"),
        ("cn=a,cn=configuration,dc=contoso,dc=com", "CN=Configuration,dc=contoso,dc=com"),
        ("dc=fabrikam,dc=com", "dc=fabrikam,dc=com"),
    ],
)
def test_naming_context_is_the_nearest_above_the_base(base: str, context: str) -> None:
    root = RootDse(naming_contexts=("dc=contoso,dc=com", "CN=Configuration,dc=contoso,dc=com"))

    assert root.context(base) == context
