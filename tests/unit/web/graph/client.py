"""A client of the API that needs no server: a URL in, the answer's JSON out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from connector.web import dispatch
from connector.web.exchange import Call, Caller
from connector.web.graph import api

if TYPE_CHECKING:
    from connector.web.context import Context
    from connector.web.exchange import Reply, Role

BASE = "https://graph.microsoft.com"
EVENTUAL = {"consistencylevel": "eventual"}
REQUEST_ID = "0f2b3c4d-1111-4222-8333-444455556666"


class Client:
    """Asks the API as a caller with a role."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def ask(
        self, method: str, url: str, body: Any = None, *, role: Role = "reader", **headers: Any
    ) -> Reply:
        """Send a request; ``url`` is below ``/v1.0`` or absolute, underscores in headers are dashes."""
        whole = urlsplit(url if "://" in url else f"{BASE}/v1.0{url}")
        call = Call(
            method=method,
            path=unquote(whole.path, errors="surrogateescape"),
            base=f"{whole.scheme}://{whole.netloc}",
            query=parse_qsl(whole.query, keep_blank_values=True),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            body=b"" if body is None else json.dumps(body).encode(),
            caller=Caller("test", role),
            request_id=REQUEST_ID,
        )
        return api.answer(call, self.context, lambda item: dispatch.answer_item(item, self.context))

    def get(self, url: str, **headers: Any) -> Any:
        """Return the JSON of an answer that has to be good."""
        reply = self.ask("GET", url, **headers)
        assert reply.status == 200, reply.body
        return json.loads(reply.body)

    def post(self, url: str, body: Any) -> Any:
        reply = self.ask("POST", url, body)
        assert reply.status == 200, reply.body
        return json.loads(reply.body)

    def names(self, url: str, **headers: str) -> list[str]:
        """Return the display names of a collection, over all its pages."""
        return [item["displayName"] for item in self.every(url, **headers)]

    def every(self, url: str, **headers: str) -> list[dict[str, Any]]:
        """Follow the next links, which need no header."""
        page = self.get(url, **headers)
        found = list(page["value"])
        while "@odata.nextLink" in page:
            page = self.get(page["@odata.nextLink"])
            found += page["value"]
        return found

    def refused(self, url: str, method: str = "GET", **headers: Any) -> tuple[int, str, str]:
        """Return status, code and message of a refusal."""
        reply = self.ask(method, url, **headers)
        error = json.loads(reply.body)["error"]
        return reply.status, error["code"], error["message"]
