"""Read the tenant with msgraph-sdk and azure-identity, as their documentation does; print what was seen."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import warnings
from typing import Any

warnings.simplefilter("ignore")

from azure.identity import ClientSecretCredential  # noqa: E402
from kiota_abstractions.base_request_configuration import RequestConfiguration  # noqa: E402
from msgraph import GraphServiceClient  # noqa: E402
from msgraph.generated.models.o_data_errors.o_data_error import ODataError  # noqa: E402
from msgraph.generated.users.users_request_builder import UsersRequestBuilder  # noqa: E402
from msgraph_core.tasks.page_iterator import PageIterator  # noqa: E402

ERRORS = "onPremisesProvisioningErrors/any(x:x/category eq 'PropertyConflict')"
Query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters


def unknown(item, path=""):
    """Yield what the SDK's models do not know in an answer, however deep."""
    for name in getattr(item, "additional_data", None) or {}:
        if not name.startswith("@"):
            yield f"{path}{type(item).__name__}.{name}"
    for value in vars(item).values() if hasattr(item, "__dict__") else ():
        for each in value if isinstance(value, list) else [value]:
            if type(each).__module__.startswith("msgraph.generated.models"):
                yield from unknown(each, f"{path}{type(item).__name__}.")


def eventual(**query):
    configuration = RequestConfiguration(query_parameters=Query(**query) if query else None)
    configuration.headers.add("ConsistencyLevel", "eventual")
    return configuration


def kinds(page):
    return sorted([type(item).__name__, item.display_name] for item in page.value)


async def read(graph):
    seen: dict[str, Any] = {}
    odd: set[str] = set()

    def known(answer):
        odd.update(unknown(answer))
        return answer

    every = ["id", *json.loads(sys.argv[1])]
    found = known(await graph.users.get(eventual(select=every, top=999)))
    seen["users"] = len(found.value)
    query = {
        "filter": "startswith(displayName,'User') and onPremisesSyncEnabled eq true",
        "orderby": ["displayName desc"],
        "count": True,
        "select": ["displayName", "userPrincipalName", "onPremisesProvisioningErrors"],
    }
    found = known(await graph.users.get(eventual(**query)))
    error = found.value[0].on_premises_provisioning_errors[0]
    seen["filtered"] = [user.display_name for user in found.value]
    seen["count"] = found.odata_count
    seen["error"] = [error.category, error.property_causing_error, error.value]
    seen["error has a time zone"] = error.occurred_date_time.tzinfo is not None
    seen["in error"] = [
        item.display_name
        for builder in (graph.users, graph.groups, graph.contacts)
        for item in known(await builder.get(eventual(filter=ERRORS))).value
    ]

    names: list[str] = []

    def keep(user):
        names.append(user.display_name)
        return True

    first = await graph.users.get(
        eventual(top=50, count=True, filter="displayName ne 'x'", orderby=["displayName"])
    )
    iterator = PageIterator(first, graph.request_adapter)
    await iterator.iterate(keep)
    seen["iterated"] = [len(names), len(set(names)), names == sorted(names, key=str.casefold)]

    groups = {item.display_name: item.id for item in known(await graph.groups.get()).value}
    group = graph.groups.by_group_id(groups["Everybody"])
    seen["members"] = kinds(known(await group.members.get()))
    seen["transitive members"] = kinds(known(await group.transitive_members.get()))
    seen["member users"] = kinds(known(await group.members.graph_user.get()))
    seen["members counted"] = await group.members.count.get(eventual())
    ann = graph.users.by_user_id("ANN@contoso.com")
    seen["one"] = known(await ann.get()).display_name
    seen["member of"] = kinds(known(await ann.member_of.get()))
    seen["transitive member of"] = kinds(known(await ann.transitive_member_of.get()))
    seen["counted"] = await graph.users.count.get(eventual())

    organization = known(await graph.organization.get()).value[0]
    seen["organization"] = [organization.id, organization.on_premises_sync_enabled]
    domains = known(await graph.domains.get()).value
    seen["domains"] = {item.id: [item.is_initial, item.is_default] for item in domains}
    sync = known(await graph.directory.on_premises_synchronization.get()).value[0]
    seen["quarantine"] = [
        sync.features.quarantine_upon_upn_conflict_enabled,
        sync.features.quarantine_upon_proxy_addresses_conflict_enabled,
    ]
    seen["threshold"] = sync.configuration.accidental_deletion_prevention.alert_threshold
    seen["skus"] = [item.sku_part_number for item in known(await graph.subscribed_skus.get()).value]
    seen["deleted"] = known(await graph.directory.deleted_items.graph_user.get()).value
    try:
        await graph.users.by_user_id("nobody@contoso.com").get()
    except ODataError as refused:
        seen["refused"] = [refused.response_status_code, refused.error.code]
    return {**seen, "unknown": sorted(odd)}


async def main():
    base = os.environ["BASE"]
    credential = ClientSecretCredential(
        os.environ["TENANT"],
        os.environ["CLIENT_ID"],
        os.environ["CLIENT_SECRET"],
        authority=base,
        disable_instance_discovery=True,
    )
    graph = GraphServiceClient(credential, scopes=["https://graph.microsoft.com/.default"])
    graph.request_adapter.base_url = f"{base}/v1.0"
    print(json.dumps(await read(graph)))


asyncio.run(main())
