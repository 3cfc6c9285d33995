"""Read the tenant with O365 and Office365-REST-Python-Client, at Microsoft's own addresses."""

from __future__ import annotations

import json
import os

from O365 import Account
from O365.utils.token import MemoryTokenBackend
from office365.graph_client import GraphClient

tenant, client_id, secret = (os.environ[name] for name in ("TENANT", "CLIENT_ID", "CLIENT_SECRET"))

account = Account(
    (client_id, secret),
    tenant_id=tenant,
    auth_flow_type="credentials",
    token_backend=MemoryTokenBackend(),
)
seen = {"O365 signed in": account.authenticate()}
users = list(account.directory().get_users(limit=None))
seen["O365 users"] = len(users)
seen["O365 names"] = sorted(
    user.display_name for user in users if not user.display_name.startswith("Filler")
)

client = GraphClient(tenant=tenant).with_client_secret(client_id, secret)
everybody = client.users.get_all(page_size=50).execute_query()
seen["Office365 users"] = len(everybody)
seen["Office365 contacts"] = sorted(
    contact.properties["displayName"] for contact in client.contacts.get().execute_query()
)
groups = client.groups.get().execute_query()
group = next(each for each in groups if each.properties["displayName"] == "Everybody")
found = group.members.get().execute_query()
seen["Office365 members"] = sorted(
    [type(member).__name__, member.properties["displayName"]] for member in found
)
organization = client.organization.get().execute_query()
seen["Office365 organization"] = [each.properties["id"] for each in organization]
print(json.dumps(seen))
