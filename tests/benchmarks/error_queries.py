"""Measure the queries of provisioning errors: 100,000 of them, each form under 100 ms.

    python -m tests.benchmarks.error_queries [--errors N] [--json]

The forms are those of the seed's "Azure Active Directory PowerShell", and the cmdlet lines themselves
with what they print. ``-All`` is measured to its first page of 500, which is what the service sends at
a time, and whole without a promise.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from connector.model import ObjectType, SyncObject, SyncOperation
from connector.settings import TenantSettings
from connector.tenant.provisioning_errors import ErrorQuery
from connector.tenant.service import open_tenant
from tests.benchmarks.measure import median_seconds
from tests.benchmarks.table import Row, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.tenant.service import TenantService

_ERRORS = 100_000
_BATCH = 1000
_BAR = 100
_REPEATS = 5
_PAGE = 500


def filled(tenant: TenantService, errors: int) -> None:
    """Give the tenant this many conflicts: one in ten about a UPN, the others about addresses."""
    for wave in (_holders, _claimants):
        objects = wave(errors)
        number = 0
        while batch := list(islice(objects, _BATCH)):
            tenant.export(f"{wave.__name__}/{number}", batch)
            number += 1


def _holders(errors: int) -> Iterator[SyncObject]:
    for number in range(errors):
        if number % 10 == 0:
            yield _user(f"h{number}", f"Holder {number}", f"joe{number}@contoso.com", [])
        else:
            yield _contact(f"h{number}", f"Holder {number}", f"info{number}@contoso.com")


def _claimants(errors: int) -> Iterator[SyncObject]:
    for number in range(errors):
        name = f"Claimant {errors - number}"
        if number % 10 == 0:
            yield _user(f"c{number}", name, f"joe{number}@contoso.com", [])
        elif number % 10 == 1:
            yield _contact(f"c{number}", name, f"info{number}@contoso.com")
        else:
            address = f"smtp:info{number}@contoso.com"
            yield _user(f"c{number}", name, f"c{number}@contoso.com", [address])


def _user(anchor: str, name: str, upn: str, addresses: list[str]) -> SyncObject:
    properties = {"userPrincipalName": upn, "displayName": name, "accountEnabled": True}
    if addresses:
        properties["proxyAddresses"] = addresses
    return SyncObject(ObjectType.USER, SyncOperation.SET, anchor, properties)


def _contact(anchor: str, name: str, address: str) -> SyncObject:
    properties = {"displayName": name, "mail": address, "proxyAddresses": [f"SMTP:{address}"]}
    return SyncObject(ObjectType.CONTACT, SyncOperation.SET, anchor, properties)


def measured(tenant: TenantService, errors: int) -> list[Row]:
    """Measure every form of the query."""
    middle = errors // 20 * 10
    forms: dict[str, dict[str, Any]] = {
        "see all, first page": {"limit": _PAGE},
        "by property: UserPrincipalName": {"property": "UserPrincipalName", "limit": _PAGE},
        "by property: ProxyAddresses": {"property": "ProxyAddresses", "limit": _PAGE},
        "by value": {"property": "UserPrincipalName", "value": f"joe{middle}@contoso.com"},
        "by string, many": {"search": "Claimant", "limit": _PAGE},
        "by string, one": {"search": f"joe{middle}@", "limit": _PAGE},
        "by string, none": {"search": "nobody at all", "limit": _PAGE},
        "sorted by DisplayName": {"sort": "DisplayName", "limit": _PAGE},
        "sorted by DisplayName, descending": {
            "sort": "DisplayName",
            "descending": True,
            "limit": _PAGE,
        },
        "sorted by UserPrincipalName": {"sort": "UserPrincipalName", "limit": _PAGE},
        "sorted, by property": {"property": "UserPrincipalName", "sort": "DisplayName", "limit": 5},
        "sorted, by property and string": {
            "property": "ProxyAddresses",
            "search": "nobody",
            "sort": "DisplayName",
            "limit": _PAGE,
        },
        "users only": {"type": "user", "limit": _PAGE},
        "five": {"limit": 5},
    }
    rows = []
    for name, form in forms.items():
        for case in (True, False):
            ask = partial(_ask, tenant, {**form, "case_sensitive": case})
            took = median_seconds(ask, repeats=_REPEATS)
            rows.append(Row(f"{name}{'' if case else ', any case'}", took * 1e3, "ms", _BAR))
    first = median_seconds(lambda: list(islice(tenant.with_errors(), _PAGE)), repeats=_REPEATS)
    rows.append(Row("all, to the first page", first * 1e3, "ms", _BAR))
    whole = median_seconds(lambda: sum(1 for _ in tenant.with_errors()), repeats=1)
    rows.append(Row("all, to the last", whole, "s"))
    return rows


def _ask(tenant: TenantService, form: dict[str, Any]) -> None:
    list(tenant.with_errors(ErrorQuery(**form)))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.error_queries", description=__doc__
    )
    parser.add_argument("--errors", type=int, default=_ERRORS, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    settings = TenantSettings(
        initial_domain="contoso.onmicrosoft.com", verified_domains=("contoso.com",), random_seed=1
    )
    with tempfile.TemporaryDirectory(prefix="connector-benchmark.") as folder:
        tenant = open_tenant(Path(folder) / "tenant.db", settings)
        filled(tenant, options.errors)
        rows = measured(tenant, options.errors)
        tenant.close()
    if options.json:
        sys.stdout.write(json.dumps([row.as_json() for row in rows], indent=2) + "\n")
    else:
        Console(width=120).print(table(options.errors, rows))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
