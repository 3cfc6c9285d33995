"""Read the account that a ``uid`` names: directories put more into it than a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from connector.values.addresses import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_ADDRESS = re.compile(r"([^@]+)@([\w-]+(?:\.[\w-]+)*)")
# docs/sources.md 6.1: what a UPN may not have in front of its suffix.
_NOT_IN_NAME = re.compile(r'[\s\\%&*+/=?{}|<>();:,\[\]"@]')
_LONGEST_NAME = 64


class Account(NamedTuple):
    """An account as its directory writes it; ``domain`` is empty where the text names none."""

    name: str
    domain: str


def of_uid(uid: str) -> Account:
    r"""Take a ``uid`` apart: ``ann``, ``ann@contoso.com``, ``CONTOSO\ann`` or ``ann@CONTOSO``.

    What stands before a backslash, or behind an ``@`` without a dot, names a realm and not a domain.
    """
    text = uid.strip()
    text = text.rpartition("\\")[2].strip() or text
    form = _ADDRESS.fullmatch(text)
    if form is None:
        return Account(text, "")
    name, domain = form.groups()
    return Account(name.strip(), domain if "." in domain else "")


def upn_of(account: Account, domain: str) -> str | None:
    """Return the UPN of an account, with ``domain`` where it names none; None where no name is left.

    A character that no UPN may have becomes an underscore, as in a name that the service makes.
    """
    cleaned = _NOT_IN_NAME.sub("_", account.name)
    cleaned = "".join(c if c.isprintable() else "_" for c in cleaned)
    cleaned = cleaned.strip(".")[:_LONGEST_NAME].rstrip(".")
    return f"{cleaned}@{account.domain or domain}" if cleaned else None


def is_upn_in(address: str, domains: Sequence[str]) -> bool:
    """Tell whether an address would be a UPN as it stands in one of these domains."""
    account = of_uid(address)
    verified = {fold(domain) for domain in domains}
    return fold(account.domain) in verified and upn_of(account, "") == address
