"""Measure the queries of the API: 100,000 users and as many provisioning errors, each form with its bar.

    python -m tests.benchmarks.api_queries [--errors N] [--json]

No server stands between: what is measured is the answer itself, from the URL to the bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from connector.settings import Settings
from connector.settings.models import TENANT_FILE
from connector.tenant.service import open_tenant
from connector.web.context import Context
from tests.benchmarks.error_queries import filled
from tests.benchmarks.measure import median_seconds
from tests.benchmarks.table import Row, table
from tests.unit.web.graph.client import EVENTUAL, Client

if TYPE_CHECKING:
    from collections.abc import Mapping

_ERRORS = 100_000
_REPEATS = 5
_PAGE, _COUNT, _FILTER = 20, 20, 100
_IN_ERROR = "onPremisesProvisioningErrors/any(x:x/category eq 'PropertyConflict')"
_CAUSED = "onPremisesProvisioningErrors/any(x:x/propertyCausingError eq 'UserPrincipalName')"
# What is asked for, without and with the header ConsistencyLevel, and its bar in milliseconds.
_FORMS: dict[str, tuple[str, Mapping[str, str], float | None]] = {
    "a page of 100 users": ("/users", {}, _PAGE),
    "a page of 999 users": ("/users?$top=999", {}, None),
    "how many users": ("/users/$count", EVENTUAL, _COUNT),
    "users in error": (f"/users?$filter={_IN_ERROR}", {}, _FILTER),
    "contacts in error": (f"/contacts?$filter={_IN_ERROR}", {}, _FILTER),
    "users in error, counted": (f"/users?$filter={_IN_ERROR}&$count=true", EVENTUAL, None),
    "users in error by UPN": (f"/users?$filter={_CAUSED}", {}, _FILTER),
    "users without error, counted": (
        f"/users?$filter=not({_IN_ERROR})&$count=true",
        EVENTUAL,
        None,
    ),
    "a user by UPN": ("/users/joe0@contoso.com", {}, _PAGE),
    "a user by a filter of its UPN": (
        "/users?$filter=userPrincipalName eq 'joe0@contoso.com'",
        {},
        _PAGE,
    ),
    "users in the order of names": ("/users?$orderby=displayName", {}, None),
    "a filter that nobody meets": ("/users?$filter=department eq 'none'", {}, None),
}


def measured(client: Client) -> list[Row]:
    """Measure every form of a request."""
    rows = []
    for name, (url, headers, bar) in _FORMS.items():
        ask = partial(_ask, client, url, headers)
        took = median_seconds(ask, repeats=_REPEATS)
        rows.append(Row(name, took * 1e3, "ms", bar))
    return rows


def _ask(client: Client, url: str, headers: Mapping[str, str]) -> None:
    reply = client.ask("GET", url, **dict[str, Any](headers))
    if reply.status != 200:
        raise RuntimeError(reply.body)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.api_queries", description=__doc__
    )
    parser.add_argument("--errors", type=int, default=_ERRORS, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="connector-benchmark.") as folder:
        settings = Settings.model_validate(
            {
                "directory": {"url": "ldap://localhost", "base_dn": "dc=contoso,dc=com"},
                "tenant": {
                    "initial_domain": "contoso.onmicrosoft.com",
                    "verified_domains": ["contoso.com"],
                    "random_seed": 1,
                },
                "storage": {"path": folder},
            }
        )
        tenant = open_tenant(Path(folder) / TENANT_FILE, settings.tenant)
        filled(tenant, options.errors)
        tenant.close()
        context = Context(settings, log=None, carry_out=None)  # type: ignore[arg-type]
        rows = measured(Client(context))
        context.close()
    if options.json:
        sys.stdout.write(json.dumps([row.as_json() for row in rows], indent=2) + "\n")
    else:
        Console(width=120).print(table(options.errors, rows))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
