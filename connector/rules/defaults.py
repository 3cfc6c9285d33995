"""The default rules as values: what the compiled flows and scopes do, said in the language of rules.

The names and precedences are those of Azure AD Connect's default configuration (docs/sources.md 4.4). The
program computes with the compiled functions; the expressions here say the same. Where the language
cannot say it, a note of the flow tells what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.model import ObjectType
from connector.rules import transforms
from connector.rules.default_flows import FLOWS
from connector.rules.rule import Flow, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from connector.rules.default_flows import Flow as Row

PREFIX = "In from AD - "
CLOUD_FILTERED = "cloudFiltered"


class _Origin(NamedTuple):
    """Where a default rule comes from: its place in the documents, and Microsoft's tag of it."""

    kind: ObjectType
    precedence: int
    description: str
    tag: str


_PERSON = "the name, the numbers and the place of a person"
_ORIGINS = {
    "User Join": _Origin(ObjectType.USER, 100, "Which users are synchronized.", "003"),
    "User AccountEnabled": _Origin(ObjectType.USER, 102, "The UPN, and who may sign in.", "004"),
    "User Common from Exchange": _Origin(ObjectType.USER, 104, "Addresses of a mailbox.", "004"),
    "User Common": _Origin(ObjectType.USER, 106, f"Of a user {_PERSON}.", "004"),
    "User Exchange": _Origin(ObjectType.USER, 108, "What Exchange keeps of a mailbox.", "003"),
    "Group Join": _Origin(ObjectType.GROUP, 112, "Which groups are synchronized.", "003"),
    "Group Exchange": _Origin(ObjectType.GROUP, 113, "What Exchange keeps of a group.", "004"),
    "Group Common": _Origin(ObjectType.GROUP, 114, "The name and the purpose of a group.", "004"),
    "Contact Join": _Origin(ObjectType.CONTACT, 115, "Which contacts are synchronized.", "003"),
    "Contact Common": _Origin(ObjectType.CONTACT, 116, f"Of a contact {_PERSON}.", "004"),
}

_SCOPE = (
    "isCriticalSystemObject NOTEQUAL TRUE AND adminDescription NOTSTARTSWITH User_"
    " AND adminDescription NOTSTARTSWITH Group_"
)
_OWN = "the connector alone sets it: a rule of your own cannot flow to it"
_UID = (
    "a uid may name its own domain, and the verified domains count where the base DN has none;"
    " what no UPN may have becomes an underscore"
)
_DIRECT = "the program computes it in its own way"


def _chosen(*attributes: str) -> str:
    """Write an expression for the first of these attributes that has a text, trimmed."""
    first, *others = (f"Trim([{attribute}])" for attribute in attributes)
    return f"IIF(IsPresent({first}),{first},{_chosen(*attributes[1:])})" if others else first


_ACCOUNT = _chosen("sAMAccountName", "uid")
_IS_VICTIM = r'InStr(DNComponent(CRef([dn]),1),"\\0ACNF:")>0'
_MAIL_ENABLED = (
    'Count(Where($item,[proxyAddresses],InStr(Trim($item),"smtp:")=1 && InStr($item,"@")>0))>0'
    ' || InStr([mail],"@")>0'
)


def _has_bit(attribute: str, mask: str) -> str:
    """Write a condition that counts what is not a number as 0."""
    return f"IIF(IsNumeric([{attribute}]),BitAnd([{attribute}],{mask})<>0,False)"


_SECURITY_ENABLED = f"IIF(IsPresent([groupType]),{_has_bit('groupType', '&H80000000')},True)"


def _is_client_access(value: str) -> str:
    return f'(Left({value},4)="CAS_" && InStr({value},"}}")>0)'


_DETAILS = "msExchRecipientTypeDetails"
_NICKNAME = "Trim([mailNickname])"
_IS_SERVICE = '$account="SUPPORT_388945a0" || Left($account,4)="AAD_" || Left($account,5)="MSOL_"'
_LEFT_OUT = {
    ObjectType.USER: (
        "(IsPresent([sAMAccountName]) || IsPresent([uid]))=False",
        f"With($account,{_ACCOUNT},{_IS_SERVICE} || {_is_client_access('$account')})",
        f'Left({_NICKNAME},14)="SystemMailbox{{"',
        _is_client_access(_NICKNAME),
        _has_bit(_DETAILS, "&H21C07000"),
        f"IIF(IsNumeric([{_DETAILS}]),CNum([{_DETAILS}])=2,False)",
        _IS_VICTIM,
    ),
    ObjectType.GROUP: (
        f'{_ACCOUNT}="MSOL_AD_Sync_RichCoexistence"',
        _has_bit(_DETAILS, "&H40000000"),
        f"({_SECURITY_ENABLED} || {_MAIL_ENABLED})=False",
        _IS_VICTIM,
    ),
    ObjectType.CONTACT: (
        '(Trim([msExchHideFromAddressLists])="TRUE" && InStr([displayName],"(MSOL)")>0)',
        _is_client_access(_NICKNAME),
        "IsPresent(Trim([mail]))=False",
        f"({_MAIL_ENABLED})=False",
        _IS_VICTIM,
    ),
}

