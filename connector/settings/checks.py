"""Check settings against each other and against files; warn of unwise ones."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connector.settings.models import DirectorySettings, MailSettings
from connector.settings.tenant import TenantSettings
from connector.settings.web import WebSettings
from connector.values.database_url import DatabaseUrl
from connector.values.hosts import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connector.settings.models import Settings
    from connector.settings.section import Section


def implied(directory: DirectorySettings) -> DirectorySettings:
    """Set ``tls = "ldaps"`` if all URLs are ``ldaps://`` and ``tls`` is not set."""
    if "tls" in directory.model_fields_set or _schemes(directory) != {"ldaps"}:
        return directory
    return directory.model_copy(update={"tls": "ldaps"})


def section_problems(section: Section) -> list[str]:
    """Return the contradictions in a section whose keys are valid by themselves."""
    match section:
        case DirectorySettings():
            found = _directory(section)
        case MailSettings():
            found = _mail(section)
        case WebSettings():
            found = _web(section)
        case TenantSettings():
            found = _tenant(section)
        case _:
            return []
    return list(found)


def warnings(settings: Settings, file: Path | None = None) -> list[str]:
    """Return warnings about settings that work but are unwise, read from ``file``."""
    found = []
    if file is not None and settings.directory.password is not None and _is_public(file):
        found.append(f"{file} holds a password, and every user may read it: chmod 600 {file}")
    secrets = {
        "directory.password_file": settings.directory.password_file,
        "tenant.database_password_file": settings.tenant.database_password_file,
        "tenant.client_secret_file": settings.tenant.client_secret_file,
        "mail.password_file": settings.mail.password_file,
        "web.tls_key": settings.web.tls_key,
        "web.tokens_file": settings.web.tokens_file,
        "web.admin_password_file": settings.web.admin_password_file,
    }
    for key, path in secrets.items():
        if path is not None and _is_public(path):
            found.append(f"{key}: every user may read {path}: chmod 600 {path}")
    if not settings.tenant.initial_domain.lower().endswith(".onmicrosoft.com"):
        found.append(
            f"tenant.initial_domain: {settings.tenant.initial_domain} does not end in "
            ".onmicrosoft.com; that of a real tenant does"
        )
    return found


def _directory(directory: DirectorySettings) -> Iterator[str]:
    schemes = _schemes(directory)
    tls = directory.tls
    if not directory.url:
        yield "url: must name at least one server"
    if directory.password is not None and directory.password_file is not None:
        yield "password: set password or password_file, not both"
    if (directory.password or directory.password_file) and not directory.bind_dn:
        yield "bind_dn: required, because a password is set"
    if tls == "ldaps" and schemes - {"ldaps"}:
        yield 'tls: "ldaps" needs every url to be ldaps://; for ldap:// use "starttls"'
    elif tls == "starttls" and schemes - {"ldap"}:
        yield 'tls: "starttls" needs every url to be ldap://'
    elif tls == "none" and "ldaps" in schemes:
        yield 'tls: must be "ldaps" (or left out), because a url is ldaps://'
    elif tls == "none" and directory.bind_dn and not directory.allow_plaintext:
        for url in directory.url:
            if not _is_local(url):
                yield (
                    f"tls: the password would travel to {url} in plain text; "
                    'set tls = "starttls", or allow_plaintext = true to accept that'
                )
    yield from _missing("ca_file", directory.ca_file)
    yield from _missing("password_file", directory.password_file)


def _mail(mail: MailSettings) -> Iterator[str]:
    if mail.host and not mail.to:
        yield "to: required, because a host is set"
    if mail.user and not mail.password_file:
        yield "password_file: required, because a user is set"
    yield from _missing("password_file", mail.password_file)


def _web(web: WebSettings) -> Iterator[str]:
    if (web.tls_cert is None) != (web.tls_key is None):
        yield "tls_cert: needs tls_key, and the other way round"
    yield from _missing("tls_cert", web.tls_cert)
    yield from _missing("tls_key", web.tls_key)


def _tenant(tenant: TenantSettings) -> Iterator[str]:
    yield from _tenant_elsewhere(tenant)
    if tenant.database_password_file is None:
        return
    if not isinstance(tenant.database, DatabaseUrl):
        yield "database_password_file: needs database to be the URL of a server"
    elif tenant.database.has_password:
        yield "database_password_file: the URL of database holds a password too; leave one of them out"
    yield from _missing("database_password_file", tenant.database_password_file)


def _tenant_elsewhere(tenant: TenantSettings) -> Iterator[str]:
    if tenant.url is not None and tenant.database is not None:
        yield "url: set url or database, not both: the tenant is in one place"
    if tenant.url is not None and tenant.client_id is None:
        yield "client_id: required, because url is set"
    for key in ("ca_file", "client_id", "client_secret", "client_secret_file"):
        if tenant.url is None and getattr(tenant, key) is not None:
            yield f"{key}: needs url"
    if tenant.client_secret is not None and tenant.client_secret_file is not None:
        yield "client_secret: set client_secret or client_secret_file, not both"
    yield from _missing("ca_file", tenant.ca_file)
    yield from _missing("client_secret_file", tenant.client_secret_file)


def _missing(key: str, path: Path | None) -> Iterator[str]:
    """Name a missing file; a folder that this user may not enter is left to a later reader."""
    if path is None:
        return
    try:
        path.stat()
    except PermissionError:
        return
    except OSError as error:
        yield f"{key}: {path}: {error.strerror}"


def _is_public(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def _schemes(directory: DirectorySettings) -> set[str]:
    return {url.partition(":")[0].lower() for url in directory.url}


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "ldapi" or is_loopback(parts.hostname or "")
