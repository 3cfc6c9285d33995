"""Where the passwords come from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import InvalidSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.settings.models import MailSettings, Settings

CREDENTIAL = "ldap-password"


def directory_password(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """Return the password to bind with, None to bind without one.

    It comes from ``password``, ``password_file`` or the systemd credential ``ldap-password``
    (LoadCredential=), in this order. Raises InvalidSettings when ``bind_dn`` is set and there is
    none, or when its file cannot be read.
    """
    directory = settings.directory
    if directory.password is not None:
        return directory.password.get_secret_value()
    if directory.password_file is not None:
        return _read(directory.password_file)
    if folder := environ.get("CREDENTIALS_DIRECTORY"):
        credential = Path(folder, CREDENTIAL)
        if credential.exists():
            return _read(credential)
    if directory.bind_dn and not all(url.lower().startswith("ldapi:") for url in directory.url):
        reason = f"bind_dn is set (or give directory.password or the credential {CREDENTIAL})"
        raise InvalidSettings([f"directory.password_file: required, because {reason}"])
    return None


def mail_password(mail: MailSettings) -> str:
    """Return the password of ``mail.user``; raises InvalidSettings when it cannot be read."""
    if mail.password_file is None:
        raise InvalidSettings(["mail.password_file: required, because a user is set"])
    return _read(mail.password_file, "mail.password_file")


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
