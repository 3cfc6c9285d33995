"""The settings: one model a table of ``connector.toml``, one field a key.

The descriptions are what ``connector init`` writes above each key, so they speak to the operator.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connector.settings.kinds import (
    KNOWN_ISSUES,
    Dn,
    Dns,
    Domain,
    Domains,
    Duration,
    FilePath,
    Filter,
    HostPort,
    KnownIssues,
    Percent,
    Port,
    ReportTime,
    ScopingFilters,
    ServerUrls,
    Texts,
    WebUrl,
)


class Section(BaseModel):
    """A table of the file: immutable, and every key is known."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DirectorySettings(Section):
    """Where users, groups and contacts are read from."""

    url: ServerUrls = Field(
        description="The server: ldap://HOST[:PORT], ldaps://HOST[:PORT] or ldapi://PATH. A list "
        "names several servers of one directory: the first that answers is used until it fails.",
        examples=["ldap://localhost"],
    )
    base_dn: Dn = Field(
        description="Everything below this entry is read.", examples=["dc=contoso,dc=com"]
    )
    bind_dn: str = Field(
        default="",
        description="Who the connector binds as; empty binds anonymously. Needs a password, except "
        "over ldapi. Reading is all that it has to be allowed.",
    )
    password: SecretStr | None = Field(
        default=None,
        description="The password of bind_dn. It is better kept in a file of its own, see "
        "password_file; only one of the two may be set.",
        examples=["secret"],
    )
    password_file: FilePath | None = Field(
        default=None,
        description="File that holds the password of bind_dn; one newline at its end does not count. "
        "Where neither key is set, a file directory-password is used: that of the systemd "
        "credentials, or the one beside this file.",
        examples=["/etc/connector/directory-password"],
    )
    mode: Literal["auto", "syncrepl", "dirsync", "scan"] = Field(
        default="auto",
        description="How changes are found: syncrepl (OpenLDAP and 389 Directory Server tell what "
        "changed), dirsync (Active Directory and Samba do), scan (everything is read and compared), "
        "or auto (what the server offers).",
    )
    tls: Literal["none", "starttls", "ldaps"] = Field(
        default="none",
        description="none, starttls (needs ldap:// URLs) or ldaps (needs ldaps:// URLs, and need not be "
        "said then). The certificate is always checked.",
    )
    ca_file: FilePath | None = Field(
        default=None,
        description="PEM file of the certificates to trust instead of the system's.",
        examples=["/etc/ssl/certs/ca-certificates.crt"],
    )
    timeout: Duration = Field(
        default=timedelta(seconds=30),
        description="How long the server may take to connect or answer. Then the next URL is tried, "
        "or the cycle ends and nothing has changed.",
    )
    allow_plaintext: bool = Field(
        default=False,
        description="Allow the password to travel without TLS to another machine.",
    )
    include: Dns = Field(
        default=(),
        description="Only what stands below one of these DNs is synced. Of include and exclude the "
        "deepest DN above an object decides. What leaves the scope is deleted in the tenant.",
        examples=[["ou=users,dc=contoso,dc=com"]],
    )
    exclude: Dns = Field(
        default=(),
        description="What stands below one of these DNs is not synced.",
        examples=[["ou=service,ou=users,dc=contoso,dc=com"]],
    )
    filter: Filter = Field(
        default="(objectClass=*)",
        description="LDAP filter (RFC 4515) that the server applies; containers are read in any case.",
    )
    scope: ScopingFilters = Field(
        default=(),
        description="Only what meets one of these filters is synced. A filter is clauses ATTRIBUTE "
        "OPERATOR VALUE joined by AND. Operators: EQUAL, CONTAINS, STARTSWITH and ENDSWITH, negated with "
        "NOT in front; ISIN (values A;B;C), ISBITSET (a number) and ISNULL (no value), negated as "
        "ISNOTIN, ISNOTBITSET and ISNOTNULL.",
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
        description="The domain that the tenant was made with; a real one ends in .onmicrosoft.com. "
        "Placeholder UPNs are in it.",
        examples=["contoso.onmicrosoft.com"],
    )
    verified_domains: Domains = Field(
        default=(),
        description="Further domains that the tenant accepts in user principal names; see also connector "
        "tenant domains.",
        examples=[["contoso.com"]],
    )
    resiliency: bool = Field(
        default=True,
        description="Duplicate attribute resiliency: quarantine a duplicate UPN or proxy address. "
        "With false the whole object fails, at every cycle, and each attempt is mailed, as before 2016.",
    )
    known_issues: KnownIssues = Field(
        default=KNOWN_ISSUES,
        description="Documented faults of the service to reproduce: a list of names, true (all) or "
        "false (none).",
    )
    placeholder_separator: Literal["", "+"] = Field(
        default="",
        description="Stands between prefix and digits of a placeholder UPN: nothing, or +.",
    )
    upn_update_conflict: Literal["placeholder", "keep"] = Field(
        default="placeholder",
        description="What a user gets whose UPN changed to one that another holds: placeholder, or "
        "keep (the UPN it had).",
    )
    soft_deleted_hold_values: bool = Field(
        default=False,
        description="Deleted users keep their UPN and addresses from others for the 30 days in which they "
        "can be restored.",
    )
    soft_match_on_upn: bool = Field(
        default=True, description="A new user may join a cloud-only one by its UPN."
    )
    block_soft_match: bool = Field(
        default=False, description="New objects never join cloud-only ones by UPN or address."
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
        default=timedelta(minutes=30),
        description="Time from the start of a delta cycle to the start of the next.",
    )
    full: Duration | None = Field(
        default=None,
        description="Time from full cycle to full cycle. Without it there is one only where it is needed: "
        "rules or scope changed, the cookie was refused, or no cycle ran for seven days.",
        examples=["7d"],
    )
    sweep: Duration = Field(
        default=timedelta(hours=1),
        description="Time between sweeps, which give back quarantined values whose conflict is gone; "
        "by the clock of the tenant.",
    )
    report: ReportTime = Field(
        default="monday 08:00",
        description="When the weekly mail about errors goes out: a weekday and a time in UTC.",
    )
    staging_mode: bool = Field(
        default=False,
        description="Import and synchronize, but export nothing: connector sync --dry-run shows what waits.",
    )
    enabled: bool = Field(
        default=True,
        description="With false no cycle starts by itself, only by connector sync; the sweep goes on.",
    )
    history: Duration = Field(
        default=timedelta(days=7),
        description="How long runs, and the changes that they made, are remembered.",
    )


