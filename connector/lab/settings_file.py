"""Write the settings of a lab or of a story's place, as a file and as variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.records import SERVICES, SUFFIX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.lab.server import DirectoryAccess

RANDOM_SEED = 7
"""Decides the digits of placeholders: the same ones each time."""

_TEXT = """\
# Written by connector lab. `connector init` explains every key.
[directory]
url = "{url}"
base_dn = "{suffix}"
bind_dn = "{bind_dn}"
password_file = "{password_file}"
{tls}exclude = ["{services}"]

[tenant]
initial_domain = "contoso.onmicrosoft.com"
verified_domains = ["contoso.com", "fabrikam.com"]
random_seed = {seed}  # the digits of placeholders, the same each time

[schedule]
delta = "{delta}"

[storage]
path = "var"

[log]
format = "json"
file = "connector.log"
"""
_MAIL = """
[mail]
host = "127.0.0.1"
port = {port}
to = ["admin@contoso.com"]
"""
_WEB = """
[web]
listen = "127.0.0.1:{port}"
"""


def settings_text(
    access: DirectoryAccess,
    *,
    delta: str = "30m",
    mail_port: int | None = None,
    web_port: int | None = None,
) -> str:
    """Return a ``connector.toml``; without ``mail_port`` mails are files in ``var/mail``."""
    parts: Sequence[str] = [
        _TEXT.format(
            url=access.url,
            suffix=SUFFIX,
            bind_dn=access.bind_dn,
            password_file=access.password_file,
            tls=f'tls = "starttls"\nca_file = "{access.ca_file}"\n' if access.ca_file else "",
            services=SERVICES,
            seed=RANDOM_SEED,
            delta=delta,
        ),
        _MAIL.format(port=mail_port) if mail_port else "",
        _WEB.format(port=web_port) if web_port else "",
    ]
    return "".join(parts)


def variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Return settings such as ``tenant.resiliency`` as environment variables."""
    return {
        f"CONNECTOR__{key.replace('.', '__').upper()}": value for key, value in settings.items()
    }
