"""Define the settings of what is served over HTTP."""

from __future__ import annotations

from pydantic import Field

from connector.settings.kinds import FilePath, HostPort, WebUrl
from connector.settings.section import Section


class WebSettings(Section):
    """What is served over HTTP: the API, the pages, health and metrics."""

    listen: HostPort = Field(
        default="127.0.0.1:8080",
        description="Address and port of the API, the pages and monitoring. Monitoring needs no login: docs/web.md.",
    )
    monitor_listen: HostPort | None = Field(
        default=None,
        description="Address and port of a further listener that answers monitoring alone, without TLS, for a "
        "monitor that shall not need to trust the certificate.",
        examples=["127.0.0.1:9090"],
    )
    tls_cert: FilePath | None = Field(
        default=None,
        description="PEM file of the certificate; with it the listener serves https. Needs tls_key.",
        examples=["/etc/connector/web.crt"],
    )
    tls_key: FilePath | None = Field(
        default=None,
        description="PEM file of its private key. Needs tls_cert.",
        examples=["/etc/connector/web.key"],
    )
    tokens_file: FilePath | None = Field(
        default=None,
        description="JSON file of tokens for scripts: a list of {name, role, token}; role is reader or admin. Read "
        "anew when it changes.",
        examples=["/etc/connector/tokens.json"],
    )
    admin_password_file: FilePath | None = Field(
        default=None,
        description="File that holds the password of the pages. Without it, the connector uses a file web-password: "
        "that of the systemd credentials, or the one beside this file. Where there is none, there are no pages.",
        examples=["/etc/connector/web-password"],
    )
    public_url: WebUrl | None = Field(
        default=None,
        description="The address by which people reach it, for the links in mails.",
        examples=["https://connector.contoso.com"],
    )