class SafetySettings(Section):
    """Guards against deleting what should stay; what they stop waits in connector deletions."""

    delete_threshold: Annotated[int, Field(ge=0)] = Field(
        default=500, description="More deletes than this stop an export until they are approved."
    )
    delete_percent: Percent | None = Field(
        default=None,
        description="More deletes than this share of the synced objects stop it too.",
        examples=[10],
    )
    delete_threshold_users: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="More deletes of users than this stop it too.", examples=[100]
    )
    delete_threshold_groups: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="More deletes of groups than this stop it too.", examples=[20]
    )
    delete_threshold_contacts: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="More deletes of contacts than this stop it too.", examples=[100]
    )
    delete_percent_per_type: Percent | None = Field(
        default=None,
        description="More deletes than this share of 20 or more users, groups or contacts stop it too.",
        examples=[25],
    )
    member_delete_percent: Percent = Field(
        default=50,
        description="A group that stays, has 20 or more members and would lose more than this share "
        "of them stops it too.",
    )
    shrink_percent: Percent = Field(
        default=50,
        description="An import that loses more than this share of 20 or more objects is refused, and "
        "one that finds none at all; an export that would delete more than this share of 20 or more, "
        "whether they leave the directory or the scope, stops.",
    )
    attribute_loss_percent: Percent = Field(
        default=50,
        description="An import is refused in which more than this share of 20 or more objects that had an "
        "attribute lose it, such as the UPN or all proxy addresses.",
    )


class StorageSettings(Section):
    """Where the connector keeps its two databases."""

    path: FilePath = Field(
        default=Path("/var/lib/connector"),
        description="Folder of connector-space.db and tenant.db, of mails and snapshots; made where it is "
        "not there. One instance uses it at a time. A change needs a restart.",
    )


class LogSettings(Section):
    """The sync log."""

    format: Literal["text", "json"] = Field(
        default="text", description="text, or json (one object a line)."
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="The least that is logged: debug, info, warning or error.",
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
        "without it, that is left to logrotate. Needs file.",
        examples=[100],
    )
    rotate_keep: Annotated[int, Field(ge=1, le=99)] = Field(
        default=5, description="How many old files are kept. Needs rotate_size."
    )


class MailSettings(Section):
    """How mails about errors are sent; without a host they are written to storage.path/mail."""

    host: str | None = Field(
        default=None, description="The mail server. Needs to.", examples=["localhost"]
    )
    port: Port = Field(
        default=25, description="Its port: usually 587 with starttls, 465 with smtps."
    )
    tls: Literal["none", "starttls", "smtps"] = Field(
        default="none",
        description="none, starttls or smtps. The certificate is checked against the system's.",
    )
    user: str | None = Field(
        default=None,
        description="Who logs in to it; without it, nobody does. Needs a password.",
        examples=["connector"],
    )
    password_file: FilePath | None = Field(
        default=None,
        description="File that holds the password of user. Without it, a file mail-password is used: that "
        "of the systemd credentials, or the one beside this file.",
        examples=["/etc/connector/mail-password"],
    )
    sender: Annotated[str, Field(alias="from")] = Field(
        default="connector@localhost", description="Who the mails are from."
    )
    to: Texts = Field(default=(), description="Who gets them.", examples=[["admin@contoso.com"]])


class WebSettings(Section):
    """What the daemon answers over HTTP: health and metrics."""

    listen: HostPort = Field(
        default="127.0.0.1:8080",
        description="Address and port. There is no login: beyond this machine, put a firewall or a "
        "proxy before it.",
    )
    tls_cert: FilePath | None = Field(
        default=None,
        description="PEM file of the certificate, to serve https. Needs tls_key.",
        examples=["/etc/connector/web.crt"],
    )
    tls_key: FilePath | None = Field(
        default=None,
        description="PEM file of its private key. Needs tls_cert.",
        examples=["/etc/connector/web.key"],
    )
    tokens_file: FilePath | None = Field(
        default=None,
        description="File of the tokens of applications. No effect in this version.",
        examples=["/etc/connector/tokens.json"],
    )
    admin_password_file: FilePath | None = Field(
        default=None,
        description="File that holds the password of the portal. No effect in this version.",
        examples=["/etc/connector/portal-password"],
    )
    public_url: WebUrl | None = Field(
        default=None,
        description="The address under which people reach it, for the links in mails.",
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
