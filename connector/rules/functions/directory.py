"""Functions of distinguished names, and the hash of octets."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from connector.rules.functions.arguments import PIECE, TEXT, a_whole
from connector.rules.language.function import Argument, Function, Kind
from connector.rules.language.values import ExpressionFailed, unfit
from connector.values import dn as dns

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 4_096
_OPTION = Argument("option", Kind.WORD, optional=True, words=("DC",))
_DN = Argument("dn", Kind.TEXT)
# Active Directory renames one of two entries with one name: its RDN gets a new line and CNF:<guid>.
_CONFLICT = "\nCNF:"
_WRITTEN_CONFLICT = "\\0ACNF:"
# Half of a pair of UTF-16: no octets of a directory give such a text.
_NO_CHARACTER = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_TYPE = re.compile(r"([A-Za-z][A-Za-z0-9.-]*)=(.*)", re.DOTALL)


def _components(dn: str) -> Iterator[str]:
    if len(dn) > _LONGEST:
        raise ExpressionFailed(f"a DN has at most {_LONGEST:,} characters")
    if _NO_CHARACTER.search(dn):
        raise unfit(dn, "a DN")
    while dn:
        yield dn
        dn = dns.parent(dn)


def _dn_component(dn: str, number: int) -> str | None:
    return _component([*_components(dn)], number)


def _dn_component_rev(dn: str, number: int, option: str = "") -> str | None:
    components = [*_components(dn)]
    if option:
        components = [c for c in components if "dc" not in dns.rdn_values(c)]
    return _component(components[::-1], number)


def _component(components: list[str], number: int) -> str | None:
    """Return the value of a component, unescaped but for the mark of a conflict."""
    if number < 1:
        raise ExpressionFailed(f"the number is {number}, and the first component is 1")
    if number > len(components):
        return None
    return dns.rdn_value(components[number - 1]).replace(_CONFLICT, _WRITTEN_CONFLICT)


def _escape(component: str) -> str:
    """Escape the value of a component; a type before it stays."""
    found = _TYPE.fullmatch(component)
    escaped = dns.rdn(found[1], found[2]) if found else dns.rdn("", component)[1:]
    return escaped.replace("\0", "\\00")


def _thumbprint(value: str | bytes) -> bytes:
    # docs/sources.md 4.8: the only use of it that is known.
    return sha256(
        value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    ).digest()


FUNCTIONS = (
    Function(
        "DNComponent",
        (_DN, a_whole("number")),
        _dn_component,
        "The value of a component of a DN, counted from the left; NULL where there is none.",
        (('DNComponent(CRef("cn=Joe,ou=Sales,dc=contoso,dc=com"),1)', "Joe"),),
    ),
    Function(
        "DNComponentRev",
        (_DN, a_whole("number"), _OPTION),
        _dn_component_rev,
        "The value of a component counted from the right; with DC those of the domain do not count.",
        (
            ('DNComponentRev(CRef("cn=Joe,ou=Atlanta,ou=GA,ou=US,dc=contoso,dc=com"),3)', "US"),
            (
                'DNComponentRev(CRef("cn=Joe,ou=Atlanta,ou=GA,ou=US, dc=contoso,dc=com"),1,"DC")',
                "US",
            ),
        ),
    ),
    Function(
        "EscapeDNComponent",
        (TEXT,),
        _escape,
        "A component with what LDAP would take for its own escaped.",
        (('EscapeDNComponent("cn=Doe, Joe")', "cn=Doe\\, Joe"),),
    ),
    Function("Thumbprint", (PIECE,), _thumbprint, "The SHA-256 hash of octets."),
)
