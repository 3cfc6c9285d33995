"""Change the tenant with msgraph-sdk, in single requests and in a batch, and follow it by delta; print what was seen."""

from __future__ import annotations

import asyncio
import json
import os
import warnings
from typing import Any

warnings.simplefilter("ignore")

from azure.identity import ClientSecretCredential  # noqa: E402
from msgraph import GraphServiceClient  # noqa: E402
from msgraph.generated.models.assigned_license import AssignedLicense  # noqa: E402
from msgraph.generated.models.group import Group  # noqa: E402
from msgraph.generated.models.o_data_errors.o_data_error import ODataError  # noqa: E402
from msgraph.generated.models.password_profile import PasswordProfile  # noqa: E402
from msgraph.generated.models.user import User  # noqa: E402
from msgraph.generated.users.item.assign_license.assign_license_post_request_body import (  # noqa: E402
    AssignLicensePostRequestBody,
)
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder  # noqa: E402
from msgraph_core.requests.batch_request_content import BatchRequestContent  # noqa: E402
from msgraph_core.requests.batch_request_item import BatchRequestItem  # noqa: E402


def person(name: str) -> User:
    return User(
        account_enabled=True,
        display_name=name.title(),
        mail_nickname=name,
        user_principal_name=f"{name}@contoso.com",
        password_profile=PasswordProfile(
            force_change_password_next_sign_in=True, password="xWwvJ]6NMw+bWH-d"
        ),
        usage_location="DE",
    )


async def rounds(graph, link=None):
    """Return the users of a round, as display names and reasons of removal, and the link to the next one."""
    builder = graph.users.delta
    page, found = await (builder.with_url(link) if link else builder).get(), []
    while True:
        for user in page.value:
            removed = user.additional_data.get("@removed")
            found.append(removed["reason"] if removed else user.display_name)
        if page.odata_delta_link:
            return sorted(found), page.odata_delta_link
        page = await builder.with_url(page.odata_next_link).get()


async def batch(graph, user):
    """Read a user, then one that is not there, then one after that; return their statuses in order."""
    users = graph.users
    one = BatchRequestItem(users.by_user_id(user).to_get_request_information(), id="1")
    none = users.by_user_id("nobody@contoso.com").to_get_request_information()
    after = BatchRequestItem(users.to_get_request_information(), id="3", depends_on=["2"])
    content = BatchRequestContent(
        {item.id: item for item in (one, BatchRequestItem(none, id="2"), after)}
    )
    done = await BatchRequestBuilder(graph.request_adapter).post(content)
    return [done.get_response_by_id(str(number)).status for number in (1, 2, 3)]


async def change(graph) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    everybody, link = await rounds(graph)
    made = await graph.users.post(person("new"))
    seen["made"] = [made.display_name, made.id is not None]
    try:
        await graph.users.post(person("new"))
    except ODataError as error:
        seen["refused"] = [error.response_status_code, error.error.details[0].code]
    at = graph.users.by_user_id(made.id)
    await at.patch(User(job_title="Boss"))
    seen["changed"] = (await at.get()).job_title
    [sku] = [each.sku_id for each in (await graph.subscribed_skus.get()).value]
    body = AssignLicensePostRequestBody(
        add_licenses=[AssignedLicense(sku_id=sku, disabled_plans=[])], remove_licenses=[]
    )
    seen["licensed"] = (await at.assign_license.post(body)).display_name
    seen["told"], link = await rounds(graph, link)
    seen["batch"] = await batch(graph, made.id)
    await at.delete()
    seen["deleted"], link = await rounds(graph, link)
    bin_ = graph.directory.deleted_items.by_directory_object_id(made.id)
    seen["restored"] = type(await bin_.restore.post()).__name__
    seen["back"], link = await rounds(graph, link)
    await at.delete()
    await bin_.delete()
    seen["gone"], link = await rounds(graph, link)
    group = await graph.groups.post(
        Group(display_name="G", mail_enabled=False, mail_nickname="g", security_enabled=True)
    )
    await graph.groups.by_group_id(group.id).delete()
    seen["as before"] = (await rounds(graph))[0] == everybody
    return seen


async def main() -> None:
    base, tenant = os.environ["BASE"], os.environ["TENANT"]
    credential = ClientSecretCredential(
        tenant,
        os.environ["CLIENT_ID"],
        os.environ["CLIENT_SECRET"],
        authority=base,
        disable_instance_discovery=True,
    )
    graph = GraphServiceClient(credential, scopes=["https://graph.microsoft.com/.default"])
    graph.request_adapter.base_url = f"{base}/v1.0"
    print(json.dumps(await change(graph)))


asyncio.run(main())
