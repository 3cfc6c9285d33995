"""Decide which staged entries are synced, and name the rule that leaves an entry out.

The scope consists of the organizational units of the settings and of the tables below. These hold what
Azure AD Connect never syncs, with ``uid`` in place of sAMAccountName where a directory has none. The
documents do not say whether case counts; like Active Directory, all comparisons here ignore it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from connector.model import ObjectType, StagedEntry
from connector.rules.chain import NO_RULES
from connector.rules.readings import mail_enabled, number, one, security_enabled
from connector.rules.sync_error import FlowFailed
from connector.values import dn as dns
from connector.values import filters as scoping
from connector.values.addresses import fold
from connector.values.entries import staged_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from connector.rules.chain import Chain
    from connector.rules.readings import Attributes

MEMBER_LIMIT = 250_000
"""Members that a group may have, as of the second version of the sync endpoint."""

MEMBER_COUNT_EXCEEDED = "Maximum Group member count exceeded"

_DEFAULTS = "Azure AD Connect sync: understanding the default configuration"
_CONTACTS = "Azure AD Connect sync: understanding users, groups, and contacts"
_FILTERING = "Azure AD Connect sync: configure filtering"
_RULES = "default sync rules, build 1.1.130.0"
_LIMITS = "Azure AD service limits"
_SETTINGS = "the rules of the settings"

# msExchRecipientTypeDetails
_SYSTEM_MAILBOXES = 0x21C07000
_ROLE_GROUP = 0x40000000
_LINKED_MAILBOX = 2


class Excluded(NamedTuple):
    """Why an entry is not synced.

    ``rule`` is a stable name, ``sentence`` the reason for people, ``source`` the document that has the
    rule. With ``error`` the object fails with a sync error of that name instead of being deleted; with
    ``attribute``, too, that is the cause, and the sentence stands for itself.
    """

    rule: str
    sentence: str
    source: str
    error: str | None = None
    attribute: str | None = None


class Rule(NamedTuple):
    """One rule: ``test`` returns a sentence for an entry to leave out, None for another.

    ``reads`` are attributes; an entry that has none of them is never left out. It is empty for a rule
    that must look at every entry.
    """

    name: str
    test: Callable[[StagedEntry], str | None]
    source: str
    reads: tuple[str, ...] = ()


class _Unit(NamedTuple):
    """An organizational unit that the settings name."""

    dn_key: str
    dn: str
    included: bool


class Scope:
    """The entries that are synced: those in the units of the settings that no rule leaves out."""

    def __init__(
        self,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        *,
        filters: Sequence[str] = (),
        pilots: Collection[str] | None = None,
        chain: Chain = NO_RULES,
    ) -> None:
        """Take DNs of units: the deepest one above an entry decides, ``exclude`` before ``include``.

        Without ``include`` every entry is included that is not below an ``exclude``. An entry must meet
        one of the ``filters`` (see ``filters.parse``), if there are any. ``pilots`` are the folded DNs
        of the direct members of the pilot group, None where the settings name no such group. A rule of
        the ``chain`` leaves an entry out where it gives True to ``cloudFiltered``.
        """
        self._chain = chain
        self._filters = {text: scoping.parse(text) for text in filters}
        self._unmet = set(self._filters)
        self._pilots = None if pilots is None else frozenset(pilots)
        # The longer of two names that stand above one entry is the deeper one.
        self._units = sorted(
            [_Unit(staged_key(dn), dn, included=True) for dn in include]
            + [_Unit(staged_key(dn), dn, included=False) for dn in exclude],
            key=lambda unit: (-len(unit.dn_key), unit.included),
        )
        self._everything = not include

    def reason(self, entry: StagedEntry, members: int = 0) -> str | None:
        """Return None when the entry is in scope, else a sentence that names the rule."""
        excluded = self.verdict(entry, members)
        return excluded.sentence if excluded else None

    def verdict(self, entry: StagedEntry, members: int = 0) -> Excluded | None:
        """Return why an entry is out of scope, None when it is in; ``members`` counts a group's."""
        if excluded := self._by_place(entry):
            return excluded
        if self._filters and not self._meets_a_filter(entry):
            return Excluded("scoping-filter", "meets none of the filters of the scope", _FILTERING)
        for rule in _rules(entry.type, tuple(entry.attributes)):
            if sentence := rule.test(entry):
                return Excluded(rule.name, sentence, rule.source)
        if self._chain and (excluded := self._by_rule(entry)):
            return excluded
        return _by_size(members)

    def verdict_of_place(self, entry: StagedEntry, members: int) -> Excluded | None:
        """Return why an entry is out of scope whose attributes are none of the reasons."""
        return self._by_place(entry) or _by_size(members)

    @property
    def reads_attributes(self) -> bool:
        """Whether the settings have filters, which look at the attributes of every entry."""
        return bool(self._filters)

    @property
    def takes_every_place(self) -> bool:
        """Whether no place in the tree is left out, and no pilot group narrows the scope."""
        return not self._units and self._pilots is None

    @property
    def unmet(self) -> list[str]:
        """The filters that none of the entries meets which were decided on so far."""
        return [text for text in self._filters if text in self._unmet]

    def _by_rule(self, entry: StagedEntry) -> Excluded | None:
        try:
            rule = self._chain.filtered(entry.type, entry.attributes, entry.dn)
        except FlowFailed as failed:
            error = failed.error
            return Excluded(failed.rule, error.message, _SETTINGS, error.error, error.attribute)
        if rule is None:
            return None
        return Excluded(rule, f"the rule {rule!r} makes cloudFiltered True", _SETTINGS)

    def _meets_a_filter(self, entry: StagedEntry) -> bool:
        for text in list(self._unmet):
            if self._meets(entry, text):
                self._unmet.discard(text)
        return any(self._meets(entry, text) for text in self._filters)

    def _meets(self, entry: StagedEntry, text: str) -> bool:
        return all(
            scoping.holds(clause, entry.attributes, entry.dn) for clause in self._filters[text]
        )

    def _by_place(self, entry: StagedEntry) -> Excluded | None:
        if self._units and (excluded := self._by_unit(entry.dn_key)):
            return excluded
        if self._pilots is not None and entry.dn_key not in self._pilots:
            return Excluded("pilot-group", "is not a direct member of the pilot group", _FILTERING)
        return None

    def _by_unit(self, dn_key: str) -> Excluded | None:
        for unit in self._units:
            if dns.is_below(dn_key, unit.dn_key):
                if unit.included:
                    return None
                return Excluded("unit-excluded", f"below the excluded {unit.dn}", _FILTERING)
        if self._everything:
            return None
        return Excluded("unit-not-included", "below none of the included units", _FILTERING)


