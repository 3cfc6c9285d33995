"""A web without a server: its context lies in a folder, its clock is moved by hand, its log is a list."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from connector.logs.log import Log
from connector.settings import Settings
from connector.tenant.service import open_tenant
from connector.web import dispatch
from connector.web.context import Context
from connector.web.exchange import Call, Reply

if TYPE_CHECKING:
    from pathlib import Path

    from connector.web.signin.apps import App

BASE = "https://localhost:8443"
FORM = {"content-type": "application/x-www-form-urlencoded"}
SCOPE = "https://graph.microsoft.com/.default"


class ListLog(Log):
    """Keeps events as ``(event, fields)``."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def tell(self, level: str, event: str, /, **fields: Any) -> bool:
        if level != "debug":
            self.events.append((event, fields))
        return True


class Served:
    """The web of a tenant that lies in ``folder``."""

    def __init__(self, folder: Path, **web: Any) -> None:
        self.time = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
        self.log = ListLog()
        self.settings = Settings.model_validate(
            {
                "directory": {"url": "ldap://localhost", "base_dn": "dc=contoso,dc=com"},
                "tenant": {
                    "initial_domain": "contoso.onmicrosoft.com",
                    "verified_domains": ["contoso.com"],
                },
                "storage": {"path": folder},
                "web": web,
            }
        )
        open_tenant(folder / "tenant.db", self.settings.tenant).close()
        self.context = Context(self.settings, self.log, self._carry_out, clock=lambda: self.time)
        self.answers: list[Any] = []

    def _carry_out(self, request: Any) -> Any:
        self.answers.append(request)
        return {}

    def wait(self, **time: float) -> None:
        self.time += timedelta(**time)

    def call(self, method: str, path: str, **parts: Any) -> Call:
        return Call(
            method, path, **{"base": BASE, "client": "192.0.2.7", "request_id": "r-1", **parts}
        )

    def ask(self, method: str, path: str, **parts: Any) -> Reply:
        return dispatch.answer(self.call(method, path, **parts), self.context)

    def app(self, name: str = "script", role: Any = "reader") -> tuple[App, str]:
        return self.context.signin.apps.add(name, role)

    def ask_for_token(
        self, app: App, secret: str, path: str = "/common/oauth2/v2.0/token", **form: str
    ) -> Reply:
        fields = {
            "grant_type": "client_credentials",
            "client_id": app.client_id,
            "client_secret": secret,
            "scope": SCOPE,
            **form,
        }
        return self.ask("POST", path, headers=FORM, body=urlencode(fields).encode())

    def token(self, role: Any = "reader") -> str:
        app, secret = self.app(f"a {role}", role)
        return str(body_of(self.ask_for_token(app, secret))["access_token"])

    def told(self, event: str) -> list[dict[str, Any]]:
        return [fields for name, fields in self.log.events if name == event]


def body_of(reply: Reply) -> Any:
    return json.loads(reply.body)


def error_of(reply: Reply) -> tuple[int, str]:
    return reply.status, body_of(reply)["error"]["code"]