_SAID: dict[Callable[..., object], Callable[[tuple[str, ...]], str]] = {
    transforms.text: lambda names: _chosen(*names),
    transforms.texts: lambda names: _chosen(*names),
    transforms.description: lambda names: (
        f"Left({_chosen(*names)},{transforms.LONGEST_DESCRIPTION})"
    ),
    transforms.user_principal_name: lambda names: (
        f"IIF(IsPresent(Trim([{names[0]}])),[{names[0]}],IIF(IsPresent({_ACCOUNT}),"
        f'{_ACCOUNT}&"@"&%Domain.FQDN%,Error("AccountName is not present")))'
    ),
    transforms.account_name: lambda names: _chosen(*names),
    transforms.account_enabled: lambda names: (
        f"IIF(IsNumeric([{names[0]}]),BitAnd([{names[0]}],2)=0,True)"
    ),
    transforms.proxy_addresses: lambda names: f"RemoveDuplicates(Trim([{names[0]}]))",
    transforms.usage_location: lambda names: (
        f"IIF(IsPresent(Trim([{names[0]}])),Trim([{names[0]}]),"
        f"IIF(IsPresent(Trim([{names[2]}])),Trim([{names[1]}]),NULL))"
    ),
    transforms.security_identifier: lambda names: f"StringFromSid([{names[0]}])",
    transforms.mail_enabled: lambda _: _MAIL_ENABLED,
    transforms.security_enabled: lambda _: _SECURITY_ENABLED,
    transforms.distinguished_name: lambda _: "[dn]",
    transforms.domain_name: lambda _: "%Domain.FQDN%",
}
_NOTES: dict[Callable[..., object], str] = {transforms.user_principal_name: _UID}


class DefaultRule(NamedTuple):
    """A default rule, and what its flows do beyond their expressions: notes by target."""

    rule: Rule
    tag: str
    notes: dict[str, str]


def documented(name: str) -> str:
    """Return the name of a default rule in the documents: ``In from AD - User Common``."""
    return name if name.startswith(PREFIX) else f"{PREFIX}{name}"


def _flows(row: Row) -> Iterator[tuple[Flow, str]]:
    """Yield a row of the table as flows, each with a note; the note is empty where there is none."""
    if row.transform is transforms.extension_attributes:
        for name in row.sources:
            yield Flow(name, value=_chosen(name)), ""
        return
    note = _OWN if row.property.startswith("onPremises") else _NOTES.get(row.transform, "")
    if row.transform in _SAID:
        yield Flow(row.property, value=_SAID[row.transform](row.sources)), note
    else:
        yield Flow(row.property, source=row.sources[0]), note or _DIRECT


def _default_rule(short: str, origin: _Origin) -> DefaultRule:
    name = documented(short)
    found = [
        each for row in FLOWS[origin.kind] if documented(row.rule) == name for each in _flows(row)
    ]
    if short.endswith(" Join"):
        condition = " || ".join(_LEFT_OUT[origin.kind])
        found.insert(0, (Flow(CLOUD_FILTERED, value=f"IIF({condition},True,NULL)"), ""))
    tag = f"Microsoft.{name.replace('-', '').replace(' ', '')}.{origin.tag}"
    return DefaultRule(
        Rule(
            name,
            origin.kind,
            origin.precedence,
            tuple(flow for flow, _ in found),
            (_SCOPE,),
            origin.description,
            default=True,
        ),
        tag,
        {flow.to: note for flow, note in found if note},
    )


DEFAULT_RULES = {
    documented(short): _default_rule(short, origin) for short, origin in _ORIGINS.items()
}
"""The default rules by their names, in the order of precedence."""


def all_rules(own: Iterable[Rule], disabled: Collection[str]) -> list[Rule]:
    """Return the rules of the user's own and the default rules, in the order in which they are asked."""
    defaults = [
        each.rule._replace(disabled=name in disabled) for name, each in DEFAULT_RULES.items()
    ]
    return sorted([*own, *defaults], key=lambda rule: (rule.precedence, rule.kind, rule.name))
