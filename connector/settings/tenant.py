"""Define the settings of the tenant: where it is, and what it is like."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from connector.settings.kinds import (
    KNOWN_ISSUES,
    ClientId,
    DatabasePlace,
    Domain,
    Domains,
    FilePath,
    KnownIssues,
    SecretOfTheEnvironment,
    ServiceAddress,
)
from connector.settings.section import Section


class TenantSettings(Section):
    """The cloud directory."""

    initial_domain: Domain = Field(
        description="The domain that the tenant was made with; that of a real tenant ends in "
        ".onmicrosoft.com. Placeholder UPNs are in it.",
        examples=["contoso.onmicrosoft.com"],
    )
    database: DatabasePlace | None = Field(
        default=None,
        description="The file of the tenant, which several connectors of one machine may share, or "
        "postgresql://USER@HOST/DATABASE, which connectors of several machines may share "
        "(docs/postgresql.md); without it, tenant.db in storage.path. A change needs a restart.",
        examples=["/var/lib/connector/tenant.db"],
    )
    database_password_file: FilePath | None = Field(
        default=None,
        description="A file with nothing but the password of the user in the URL of database.",
        examples=["/etc/connector/database-password"],
    )
    url: ServiceAddress | None = Field(
        default=None,
        description="https://HOST[:PORT][/PATH] of connector web, or connector run, of another site that has "
        "the tenant (docs/sites.md), in place of database. Needs client_id and its secret. A change needs a "
        "restart.",
        examples=["https://tenant.contoso.com"],
    )
    ca_file: FilePath | None = Field(
        default=None,
        description="PEM file of the certificates to trust for url, instead of the system's.",
        examples=["/etc/connector/tenant-ca.pem"],
    )
    client_id: ClientId | None = Field(
        default=None,
        description="The id of this connector's application there: connector web app add NAME --role "
        "synchronization shows it.",
        examples=["8d4ff5a2-6b0e-4a6e-8a8e-0d3f3a1c9b55"],
    )
    client_secret: SecretOfTheEnvironment | None = Field(
        default=None,
        description="The secret of client_id: only as CONNECTOR__TENANT__CLIENT_SECRET, never in this file.",
        examples=["secret"],
    )
    client_secret_file: FilePath | None = Field(
        default=None,
        description="File that holds the secret of client_id. Without it, the connector uses a file "
        "tenant-secret: that of the systemd credentials, or the one beside this file.",
        examples=["/etc/connector/tenant-secret"],
    )
    take_over: bool = Field(
        default=False,
        description="Take over objects of the tenant that another connector exported, as when a staging "
        "server becomes active. What was taken from this connector, it does not take back by this: see "
        "connector tenant take-over.",
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
        "With false the whole object fails at every cycle, and each attempt sends a mail, as before 2016.",
    )
    known_issues: KnownIssues = Field(
        default=KNOWN_ISSUES,
        description="Documented faults of the service to reproduce: a list of names, true (all) or "
        "false (none).",
    )
    placeholder_separator: Literal["", "+"] = Field(
        default="",
        description="The text between prefix and digits of a placeholder UPN: nothing, or +.",
    )
    upn_update_conflict: Literal["placeholder", "keep"] = Field(
        default="placeholder",
        description="The UPN of a user whose new UPN another user holds: placeholder, or keep (the UPN "
        "that it had).",
    )
    soft_deleted_hold_values: bool = Field(
        default=False, description="Deleted users hold their UPN and addresses for 30 days."
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
    block_hard_match_to_administrators: bool = Field(
        default=True,
        description="New objects never take over an administrator of the cloud by source anchor; with false "
        "they do, as before 2026.",
    )
    upn_in_proxy_namespace: bool = Field(
        default=False, description="A UPN may not be an address of another object, licence or not."
    )
    random_seed: int | None = Field(
        default=None,
        description="Makes the digits of placeholder UPNs the same in every run; for tests.",
        examples=[1],
    )
