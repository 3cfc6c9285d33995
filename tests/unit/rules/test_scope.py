"""Which rule leaves an entry out of the scope.

The docstrings restate the rule with its source: "Default configuration" is the article "Azure AD Connect
sync: understanding the default configuration", "Default sync rules" are those of build 1.1.130.0.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import ObjectType, StagedEntry
from connector.rules.scope import RULES, Excluded, Scope
from connector.values import dn as dns
from connector.values.entries import KEPT

USER, GROUP, CONTACT = ObjectType.USER, ObjectType.GROUP, ObjectType.CONTACT
REQUIRED = {
    USER: {"samaccountname": ["ann"]},
    GROUP: {},
    CONTACT: {"mail": ["ann@contoso.com"]},
}


def entry(kind, dn="cn=ann,ou=users,dc=contoso,dc=com", **attributes):
    """Make an entry in scope but for what is given; None takes an attribute away."""
    given_ = {name: None if value is None else [value] for name, value in attributes.items()}
    merged = {**REQUIRED[kind], **given_}
    held = {n: v for n, v in merged.items() if v is not None}
    return StagedEntry("anchor", kind, dn, dns.key(dn), "", held)


def rule(kind, *, members=0, **attributes):
    excluded = Scope().verdict(entry(kind, **attributes), members)
    return excluded and excluded.rule


@pytest.mark.parametrize("kind", ObjectType)
def test_an_entry_with_what_its_type_requires_is_in_scope(kind):
    assert Scope().reason(entry(kind)) is None


# --- all types ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ObjectType)
@pytest.mark.parametrize(
    ("value", "expected"), [("TRUE", "critical-system-object"), ("FALSE", None)]
)
def test_critical_system_objects_are_left_out(kind, value, expected):
    """Default configuration: isCriticalSystemObject set to True."""
    assert rule(kind, iscriticalsystemobject=value) == expected


@pytest.mark.parametrize("kind", ObjectType)
@pytest.mark.parametrize("value", ["User_8a2e", "Group_8a2e", "group_8a2e"])
def test_objects_that_the_tool_wrote_itself_are_left_out(kind, value):
    """Default sync rules: adminDescription starts with User_ or Group_."""
    assert rule(kind, admindescription=value) == "written-back"


def test_another_admin_description_does_not_count():
    assert rule(USER, admindescription="Our User_1") is None


@pytest.mark.parametrize("kind", ObjectType)
@pytest.mark.parametrize("mark", [r"\0ACNF:", r"\0aCNF:"])
def test_victims_of_a_replication_conflict_are_left_out(kind, mark):
    r"""Default configuration: the RDN contains ``\0ACNF:``."""
    victim = rf"CN=Ann{mark}6701fa1a-fb0f-45a8-9356-d302b2affbb1,DC=contoso,DC=com"

    assert rule(kind, dn=victim) == "replication-victim"


@pytest.mark.parametrize(
    "dn", [r"cn=ann,ou=x\0ACNF:1,dc=contoso", "cn=CNF: the company,dc=contoso"]
)
def test_only_the_entry_itself_can_be_a_victim(dn):
    assert rule(USER, dn=dn) is None


# --- users --------------------------------------------------------------------------------------


def test_a_user_without_account_name_is_left_out():
    """Default configuration: no sAMAccountName."""
    assert rule(USER, samaccountname=None) == "no-account-name"


def test_uid_stands_in_for_the_account_name():
    assert rule(USER, samaccountname=None, uid="ann") is None
    assert rule(USER, samaccountname=None, uid="AAD_1") == "service-account"
    assert rule(USER, samaccountname="ann", uid="AAD_1") is None


@pytest.mark.parametrize("name", ["AAD_12", "MSOL_12", "MSOL_AD_Sync", "aad_12"])
def test_service_accounts_are_left_out(name):
    """Default configuration: sAMAccountName starts with AAD_ or MSOL_."""
    assert rule(USER, samaccountname=name) == "service-account"


def test_the_support_account_is_left_out():
    """Default configuration: sAMAccountName is SUPPORT_388945a0."""
    assert rule(USER, samaccountname="SUPPORT_388945a0") == "support-account"
    assert rule(USER, samaccountname="SUPPORT_388945a0x") is None


def test_system_mailboxes_are_left_out():
    """Default configuration: mailNickname starts with SystemMailbox{."""
    assert rule(USER, mailnickname="SystemMailbox{1f05a927") == "system-mailbox"


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"mailnickname": "CAS_{1}"}, "client-access-mailbox"),
        ({"samaccountname": "CAS_{1}"}, "client-access-account"),
        ({"samaccountname": "CAS_1", "mailnickname": "CAS_1"}, None),
        ({"mailnickname": "x_CAS_{1}"}, None),
    ],
)
def test_client_access_servers_are_left_out(attributes, expected):
    """Default configuration: mailNickname or sAMAccountName starts with CAS_ and contains }."""
    assert rule(USER, **attributes) == expected


@pytest.mark.parametrize("bit", [0x1000, 0x2000, 0x4000, 0x400000, 0x800000, 0x1000000, 0x20000000])
def test_mailboxes_of_exchange_itself_are_left_out(bit):
    """Default configuration: msExchRecipientTypeDetails & 0x21C07000."""
    assert rule(USER, msexchrecipienttypedetails=str(bit | 1)) == "exchange-system-recipient"


@pytest.mark.parametrize("value", ["1", "128", "2147483648", "no number", ""])
def test_other_mailboxes_are_in_scope(value):
    assert rule(USER, msexchrecipienttypedetails=value) is None


def test_a_linked_mailbox_has_no_source_anchor():
    """Default sync rules: sourceAnchor is NULL where msExchRecipientTypeDetails is 2."""
    assert rule(USER, msexchrecipienttypedetails="2") == "linked-mailbox"


def test_disabled_users_are_in_scope():
    """Understanding users, groups, and contacts: disabled accounts are synchronized too."""
    assert rule(USER, useraccountcontrol="514") is None


# --- contacts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "hidden", "expected"),
    [
        ("Ann (MSOL)", "TRUE", "hidden-service-contact"),
        ("Ann (MSOL)", "FALSE", None),
        ("Ann (MSOL)", None, None),
        ("Ann", "TRUE", None),
    ],
)
def test_hidden_contacts_of_the_service_are_left_out(name, hidden, expected):
    """Default configuration: displayName contains (MSOL), and hidden from address lists."""
    assert rule(CONTACT, displayname=name, msexchhidefromaddresslists=hidden) == expected


def test_contacts_of_client_access_servers_are_left_out():
    assert rule(CONTACT, mailnickname="CAS_{1}") == "client-access-mailbox"


@pytest.mark.parametrize("mail", [None, " "])
def test_a_contact_without_mail_is_left_out(mail):
    """Default configuration: a contact needs mail."""
    assert rule(CONTACT, mail=mail, proxyaddresses="SMTP:a@x") == "contact-without-mail"


@pytest.mark.parametrize(
    ("mail", "proxy", "expected"),
    [
        ("ann@contoso.com", None, None),
        ("ann", "SMTP:ann@contoso.com", None),
        ("ann", "smtp:ann@contoso.com", None),
        ("ann", "SMTP:ann", "contact-not-mail-enabled"),
        ("ann", "X400:c=de;a=@", "contact-not-mail-enabled"),
        ("ann", None, "contact-not-mail-enabled"),
    ],
)
def test_a_contact_must_be_mail_enabled(mail, proxy, expected):
    """Default sync rules: a proxy address with SMTP: and @, or a mail with @."""
    assert rule(CONTACT, mail=mail, proxyaddresses=proxy) == expected


# --- groups -------------------------------------------------------------------------------------


def test_the_group_of_rich_coexistence_is_left_out():
    """Default configuration: sAMAccountName is MSOL_AD_Sync_RichCoexistence."""
    assert rule(GROUP, samaccountname="MSOL_AD_Sync_RichCoexistence") == "rich-coexistence-group"
    assert rule(GROUP, samaccountname="MSOL_Friends") is None


def test_role_groups_are_left_out():
    """Default configuration: msExchRecipientTypeDetails & 0x40000000."""
    assert rule(GROUP, msexchrecipienttypedetails=str(0x40000000)) == "role-group"
    assert rule(GROUP, msexchrecipienttypedetails=str(0x20000000)) is None


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, None),
        ({"grouptype": "-2147483646"}, None),
        ({"grouptype": "2147483650"}, None),
        ({"grouptype": "2"}, "group-without-purpose"),
        ({"grouptype": "2", "mail": "staff"}, "group-without-purpose"),
        ({"grouptype": "2", "mail": "staff@contoso.com"}, None),
        ({"grouptype": "2", "proxyaddresses": "smtp:staff@contoso.com"}, None),
    ],
)
def test_a_group_must_be_security_enabled_or_mail_enabled(attributes, expected):
    """Understanding users, groups, and contacts: nothing but smtp: makes it mail-enabled too."""
    assert rule(GROUP, **attributes) == expected


def test_a_group_may_have_250000_members():
    assert rule(GROUP, members=250_000) is None


def test_a_larger_group_stops_syncing_with_an_error():
    """Default sync rules: "Maximum Group member count exceeded"."""
    assert Scope().verdict(entry(GROUP), 250_001) == Excluded(
        "member-limit",
        "has 250001 members, more than 250000",
        "Azure AD service limits",
        error="Maximum Group member count exceeded",
    )


# --- units of the settings ----------------------------------------------------------------------

BASE = "dc=contoso,dc=com"


@pytest.mark.parametrize(
    ("dn", "reason"),
    [
        (f"uid=a,ou=staff,{BASE}", None),
        (f"uid=a,ou=guests,ou=staff,{BASE}", f"below the excluded OU=Guests, ou=staff,{BASE}"),
        (f"uid=a,ou=vip,ou=guests,ou=staff,{BASE}", None),
        (f"uid=a,{BASE}", "below none of the included units"),
        (f"uid=a,ou=nostaff,{BASE}", "below none of the included units"),
    ],
)
def test_the_deepest_unit_above_an_entry_decides(dn, reason):
    scope = Scope(
        include=[f"ou=staff,{BASE}", f"ou=vip,ou=guests,ou=staff,{BASE}"],
        exclude=[f"OU=Guests, ou=staff,{BASE}"],
    )

    assert scope.reason(entry(USER, dn)) == reason


def test_without_an_include_all_that_is_not_excluded_is_in_scope():
    scope = Scope(exclude=[f"ou=guests,{BASE}"])

    assert scope.reason(entry(USER, f"uid=a,ou=staff,{BASE}")) is None
    assert (
        scope.reason(entry(USER, f"uid=a,ou=guests,{BASE}"))
        == f"below the excluded ou=guests,{BASE}"
    )


def test_exclude_comes_before_include_on_the_same_unit():
    scope = Scope(include=[f"ou=staff,{BASE}"], exclude=[f"ou=Staff,{BASE}"])

    assert (
        scope.reason(entry(USER, f"uid=a,ou=staff,{BASE}")) == f"below the excluded ou=Staff,{BASE}"
    )


# --- every rule ---------------------------------------------------------------------------------


def test_the_sentence_and_the_source_are_given_with_the_rule():
    assert Scope().verdict(entry(USER, samaccountname="MSOL_1")) == Excluded(
        "service-account",
        "sAMAccountName starts with MSOL_",
        "Azure AD Connect sync: understanding the default configuration",
    )


@pytest.mark.parametrize("kind", ObjectType)
def test_the_rules_of_a_type_have_names_of_their_own(kind):
    names = [row.name for row in RULES[kind]]

    assert len(names) == len(set(names))


@given(
    st.sampled_from(ObjectType),
    st.text(),
    st.dictionaries(st.sampled_from(KEPT), st.lists(st.text(), max_size=3)),
)
def test_no_value_breaks_the_rules(kind, dn, attributes):
    reason = Scope(exclude=["ou=guests"]).reason(
        StagedEntry("anchor", kind, dn, dns.key(dn), "", attributes)
    )

    assert reason is None or reason