def _by_size(members: int) -> Excluded | None:
    if members <= MEMBER_LIMIT:
        return None
    sentence = f"has {members} members, more than {MEMBER_LIMIT}"
    return Excluded("member-limit", sentence, _LIMITS, MEMBER_COUNT_EXCEEDED)


@lru_cache(maxsize=4096)
def _rules(kind: ObjectType, present: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rules that may leave out an entry with these attributes; cached as flows are."""
    there = frozenset(present)
    return tuple(rule for rule in RULES[kind] if not rule.reads or not there.isdisjoint(rule.reads))


def _critical_system_object(entry: StagedEntry) -> str | None:
    value = one(entry.attributes, "iscriticalsystemobject")
    return "isCriticalSystemObject is TRUE" if fold(value) == "true" else None


def _written_back(entry: StagedEntry) -> str | None:
    value = fold(one(entry.attributes, "admindescription"))
    for prefix in ("User_", "Group_"):
        if value.startswith(fold(prefix)):
            return f"adminDescription starts with {prefix}, so the tool itself wrote the object"
    return None


def _replication_victim(entry: StagedEntry) -> str | None:
    if "CNF:" in entry.dn and "\nCNF:" in dns.rdn_value(entry.dn):
        return r"the name contains \0ACNF:, so the object lost a replication conflict"
    return None


def _account_name(entry: StagedEntry) -> tuple[str, str]:
    """Return the attribute that names the account, and the folded name."""
    if name := one(entry.attributes, "samaccountname"):
        return "sAMAccountName", fold(name)
    return "uid", fold(one(entry.attributes, "uid"))


def _no_account_name(entry: StagedEntry) -> str | None:
    if "samaccountname" in entry.attributes or "uid" in entry.attributes:
        return None
    return "has neither sAMAccountName nor uid"


def _service_account(entry: StagedEntry) -> str | None:
    attribute, name = _account_name(entry)
    for prefix, folded in (("AAD_", "aad_"), ("MSOL_", "msol_")):
        if name.startswith(folded):
            return f"{attribute} starts with {prefix}"
    return None


def _support_account(entry: StagedEntry) -> str | None:
    attribute, name = _account_name(entry)
    return f"{attribute} is SUPPORT_388945a0" if name == "support_388945a0" else None


def _system_mailbox(entry: StagedEntry) -> str | None:
    if fold(one(entry.attributes, "mailnickname")).startswith("systemmailbox{"):
        return "mailNickname starts with SystemMailbox{"
    return None


def _client_access_nickname(entry: StagedEntry) -> str | None:
    return _client_access("mailNickname", fold(one(entry.attributes, "mailnickname")))


def _client_access_account(entry: StagedEntry) -> str | None:
    return _client_access(*_account_name(entry))


def _client_access(attribute: str, value: str) -> str | None:
    if value.startswith("cas_") and "}" in value:
        return f"{attribute} starts with CAS_ and contains }}"
    return None


def _recipient_of_exchange_itself(entry: StagedEntry) -> str | None:
    details = number(entry.attributes, "msexchrecipienttypedetails")
    if details & _SYSTEM_MAILBOXES:
        return f"msExchRecipientTypeDetails {details} has a bit of 0x{_SYSTEM_MAILBOXES:X}"
    return None


def _linked_mailbox(entry: StagedEntry) -> str | None:
    if number(entry.attributes, "msexchrecipienttypedetails") == _LINKED_MAILBOX:
        return "msExchRecipientTypeDetails is 2, a linked mailbox, which has no source anchor"
    return None


def _hidden_service_contact(entry: StagedEntry) -> str | None:
    hidden = fold(one(entry.attributes, "msexchhidefromaddresslists")) == "true"
    if hidden and "(msol)" in fold(one(entry.attributes, "displayname")):
        return "displayName contains (MSOL) and the contact is hidden from address lists"
    return None


def _contact_without_mail(entry: StagedEntry) -> str | None:
    return None if one(entry.attributes, "mail") else "has no mail"


def _contact_not_mail_enabled(entry: StagedEntry) -> str | None:
    if mail_enabled(entry.attributes):
        return None
    return "is not mail-enabled: no SMTP address in proxyAddresses and no @ in mail"


def _rich_coexistence_group(entry: StagedEntry) -> str | None:
    attribute, name = _account_name(entry)
    if name == "msol_ad_sync_richcoexistence":
        return f"{attribute} is MSOL_AD_Sync_RichCoexistence"
    return None


def _role_group(entry: StagedEntry) -> str | None:
    details = number(entry.attributes, "msexchrecipienttypedetails")
    if details & _ROLE_GROUP:
        return f"msExchRecipientTypeDetails {details} has the bit 0x{_ROLE_GROUP:X}, a role group"
    return None


def _group_without_purpose(entry: StagedEntry) -> str | None:
    if security_enabled(entry.attributes) or mail_enabled(entry.attributes):
        return None
    return "is neither security-enabled nor mail-enabled"


_ACCOUNT = ("samaccountname", "uid")
_NICKNAME = ("mailnickname",)
_DETAILS = ("msexchrecipienttypedetails",)

_ALWAYS = (
    Rule("critical-system-object", _critical_system_object, _DEFAULTS, ("iscriticalsystemobject",)),
    Rule("written-back", _written_back, _RULES, ("admindescription",)),
    Rule("replication-victim", _replication_victim, _DEFAULTS),
)

RULES: dict[ObjectType, tuple[Rule, ...]] = {
    ObjectType.USER: (
        *_ALWAYS,
        Rule("no-account-name", _no_account_name, _DEFAULTS),
        Rule("service-account", _service_account, _DEFAULTS, _ACCOUNT),
        Rule("support-account", _support_account, _DEFAULTS, _ACCOUNT),
        Rule("system-mailbox", _system_mailbox, _DEFAULTS, _NICKNAME),
        Rule("client-access-mailbox", _client_access_nickname, _DEFAULTS, _NICKNAME),
        Rule("client-access-account", _client_access_account, _DEFAULTS, _ACCOUNT),
        Rule("exchange-system-recipient", _recipient_of_exchange_itself, _DEFAULTS, _DETAILS),
        Rule("linked-mailbox", _linked_mailbox, _RULES, _DETAILS),
    ),
    ObjectType.CONTACT: (
        *_ALWAYS,
        Rule(
            "hidden-service-contact",
            _hidden_service_contact,
            _DEFAULTS,
            ("msexchhidefromaddresslists",),
        ),
        Rule("client-access-mailbox", _client_access_nickname, _DEFAULTS, _NICKNAME),
        Rule("contact-without-mail", _contact_without_mail, _DEFAULTS),
        Rule("contact-not-mail-enabled", _contact_not_mail_enabled, _DEFAULTS),
    ),
    ObjectType.GROUP: (
        *_ALWAYS,
        Rule("rich-coexistence-group", _rich_coexistence_group, _DEFAULTS, _ACCOUNT),
        Rule("role-group", _role_group, _DEFAULTS, _DETAILS),
        Rule("group-without-purpose", _group_without_purpose, _CONTACTS, ("grouptype",)),
    ),
}

# The beginnings of a folded name that the rules look for, those at least: a glance goes by them.
_ACCOUNT_BEGINNINGS = ("aad_", "cas_", "msol_", "support_388945a0")
_NICKNAME_BEGINNINGS = ("cas_", "systemmailbox{")
_GLANCED_AT = {
    "client-access-account": (_ACCOUNT, _ACCOUNT_BEGINNINGS),
    "client-access-mailbox": (_NICKNAME, _NICKNAME_BEGINNINGS),
    "rich-coexistence-group": (_ACCOUNT, _ACCOUNT_BEGINNINGS),
    "service-account": (_ACCOUNT, _ACCOUNT_BEGINNINGS),
    "support-account": (_ACCOUNT, _ACCOUNT_BEGINNINGS),
    "system-mailbox": (_NICKNAME, _NICKNAME_BEGINNINGS),
}


def glance(kind: ObjectType, present: Sequence[str]) -> Callable[[Attributes, str], bool]:
    """Return a quick look at entries with these attributes, each with one value.

    It takes the attributes and the DN of an entry. False says that no rule of the table leaves it out;
    True that one may.
    """
    beginnings: dict[str, tuple[str, ...]] = {}
    tests = []
    for rule in _rules(kind, tuple(present)):
        if rule.name in _GLANCED_AT:
            names, texts = _GLANCED_AT[rule.name]
            beginnings |= {name: texts for name in names if name in present}
        elif rule.name == "no-account-name":
            if set(present).isdisjoint(_ACCOUNT):
                return lambda *_: True
        elif rule.name != "replication-victim":
            tests.append(rule.test)

    def look(attributes: Attributes, dn: str) -> bool:
        for name, texts in beginnings.items():
            if fold(attributes[name][0].strip()).startswith(texts):
                return True
        if "CNF:" in dn:
            return True
        entry = StagedEntry("", kind, dn, "", "", attributes) if tests else None
        return entry is not None and any(test(entry) for test in tests)

    return look
