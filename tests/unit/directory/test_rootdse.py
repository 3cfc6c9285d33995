from __future__ import annotations

import pytest

from connector.directory.rootdse import RootDse

SYNC = b"1.3.6.1.4.1.4203.1.9.1.1"


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
