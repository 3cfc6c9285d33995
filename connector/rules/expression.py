"""Compile the expressions that users write in rules: the language with all its functions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from connector.rules.base_domain import domain_of
from connector.rules.functions.table import LANGUAGE
from connector.rules.language.expression import compile_expression

if TYPE_CHECKING:
    from connector.rules.language.expression import Expression

_NETBIOS_LENGTH = 15


def compiled(text: str) -> Expression:
    """Compile an expression; never raises: what is wrong with it are its ``mistakes``."""
    return compile_expression(text, LANGUAGE)


def parameters(base_dn: str) -> dict[str, str]:
    """Return the values of ``%Domain.FQDN%`` and its like for the directory below a base DN.

    There is one domain, which is its own forest. The connector has the identifier that
    ``Get-ADSyncConnector`` shows.
    """
    found = {"Connector.ID": f"{{{uuid5(NAMESPACE_URL, f'ldap:///{base_dn}')}}}"}
    if fqdn := domain_of(base_dn):
        labels = fqdn.split(".")
        for where in ("Domain", "Forest"):
            found |= {
                f"{where}.FQDN": fqdn,
                f"{where}.LDAP": ",".join(f"DC={label}" for label in labels),
                f"{where}.Netbios": labels[0].upper()[:_NETBIOS_LENGTH],
            }
    return found
