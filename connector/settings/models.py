"""The settings: one model a table of ``connector.toml``, one field a key.

The descriptions are what ``connector init`` writes above each key, so they speak to the operator.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    WithJsonSchema,
)

from connector.settings.values import (  # noqa: TC001 -- pydantic reads the annotations
    Dn,
    Dns,
    Domain,
    Domains,
    Duration,
    FilePath,
    Filter,
    HostPort,
    ReportTime,
    ScopingFilters,
    ServerUrls,
    Texts,
    WebUrl,
)

KnownIssue = Literal[
    "upn-and-proxy-held-by-group",
    "group-pair-fails-first",
    "portal-same-message",
    "portal-own-display-name",
]
KNOWN_ISSUES: tuple[KnownIssue, ...] = KnownIssue.__args__  # type: ignore[attr-defined]


def _issues(value: object) -> object:
    """Read ``true`` or ``all`` as every known issue, ``false`` or ``none`` as no one."""
    if value in (True, "true", "all", ("true",), ("all",)):
        return KNOWN_ISSUES
    if value in (False, "false", "none", ("false",), ("none",)):
        return ()
    return (value,) if isinstance(value, str) else value


_KNOWN_ISSUES_SCHEMA = {
    "anyOf": [
        {"type": "boolean"},
        {"type": "array", "items": {"enum": list(KNOWN_ISSUES)}},
    ]
}
Port = Annotated[int, Field(ge=1, le=65535)]
Percent = Annotated[int, Field(ge=1, le=100)]


class Section(BaseModel):
    """A table of the file: immutable, and every key is known."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DirectorySettings(Section):
    """Where users, groups and contacts are read from."""

    url: ServerUrls = Field(
        description="The server: ldap://HOST[:PORT], ldaps://HOST[:PORT] or ldapi://PATH. "
        "A list names several servers of one directory, tried in turn.",
        examples=["ldap://localhost"],
    )
    base_dn: Dn = Field(
        description="Everything below this entry is read.", examples=["dc=contoso,dc=com"]
    )
    bind_dn: str = Field(
        default="", description="Who the connector binds as; empty binds anonymously."
    )
    password: SecretStr | None = Field(
        default=None,
        description="The password of bind_dn. Better kept in a file of its own:",
        examples=["secret"],
    )
    password_file: FilePath | None = Field(
        default=None,
        description="File that holds the password; one newline at its end does not count. Without "
        "password and password_file, the systemd credential ldap-password is used.",
        examples=["/etc/connector/password"],
    )
    mode: Literal["auto", "syncrepl", "scan"] = Field(
        default="auto",
        description="How changes are found: syncrepl (RFC 4533), scan (read all and compare), or "
        "auto (what the server offers).",
    )
    tls: Literal["none", "starttls", "ldaps"] = Field(
        default="none", description="none, starttls, or ldaps (then the URLs are ldaps:// too)."
    )
    ca_file: FilePath | None = Field(
        default=None,
        description="Certificates to trust instead of the system's.",
        examples=["/etc/ssl/certs/ca-certificates.crt"],
    )
    timeout: Duration = Field(
        default=timedelta(seconds=30),
        description="How long the server may take to connect or answer.",
    )
    allow_plaintext: bool = Field(
        default=False,
        description="Allow the password to travel without TLS to another machine.",
    )
    include: Dns = Field(
        default=(),
        description="Only what stands below one of these DNs is synced.",
        examples=[["ou=users,dc=contoso,dc=com"]],
    )
    exclude: Dns = Field(
        default=(),
        description="What stands below one of these DNs is not synced.",
        examples=[["ou=service,ou=users,dc=contoso,dc=com"]],
    )
    filter: Filter = Field(default="(objectClass=*)", description="LDAP filter of the search.")
    scope: ScopingFilters = Field(
        default=(),
        description="Only what meets one of these filters is synced; each is clauses joined by AND.",
        examples=[["department EQUAL Sales AND title NOTSTARTSWITH Temp"]],
    )
    pilot_group: Dn | None = Field(
        default=None,
        description="Only the direct members of this group are synced.",
        examples=["cn=pilot,ou=groups,dc=contoso,dc=com"],
    )


class TenantSettings(Section):
    """The cloud directory."""

    initial_domain: Domain = Field(
        description="The domain the tenant was made with.", examples=["contoso.onmicrosoft.com"]
    )
    verified_domains: Domains = Field(
        default=(),
        description="Further domains the tenant accepts in user principal names.",
        examples=[["contoso.com"]],
    )
    resiliency: bool = Field(
        default=True,
        description="Duplicate attribute resiliency: quarantine a duplicate UPN or proxy address. "
        "With false the whole object fails, at every cycle, as it did before 2016.",
    )
    known_issues: Annotated[
        tuple[KnownIssue, ...],
        BeforeValidator(_issues),
        WithJsonSchema(_KNOWN_ISSUES_SCHEMA),
    ] = Field(
        default=KNOWN_ISSUES,
        description="Documented faults of the service to reproduce: names, true (all), false.",
    )
    placeholder_separator: Literal["", "+"] = Field(
        default="",
        description="Stands between prefix and digits of a placeholder UPN: nothing, or +.",
    )
    upn_update_conflict: Literal["placeholder", "keep"] = Field(
        default="placeholder",
        description="What a user has whose changed UPN is held by another: placeholder, or keep "
        "(the UPN it had).",
    )
    soft_deleted_hold_values: bool = Field(
        default=False, description="Soft-deleted users keep their UPN and addresses to themselves."
    )
    soft_match_on_upn: bool = Field(
        default=True, description="A new user may join a cloud-only one by its UPN."
    )
    block_soft_match: bool = Field(
        default=False, description="New objects never join cloud-only ones by address."
    )
    block_hard_match_takeover: bool = Field(
        default=False, description="New objects never take over cloud-only ones by source anchor."
    )
    random_seed: int | None = Field(
        default=None,
        description="Makes the digits of placeholder UPNs the same in every run; for tests.",
        examples=[1],
    )


