from __future__ import annotations

from uuid import UUID

import pytest

from connector.directory.attributes import REQUESTED, fold_name, id_filter, uuid_of

IDENTITY = UUID("6701fa1a-fb0f-45a8-9356-d302b2affbb1")


def test_everything_that_identifies_an_entry_is_asked_for() -> None:
    assert {"entryuuid", "objectguid", "nsuniqueid", "objectclass", "entrycsn"} <= set(REQUESTED)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"displayName", "displayname"),
        (b"userCertificate;binary", "usercertificate"),
        (b"cn;lang-de", ""),
        (b"cn;x-own", ""),
        (b"cn;binary;lang-de", ""),
        (b"member;range=0-*", "member"),
        (b"member;Range=0-*", "member"),
        (b"2.5.4.3", "2.5.4.3"),
    ],
)
def test_name_is_folded_and_its_options_are_understood(raw: bytes, expected: str) -> None:
    assert fold_name(raw) == expected


@pytest.mark.parametrize(
    "raw", [b"member;range=0-1499", b"Member;Range=1500-*", b"member;range=1-1"]
)
def test_part_of_the_values_keeps_its_range_where_parts_are_taken(raw: bytes) -> None:
    assert fold_name(raw, ranges=True) == raw.decode().lower()


@pytest.mark.parametrize("raw", [b"", b";binary", b"c\xc3\xa9", b"member;range=1500-*"])
def test_name_that_cannot_be_used_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the wire makes one error of all
        fold_name(raw)


@pytest.mark.parametrize(
    ("attribute", "value", "expected", "searched"),
    [
        ("entryUUID", str(IDENTITY).encode(), IDENTITY.bytes, f"(entryUUID={IDENTITY})"),
        (
            "nsUniqueId",
            b"6701fa1a-fb0f45a8-9356d302-b2affbb1",
            IDENTITY.bytes,
            "(nsUniqueId=6701fa1a-fb0f45a8-9356d302-b2affbb1)",
        ),
        (
            "objectGUID",
            IDENTITY.bytes_le,
            IDENTITY.bytes_le,
            "(objectGUID=" + "".join(f"\\{b:02x}" for b in IDENTITY.bytes_le) + ")",
        ),
    ],
)
def test_identity_is_read_and_searched_as_each_server_writes_it(
    attribute: str, value: bytes, expected: bytes, searched: str
) -> None:
    assert uuid_of({attribute.lower(): [value]}, attribute) == expected
    assert id_filter(expected, attribute) == searched


@pytest.mark.parametrize("values", [[], [b"x"], [b"\xff"], [b"a", b"b"]])
@pytest.mark.parametrize("attribute", ["entryUUID", "nsUniqueId", "objectGUID"])
def test_identity_that_is_none_is_refused(attribute: str, values: list[bytes]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller makes one error of all
        uuid_of({attribute.lower(): values}, attribute)
