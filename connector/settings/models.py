"""Define the settings: one model a table of ``connector.toml``, one field a key.

``connector init`` writes the descriptions above the keys, so they address the operator.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from connector.settings.kinds import (
    Dn,
    Dns,
    Duration,
    FilePath,
    Filter,
    Interval,
    Percent,
    Port,
    ReportTime,
    ScopingFilters,
    ServerUrls,
    Texts,
)
from connector.settings.rules import RuleSettings, SyncSettings
from connector.settings.section import Section
from connector.settings.tenant import TenantSettings
from connector.settings.web import WebSettings

SPACE_FILE, TENANT_FILE = "connector-space.db", "tenant.db"


class DirectorySettings(Section):
    """The directory that users, groups and contacts come from."""

    url: ServerUrls = Field(
        description="The server: ldap://HOST[:PORT], ldaps://HOST[:PORT] or ldapi://PATH. A list "
        "names several servers of one directory: the connector uses the first that answers, until it fails.",
        examples=["ldap://localhost"],
    )
    base_dn: Dn = Field(
        description="The connector reads everything below this entry.",
        examples=["dc=contoso,dc=com"],
    )
    bind_dn: str = Field(
        default="",
        description="The account that the connector binds as; if empty, it binds anonymously. Needs a "
        "password, except over ldapi. The account only needs the right to read.",
    )
    password: SecretStr | None = Field(
        default=None,
        description="The password of bind_dn. A file of its own is a better place, see password_file; "
        "only one of the two may be set.",
        examples=["secret"],
    )
    password_file: FilePath | None = Field(
        default=None,
        description="File that holds the password of bind_dn; one newline at its end does not count. "
        "If neither key is set, the connector uses a file directory-password: that of the systemd "
        "credentials, or the one beside this file.",
        examples=["/etc/connector/directory-password"],
    )
    mode: Literal["auto", "syncrepl", "dirsync", "scan"] = Field(
        default="auto",
        description="How the connector finds changes: syncrepl (OpenLDAP and 389 Directory Server report "
        "them), dirsync (Active Directory and Samba report them), scan (the connector reads and compares "
        "everything), or auto (the best that the server offers).",
    )
    tls: Literal["none", "starttls", "ldaps"] = Field(
        default="none",
        description="none, starttls (needs ldap:// URLs) or ldaps (needs ldaps:// URLs, and is then the "
        "default). The certificate is always checked.",
    )
    ca_file: FilePath | None = Field(
        default=None,
        description="PEM file of the certificates to trust instead of the system's.",
        examples=["/etc/ssl/certs/ca-certificates.crt"],
    )
    timeout: Duration = Field(
        default=timedelta(seconds=30),
        description="How long the server may take to connect or answer. Then the next URL is tried, "
        "or the cycle ends and changes nothing.",
    )
    allow_plaintext: bool = Field(
        default=False,
        description="Allow the password to travel without TLS to another machine.",
    )
    include: Dns = Field(
        default=(),
        description="Only objects below one of these DNs are synced. Of include and exclude the deepest DN "
        "above an object decides. An object that leaves the scope is deleted in the tenant.",
        examples=[["ou=users,dc=contoso,dc=com"]],
    )
    exclude: Dns = Field(
        default=(),
        description="Objects below one of these DNs are not synced.",
        examples=[["ou=service,ou=users,dc=contoso,dc=com"]],
    )
    filter: Filter = Field(
        default="(objectClass=*)",
        description="LDAP filter (RFC 4515) that the server applies; containers are always read. Of what it finds, "
        "synced are users (user, inetOrgPerson; posixAccount, account, person and organizationalPerson with a uid), "
        "groups (group, groupOfNames, groupOfUniqueNames, groupOfMembers, posixGroup) and contacts (contact), and "
        "what is of a class below these.",
    )
    scope: ScopingFilters = Field(
        default=(),
        description="Only objects that meet one of these filters are synced. A filter is one or more clauses "
        "ATTRIBUTE OPERATOR VALUE, joined by AND. Operators: EQUAL, CONTAINS, STARTSWITH and ENDSWITH, negated with "
        "NOT in front; ISIN (values A;B;C), ISBITSET (a number) and ISNULL (no value), negated as "
        "ISNOTIN, ISNOTBITSET (or ISBITNOTSET) and ISNOTNULL; LESSTHAN, LESSTHAN_OR_EQUAL, GREATERTHAN and "
        "GREATERTHAN_OR_EQUAL. Any attribute can be named that holds no secret, and dn. "
        "A value in double quotes is taken as it stands, with AND in it too; a double quote inside is written twice.",
        examples=[["department EQUAL Sales AND title NOTSTARTSWITH Temp"]],
    )
    pilot_group: Dn | None = Field(
        default=None,
        description="Only the direct members of this group are synced.",
        examples=["cn=pilot,ou=groups,dc=contoso,dc=com"],
    )


class ScheduleSettings(Section):
    """The times at which the daemon works; a duration is a number and s, m, h or d."""

    delta: Duration = Field(
        default=timedelta(minutes=30),
        description="Time from the start of a delta cycle to the start of the next.",
    )
    full: Duration | None = Field(
        default=None,
        description="Time from one full cycle to the next. Without it a full cycle runs only when it is needed: "
        "rules or scope changed, the cookie was refused, or no cycle ran for seven days.",
        examples=["7d"],
    )
    reconcile: Interval = Field(
        default=timedelta(hours=1),
        description="Time after which a delta cycle also compares the identities of all entries with what is "
        "staged: a server that was killed or restored may never tell what changed. At once after a restart "
        "of the server or a lost connection. 0 is never.",
    )
    sweep: Duration = Field(
        default=timedelta(hours=1),
        description="Time between sweeps, which give back quarantined values whose conflict is gone. The "
        "clock of the tenant counts.",
    )
    report: ReportTime = Field(
        default="monday 08:00",
        description="When the weekly mail about errors is sent: a weekday and a time in UTC.",
    )
    staging_mode: bool = Field(
        default=False,
        description="Import and synchronize, but export nothing: connector sync --dry-run shows what waits.",
    )
    enabled: bool = Field(
        default=True,
        description="With false only connector sync starts a cycle. Sweeps go on.",
    )
    history: Duration = Field(
        default=timedelta(days=7),
        description="How long the history keeps runs and their changes.",
    )


class SafetySettings(Section):
    """Guards against accidental deletes; connector deletions shows what they stopped."""

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
        description="A group of 20 or more members that stays and would lose more than this share of them "
        "stops it too.",
    )
    shrink_percent: Percent = Field(
        default=50,
        description="An import that loses more than this share of 20 or more objects is refused, and so is "
        "one that finds no object at all; an export that would delete more than this share of 20 or more, "
        "whether they leave the directory or the scope, stops.",
    )
    attribute_loss_percent: Percent = Field(
        default=50,
        description="An import is refused in which more than this share of 20 or more objects that had an "
        "attribute lose it, such as the UPN or all proxy addresses.",
    )


class StorageSettings(Section):
    """The folder of the connector's two databases."""

    path: FilePath = Field(
        default=Path("/var/lib/connector"),
        description="Folder of connector-space.db and, unless tenant.database says otherwise, tenant.db, of mails and snapshots; created if it is "
        "missing. One instance uses it at a time. A change needs a restart.",
    )