class ScheduleSettings(Section):
    """When the daemon does what; a duration is a number and s, m, h or d."""

    delta: Duration = Field(
        default=timedelta(minutes=30), description="Time from delta cycle to cycle."
    )
    full: Duration | None = Field(
        default=None,
        description="Time from full cycle to full cycle; without it, only where needed.",
        examples=["7d"],
    )
    sweep: Duration = Field(
        default=timedelta(hours=1),
        description="Time between sweeps, which end settled quarantines.",
    )
    report: ReportTime = Field(
        default="monday 08:00", description="When the weekly error mail goes out, in UTC."
    )
    staging_mode: bool = Field(
        default=False, description="Import and synchronize, but export nothing."
    )
    enabled: bool = Field(
        default=True, description="With false, only connector sync starts a cycle."
    )
    history: Duration = Field(
        default=timedelta(days=7), description="How long runs are remembered."
    )


class SafetySettings(Section):
    """Guards against deleting what should stay."""

    delete_threshold: Annotated[int, Field(ge=0)] = Field(
        default=500, description="More deletes than this stop an export until they are approved."
    )
    delete_percent: Percent | None = Field(
        default=None,
        description="The same, as a percentage of the objects in the tenant.",
        examples=[10],
    )
    delete_threshold_users: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="The same for users alone.", examples=[100]
    )
    delete_threshold_groups: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="The same for groups alone.", examples=[20]
    )
    delete_threshold_contacts: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="The same for contacts alone.", examples=[100]
    )
    delete_percent_per_type: Percent | None = Field(
        default=None,
        description="More deletes than this share of 20 or more users, groups or contacts stop it.",
        examples=[25],
    )
    member_delete_percent: Percent = Field(
        default=50,
        description="A group that stays, has 20 or more members and would lose more of them than "
        "this stops it.",
    )
    shrink_percent: Percent = Field(
        default=50,
        description="An import that loses more of 20 or more objects than this is refused.",
    )


class StorageSettings(Section):
    """Where the connector keeps its two databases."""

    path: FilePath = Field(
        default=Path("/var/lib/connector"),
        description="Folder of connector-space.db and tenant.db; one instance uses it at a time.",
    )


class LogSettings(Section):
    """The sync log."""

    format: Literal["text", "json"] = Field(
        default="text", description="text, or json (one object a line)."
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error."
    )
    file: FilePath | None = Field(
        default=None,
        description="File to append to, which logrotate may move away; without it, the log goes "
        "to standard error. connector log reads this file.",
        examples=["/var/log/connector/connector.log"],
    )
    rotate_size: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="Megabytes after which a new file is begun and the old one becomes FILE.1; "
        "without it, that is left to logrotate.",
        examples=[100],
    )
    rotate_keep: Annotated[int, Field(ge=1, le=99)] = Field(
        default=5, description="How many old files are kept then."
    )


class MailSettings(Section):
    """How error reports are sent; without a host they are written to storage.path/mail."""

    host: str | None = Field(default=None, description="The mail server.", examples=["localhost"])
    port: Port = Field(default=25, description="Its port.")
    tls: Literal["none", "starttls", "smtps"] = Field(
        default="none", description="none, starttls or smtps."
    )
    user: str | None = Field(
        default=None,
        description="Who logs in to it; without it, nobody does.",
        examples=["connector"],
    )
    password_file: FilePath | None = Field(
        default=None,
        description="File that holds the password of user.",
        examples=["/etc/connector/mail-password"],
    )
    sender: Annotated[str, Field(alias="from")] = Field(
        default="connector@localhost", description="Who the mails are from."
    )
    to: Texts = Field(default=(), description="Who gets them.", examples=[["admin@contoso.com"]])


class WebSettings(Section):
    """The web server of the daemon."""

    listen: HostPort = Field(default="127.0.0.1:8080", description="Address and port to listen on.")
    tls_cert: FilePath | None = Field(
        default=None,
        description="Certificate, to serve https.",
        examples=["/etc/connector/web.crt"],
    )
    tls_key: FilePath | None = Field(
        default=None,
        description="Private key of the certificate.",
        examples=["/etc/connector/web.key"],
    )
    tokens_file: FilePath | None = Field(
        default=None,
        description="File of the tokens of applications.",
        examples=["/etc/connector/tokens.json"],
    )
    admin_password_file: FilePath | None = Field(
        default=None,
        description="File that holds the password of the portal.",
        examples=["/etc/connector/portal-password"],
    )
    public_url: WebUrl | None = Field(
        default=None,
        description="The address under which people reach it; used in links.",
        examples=["https://connector.contoso.com"],
    )


class Settings(Section):
    """Everything in ``connector.toml``."""

    directory: DirectorySettings
    tenant: TenantSettings
    schedule: ScheduleSettings = ScheduleSettings()
    safety: SafetySettings = SafetySettings()
    storage: StorageSettings = StorageSettings()
    log: LogSettings = LogSettings()
    mail: MailSettings = MailSettings()
    web: WebSettings = WebSettings()
