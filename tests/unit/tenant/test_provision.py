"""An object as it is to be: each value in its column."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from connector.storage.database import open_database
from connector.tenant.intake import known_claimant
from connector.tenant.objects import Policy, Stamp, TenantObject
from connector.tenant.provision import provision
from connector.tenant.quarantine import Claims
from connector.tenant.wanted import want
from connector.values.canonical import canonical

if TYPE_CHECKING:
    from pathlib import Path

POLICY = Policy(
    initial_domain="contoso.onmicrosoft.com", verified=frozenset({"contoso.com"}), seed="1"
)


def test_the_columns_of_an_object_are_its_fields_in_order(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "tenant.db", "tenant").conn) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(object)")]

    assert columns == [*TenantObject._fields[:-1], "changed", "own_changed", "owner"]


def test_each_value_of_an_object_is_in_its_column() -> None:
    properties = {
        "displayName": "Ann",
        "mailNickname": "an",
        "proxyAddresses": ["SMTP:a@contoso.com"],
        "userPrincipalName": "ann@contoso.com",
    }
    previous = TenantObject(
        number=2,
        id="id",
        type="user",
        anchor="anchor",
        synced=0,
        created="2026-01-01",
        last_sync="2026-01-02",
        deleted="2026-01-03",
        version=3,
        members_version=4,
        display_name="Ann of old",
        upn=None,
        mail=None,
        nickname=None,
        proxies="[]",
        exchange=5,
        upn_proxy=6,
        moera="ann@contoso.onmicrosoft.com",
        admin_role=7,
        shadow="{}",
        usage_location="DE",
        owner=11,
    )
    wanted = want(properties, "user", previous, {}, POLICY)._replace(
        upn_proxy=8, chosen_upn="an@contoso.com"
    )

    item = provision(
        known_claimant(previous, "anchor", wanted, (), {}),
        Claims({}),
        dict[int, TenantObject]().__getitem__,
        POLICY,
        Stamp("2026-01-04", 9, client=10),
    ).object

    assert item._asdict() == {
        "number": 2,
        "id": "id",
        "type": "user",
        "anchor": "anchor",
        "synced": 1,
        "created": "2026-01-01",
        "last_sync": "2026-01-04",
        "deleted": None,
        "version": 9,
        "members_version": 4,
        "display_name": "Ann",
        "upn": "ann@contoso.com",
        "mail": "a@contoso.com",
        "nickname": "an",
        "proxies": '["SMTP:a@contoso.com","smtp:ann@contoso.com","smtp:ann@contoso.onmicrosoft.com"]',
        "exchange": 5,
        "upn_proxy": 8,
        "moera": "ann@contoso.onmicrosoft.com",
        "admin_role": 7,
        "shadow": canonical(properties),
        "chosen_upn": "an@contoso.com",
        "usage_location": "DE",
        "owner": 10,
    }