class LogSettings(Section):
    """The sync log."""

    format: Literal["text", "json"] = Field(
        default="text", description="text, or json (one object a line)."
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="The lowest level that is logged: debug, info, warning or error.",
    )
    file: FilePath | None = Field(
        default=None,
        description="The log file, which logrotate may move away; without it, the log goes to standard "
        "error. connector log reads this file.",
        examples=["/var/log/connector/connector.log"],
    )
    rotate_size: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="Megabytes after which the log starts a new file and renames the old one to FILE.1; "
        "without it, that is left to logrotate. Needs file.",
        examples=[100],
    )
    rotate_keep: Annotated[int, Field(ge=1, le=99)] = Field(
        default=5, description="How many old files the log keeps. Needs rotate_size."
    )


class MailSettings(Section):
    """The mail server for mails about errors; without one they are files in storage.path/mail."""

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
        description="The account to log in with; without it, there is no login. Needs a password.",
        examples=["connector"],
    )
    password_file: FilePath | None = Field(
        default=None,
        description="File that holds the password of user. Without it, the connector uses a file "
        "mail-password: that of the systemd credentials, or the one beside this file.",
        examples=["/etc/connector/mail-password"],
    )
    sender: Annotated[str, Field(alias="from")] = Field(
        default="connector@localhost", description="The sender of the mails."
    )
    to: Texts = Field(
        default=(), description="The recipients of the mails.", examples=[["admin@contoso.com"]]
    )


class Settings(Section):
    """Everything in ``connector.toml``, and the rules of ``rules/*.toml`` beside it.

    The rules are sorted by precedence: where one stands decides nothing.
    """

    directory: DirectorySettings
    tenant: TenantSettings
    sync: SyncSettings = SyncSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    safety: SafetySettings = SafetySettings()
    storage: StorageSettings = StorageSettings()
    log: LogSettings = LogSettings()
    mail: MailSettings = MailSettings()
    web: WebSettings = WebSettings()
    rules: tuple[RuleSettings, ...] = Field(
        default=(), description="The synchronization rules of the user's own."
    )

    @property
    def databases(self) -> dict[str, Path]:
        """The files of the databases, by the names that they have in a backup; a tenant on a server has none."""
        storage = self.storage.path
        files = {SPACE_FILE: storage / SPACE_FILE}
        if self.tenant.url is not None:
            return files
        tenant = self.tenant.database or storage / TENANT_FILE
        return files | {TENANT_FILE: tenant} if isinstance(tenant, Path) else files

    @property
    def tenant_file(self) -> Path | None:
        """The file that ``tenant.database`` names, None without one."""
        tenant = self.tenant.database
        return tenant if isinstance(tenant, Path) else None


SECTIONS: dict[str, type[Section]] = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}
"""The tables of the file by their names; the rules are a list beside them."""
