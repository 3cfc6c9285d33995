from __future__ import annotations

import pytest

from connector.directory.dirsync import Position, filtered_by

PLACE = Position("CN=NTDS Settings,CN=DC1 ff", 100, 1795435200, b"cookie".hex())


def test_place_is_what_it_was() -> None:
    assert Position.decode(PLACE.encode()) == PLACE


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"",
        b"garbage",
        b"[]",
        b"{}",
        b'"text"',
        b"\xff",
        b"rid=000,csn=20260101000000.000000Z#000000#000#000000",
        PLACE._replace(cookie="no hexadecimal").encode(),
        PLACE.encode().replace(b"100", b'"x"'),
    ],
)
def test_what_is_no_place_is_none(raw: bytes | None) -> None:
    assert Position.decode(raw) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("(objectClass=*)", {"objectclass"}),
        ("(&(objectClass=user)(!( mail = *))(|(title>=a)(cn~=b)))",
         {"objectclass", "mail", "title", "cn"}),
        ("(userAccountControl:1.2.840.113556.1.4.803:=2)", {"useraccountcontrol"}),
        ("(memberOf=cn=a\\28b\\29,dc=x)", {"memberof"}),
        ("(1.2.3=x)", {"1.2.3"}),
    ],
)  # fmt: skip
def test_filter_tells_which_attributes_it_looks_at(text: str, names: set[str]) -> None:
    assert filtered_by(text) == names
