"""Find the passwords and read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import InvalidSettings
from connector.settings.models import DirectorySettings, MailSettings
from connector.settings.tenant import TenantSettings
from connector.settings.web import WebSettings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from connector.settings.models import Settings
    from connector.settings.section import Section

DIRECTORY = "directory-password"
MAIL = "mail-password"
WEB = "web-password"
TENANT = "tenant-secret"


def with_usual_password(section: Section, folders: Iterable[Path]) -> Section:
    """Use a file of the usual name if a password is needed and not named; that of the pages if it is there.

    The first folder that holds the file wins. An empty file does not count: ``connector init
    --systemd`` makes such files for the passwords to come.
    """
    match section:
        case DirectorySettings(bind_dn=str(who), password=None, password_file=None) if who:
            key, name = "password_file", DIRECTORY
        case MailSettings(user=str(who), password_file=None) if who:
            key, name = "password_file", MAIL
        case TenantSettings(client_id=str(who), client_secret=None, client_secret_file=None) if who:
            key, name = "client_secret_file", TENANT
        case WebSettings(admin_password_file=None):
            key, name = "admin_password_file", WEB
        case _:
            return section
    files = [file for folder in folders if _holds_something(file := folder / name)]
    return section.model_copy(update={key: files[0]}) if files else section


def directory_password(settings: Settings) -> str | None:
    """Return the password of ``bind_dn``; None to bind without one.

    Raises InvalidSettings if a password is required but missing, or if its file cannot be read.
    """
    directory = settings.directory
    if directory.password is not None:
        return directory.password.get_secret_value()
    if directory.password_file is not None:
        return _read(directory.password_file)
    if directory.bind_dn and not all(url.lower().startswith("ldapi:") for url in directory.url):
        reason = "bind_dn is set (or give directory.password, or the credential " + DIRECTORY + ")"
        raise InvalidSettings([f"directory.password_file: required, because {reason}"])
    return None


def mail_password(mail: MailSettings) -> str:
    """Return the password of ``mail.user``; raises InvalidSettings if it cannot be read."""
    if mail.password_file is None:
        raise InvalidSettings(["mail.password_file: required, because a user is set"])
    return _read(mail.password_file, "mail.password_file")


def password_in(file: Path, option: str) -> str:
    """Return the password in a file that an option of a command names; raises InvalidSettings."""
    return _read(file, option)


def database_password(tenant: TenantSettings) -> str | None:
    """Return the password of the user in ``tenant.database``, None without a file that has it.

    Raises InvalidSettings if the file cannot be read.
    """
    file = tenant.database_password_file
    return None if file is None else _read(file, "tenant.database_password_file")


def tenant_secret(tenant: TenantSettings) -> str:
    """Return the secret of ``tenant.client_id``; raises InvalidSettings if it is missing or cannot be read."""
    if tenant.client_secret is not None:
        return tenant.client_secret.get_secret_value()
    if tenant.client_secret_file is None:
        reason = (
            f"url is set (or give CONNECTOR__TENANT__CLIENT_SECRET, or the credential {TENANT})"
        )
        raise InvalidSettings([f"tenant.client_secret_file: required, because {reason}"])
    return _read(tenant.client_secret_file, "tenant.client_secret_file")


def _holds_something(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except OSError:
        return False


def _read(file: Path, key: str = "directory.password_file") -> str:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidSettings([f"{key}: {file}: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise InvalidSettings([f"{key}: {file}: is not in UTF-8"]) from error
    password = text.removesuffix("\n").removesuffix("\r")
    if not password:
        raise InvalidSettings([f"{key}: {file}: is empty"])
    return password
