"""A staged entry becomes a cloud object, flow by flow.

The docstrings restate the rule: that of Azure AD Connect's default sync rules (build 1.1.130.0) where no
other source is named.
"""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import CloudObject, DirectoryEntry, ObjectType, StagedEntry
from connector.rules.default_flows import FLOWS
from connector.rules.flow import Flowed, FlowWarning, flow
from connector.rules.sync_error import FlowError
from connector.values import dn as dns
from connector.values.canonical import canonical
from connector.values.entries import KEPT, load, stage

USER, GROUP, CONTACT = ObjectType.USER, ObjectType.GROUP, ObjectType.CONTACT
DN = "cn=ann,dc=contoso,dc=com"
NAMED = {USER: {"samaccountname": ["ann"]}, GROUP: {}, CONTACT: {}}


def entry(kind, attributes):
    lists = {
        name: [value] if isinstance(value, str) else value for name, value in attributes.items()
    }
    return StagedEntry("anchor", kind, DN, dns.key(DN), "", {**NAMED[kind], **lists})


def properties(kind, domain="contoso.com", **attributes):
    flowed = flow(entry(kind, attributes), domain)
    assert isinstance(flowed, Flowed), flowed
    return flowed.object.properties


def value(kind, name, **attributes):
    return properties(kind, **attributes).get(name)


# --- whole objects ------------------------------------------------------------------------------


def test_a_user_flows():
    attributes = {
        "samaccountname": "ann",
        "userprincipalname": "ann.lee@contoso.com",
        "useraccountcontrol": "512",
        "displayname": "Ann Lee",
        "givenname": "Ann",
        "sn": "Lee",
        "mail": "ann.lee@contoso.com",
        "mailnickname": "ann",
        "proxyaddresses": ["SMTP:ann.lee@contoso.com", "smtp:ann@contoso.com"],
        "targetaddress": "SMTP:ann@fabrikam.com",
        "title": "Engineer",
        "department": "Sales",
        "company": "Contoso",
        "physicaldeliveryofficename": "B2",
        "mobile": "+1 555 0101",
        "telephonenumber": "+1 555 0100",
        "facsimiletelephonenumber": "+1 555 0102",
        "streetaddress": "Main Street 1",
        "l": "Zürich",
        "st": "ZH",
        "postalcode": "8001",
        "co": "Switzerland",
        "usagelocation": "CH",
        "employeeid": "17",
        "preferredlanguage": "de-CH",
        "description": "Sells",
        "extensionattribute1": "one",
        "extensionattribute15": "fifteen",
        "objectsid": "AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUAQAAA==",
    }

    assert flow(entry(USER, attributes), "contoso.com") == Flowed(
        CloudObject(
            "anchor",
            USER,
            {
                "userPrincipalName": "ann.lee@contoso.com",
                "accountEnabled": True,
                "displayName": "Ann Lee",
                "givenName": "Ann",
                "surname": "Lee",
                "mail": "ann.lee@contoso.com",
                "mailNickname": "ann",
                "proxyAddresses": ["SMTP:ann.lee@contoso.com", "smtp:ann@contoso.com"],
                "targetAddress": "SMTP:ann@fabrikam.com",
                "jobTitle": "Engineer",
                "department": "Sales",
                "companyName": "Contoso",
                "officeLocation": "B2",
                "mobilePhone": "+1 555 0101",
                "businessPhones": ["+1 555 0100"],
                "faxNumber": "+1 555 0102",
                "streetAddress": "Main Street 1",
                "city": "Zürich",
                "state": "ZH",
                "postalCode": "8001",
                "country": "Switzerland",
                "usageLocation": "CH",
                "employeeId": "17",
                "preferredLanguage": "de-CH",
                "description": "Sells",
                "onPremisesSamAccountName": "ann",
                "onPremisesSecurityIdentifier": "S-1-5-21-1-2-3-1104",
                "onPremisesDistinguishedName": DN,
                "onPremisesDomainName": "contoso.com",
                "onPremisesExtensionAttributes": {
                    "extensionAttribute1": "one",
                    "extensionAttribute15": "fifteen",
                },
            },
        )
    )


def test_a_bare_user_has_what_can_be_derived_and_nothing_else():
    assert properties(USER) == {
        "userPrincipalName": "ann@contoso.com",
        "accountEnabled": True,
        "onPremisesSamAccountName": "ann",
        "onPremisesDistinguishedName": DN,
        "onPremisesDomainName": "contoso.com",
    }


def test_a_group_flows():
    flowed = properties(
        GROUP,
        cn="staff",
        displayname="Staff",
        description="All of us",
        mail="staff@contoso.com",
        mailnickname="staff",
        proxyaddresses="SMTP:staff@contoso.com",
        grouptype="-2147483646",
        samaccountname="Staff",
        title="does not flow",
    )

    assert flowed == {
        "displayName": "Staff",
        "description": "All of us",
        "mail": "staff@contoso.com",
        "mailNickname": "staff",
        "proxyAddresses": ["SMTP:staff@contoso.com"],
        "mailEnabled": True,
        "securityEnabled": True,
        "onPremisesSamAccountName": "Staff",
        "onPremisesDistinguishedName": DN,
        "onPremisesDomainName": "contoso.com",
    }


def test_a_contact_flows():
    flowed = properties(
        CONTACT,
        cn="Carla Diaz",
        sn="Diaz",
        mail="carla@fabrikam.com",
        targetaddress="SMTP:carla@fabrikam.com",
        telephonenumber="1",
        samaccountname="does not flow",
    )

    assert flowed == {
        "displayName": "Carla Diaz",
        "surname": "Diaz",
        "mail": "carla@fabrikam.com",
        "mailNickname": "Carla Diaz",
        "targetAddress": "SMTP:carla@fabrikam.com",
        "businessPhones": ["1"],
        "onPremisesDistinguishedName": DN,
    }


# --- names --------------------------------------------------------------------------------------


def test_a_upn_is_taken_as_it_stands():
    """The tenant decides what becomes of spaces: the default rule does not trim a UPN."""
    assert (
        value(USER, "userPrincipalName", userprincipalname="ann@contoso.com ") == "ann@contoso.com "
    )


@pytest.mark.parametrize("upn", ["", "  "])
def test_the_account_name_and_the_domain_make_a_missing_upn(upn):
    """userPrincipalName: UPN if present, else sAMAccountName@domain."""
    assert value(USER, "userPrincipalName", userprincipalname=upn) == "ann@contoso.com"


def test_uid_stands_in_for_the_account_name():
    flowed = properties(USER, samaccountname=[], uid="lee")

    assert flowed["userPrincipalName"] == "lee@contoso.com"
    assert flowed["onPremisesSamAccountName"] == "lee"


def test_a_user_without_any_name_is_a_sync_error():
    """userPrincipalName: with neither, the error AccountName is not present."""
    assert flow(entry(USER, {"samaccountname": " "}), "contoso.com") == FlowError(
        "AccountName is not present",
        "userPrincipalName",
        None,
        "no userPrincipalName, and no sAMAccountName or uid to make one of; set one of them",
    )


@pytest.mark.parametrize(
    ("mail", "upn"),
    [
        ("ann.lee@fabrikam.com", "ann.lee@fabrikam.com"),
        ("ann.lee@Contoso.com", "ann.lee@Contoso.com"),
        ("ann.lee@elsewhere.example", "ann@fabrikam.com"),
        ("ann+lee@contoso.com", "ann@fabrikam.com"),
        ("ann.lee", "ann@fabrikam.com"),
        (" ", "ann@fabrikam.com"),
    ],
)
def test_without_a_domain_the_mail_is_the_upn_else_a_verified_domain_stands_behind_the_name(
    mail, upn
):
    found = flow(entry(USER, {"mail": mail}), "", ["fabrikam.com", "contoso.com"])

    assert isinstance(found, Flowed)
    assert found.object.properties["userPrincipalName"] == upn


@pytest.mark.parametrize(
    ("uid", "upn", "account"),
    [
        ("ann@contoso.com", "ann@contoso.com", "ann"),
        ("ann@FABRIKAM.COM", "ann@FABRIKAM.COM", "ann"),
        (r"CONTOSO\ann", "ann@contoso.com", "ann"),
        (r"CONTOSO\ann@fabrikam.com", "ann@fabrikam.com", "ann"),
        ("ann@CONTOSO", "ann@contoso.com", "ann"),
        ("ann lee", "ann_lee@contoso.com", "ann lee"),
        ("ann+lee", "ann_lee@contoso.com", "ann+lee"),
        ("ann+lee@contoso.com", "ann_lee@contoso.com", "ann+lee"),
        ("ann@lee@contoso.com", "ann_lee_contoso.com@contoso.com", "ann@lee@contoso.com"),
        ("jörg", "jörg@contoso.com", "jörg"),
        ("o'hara", "o'hara@contoso.com", "o'hara"),
        (".ann.", "ann@contoso.com", ".ann."),
        ("ann\u200b", "ann_@contoso.com", "ann\u200b"),
        ("ann\\", "ann_@contoso.com", "ann\\"),
        ("x" * 80, f"{'x' * 64}@contoso.com", "x" * 80),
    ],
)
def test_a_uid_may_hold_more_than_a_name(uid, upn, account):
    flowed = properties(USER, samaccountname=[], uid=uid)

    assert flowed["userPrincipalName"] == upn
    assert flowed["onPremisesSamAccountName"] == account


def test_a_uid_of_dots_names_nobody():
    found = flow(entry(USER, {"samaccountname": [], "uid": "..."}), "contoso.com")

    assert isinstance(found, FlowError)
    assert found.error == "AccountName is not present"


def test_without_a_domain_a_user_with_a_upn_flows():
    assert "onPremisesDomainName" not in properties(USER, domain="", userprincipalname="a@b")


@pytest.mark.parametrize("kind", ObjectType)
@pytest.mark.parametrize("empty", [[], [""], [" "]])
def test_cn_stands_in_for_an_empty_display_name(kind, empty):
    """displayName: displayName, or cn if empty."""
    assert value(kind, "displayName", displayname=empty, cn="Ann") == "Ann"


def test_cn_stands_in_for_the_mail_nickname_of_a_contact_only():
    """mailNickname of a contact: mailNickname, or cn if empty."""
    assert value(CONTACT, "mailNickname", mailnickname="al", cn="Ann") == "al"
    assert value(CONTACT, "mailNickname", cn="Ann") == "Ann"
    assert value(USER, "mailNickname", cn="Ann") is None
    assert value(GROUP, "mailNickname", cn="Ann") is None


# --- texts --------------------------------------------------------------------------------------


def test_texts_are_trimmed():
    """mail and most strings: trimmed."""
    assert value(USER, "mail", mail="  ann@contoso.com\n") == "ann@contoso.com"


def test_the_first_value_that_is_not_blank_counts():
    assert value(USER, "jobTitle", title=[" ", "Baker", "Cook"]) == "Baker"


@pytest.mark.parametrize("kind", [USER, GROUP])
def test_a_description_is_cut_at_448_characters(kind):
    """description: first value, trimmed, cut at 448 characters."""
    assert value(kind, "description", description=[" " + "ä" * 449, "b"]) == "ä" * 448


def test_control_characters_stay():
    assert value(USER, "jobTitle", title="a\x1b[31mb\x00c") == "a\x1b[31mb\x00c"


def test_the_street_of_plain_ldap_stands_in_for_street_address():
    assert value(USER, "streetAddress", street="Main 1") == "Main 1"
    assert value(USER, "streetAddress", street="Main 1", streetaddress="Side 2") == "Side 2"


def test_the_country_code_stands_in_for_a_missing_country():
    assert value(CONTACT, "country", c="CH") == "CH"
    assert value(CONTACT, "country", c="CH", co="Switzerland") == "Switzerland"


# --- accounts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("control", "enabled"),
    [("512", True), ("514", False), ("66050", False), ([], True), ("no number", True)],
)
def test_an_account_is_enabled_unless_bit_2_is_set(control, enabled):
    """accountEnabled: bit 2 of userAccountControl clear; absent means enabled (plain LDAP)."""
    assert value(USER, "accountEnabled", useraccountcontrol=control) is enabled


@pytest.mark.parametrize(
    ("raw", "sid"),
    [
        (b"\x01\x01\0\0\0\0\0\x05\x12\0\0\0", "S-1-5-18"),
        (b"\x01\x02\0\0\0\0\0\x05\x20\0\0\0\x20\x02\0\0", "S-1-5-32-544"),
        (b"S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-1104"),
        (b"\x01\x02\0\0\0\0\0\x05\x12\0\0\0", None),
        (b"\x02\x01\0\0\0\0\0\x05\x12\0\0\0", None),
        (b"\x01\x00\0\0\0\0\0\x05", None),
        (b"S-1-", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_a_security_identifier_is_written_as_text(raw, sid):
    """MS-DTYP 2.4.2: the string and the packet form of a SID."""
    assert value(GROUP, "onPremisesSecurityIdentifier", objectsid=b64encode(raw).decode()) == sid


# --- mail ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (["SMTP:a@x", "smtp:b@x"], ["SMTP:a@x", "smtp:b@x"]),
        (["smtp:Joe@x", "smtp:joe@x"], ["smtp:Joe@x"]),
        (["smtp:joe@x", "SMTP:joe@x"], ["SMTP:joe@x"]),
        ([" smtp:joe@x", "SMTP:joe@x", "smtp:JOE@x"], ["SMTP:joe@x"]),
        (["SMTP:joe@x", "SMTP:JOE@x"], ["SMTP:joe@x"]),
        ([" smtp:b@x ", "smtp:a@x"], ["smtp:a@x", "smtp:b@x"]),
        (["not an address", "X400:c=de"], ["X400:c=de", "not an address"]),
        (["", " "], None),
        ([], None),
    ],
)
def test_proxy_addresses_are_trimmed_and_free_of_duplicates(given_, expected):
    """proxyAddresses: trimmed, without duplicates; of two that differ by case the primary stays."""
    assert value(USER, "proxyAddresses", proxyaddresses=given_) == expected


@pytest.mark.parametrize(
    ("attributes", "enabled"),
    [
        ({"proxyaddresses": "SMTP:staff@x"}, True),
        ({"proxyaddresses": "smtp:staff@x"}, True),
        ({"mail": "staff@x"}, True),
        ({"proxyaddresses": " smtp:staff@x"}, True),
        ({"mail": "staff", "proxyaddresses": "SMTP:staff"}, False),
        ({"proxyaddresses": "x500:/o=smtp:staff@x"}, False),
        ({"proxyaddresses": "sip:staff@x"}, False),
        ({}, False),
    ],
)
def test_a_group_with_an_address_is_mail_enabled(attributes, enabled):
    """An SMTP proxy address with @ makes a group mail-enabled, or a mail with @."""
    assert value(GROUP, "mailEnabled", **attributes) is enabled


@pytest.mark.parametrize(
    ("group_type", "enabled"),
    [("-2147483646", True), ("2147483650", True), ("2", False), ("no number", False)],
)
def test_the_sign_bit_of_the_group_type_makes_a_security_group(group_type, enabled):
    """securityEnabled: sign bit of groupType."""
    assert value(GROUP, "securityEnabled", grouptype=group_type) is enabled


def test_a_group_of_plain_ldap_is_a_security_group():
    assert value(GROUP, "securityEnabled") is True


@pytest.mark.parametrize(
    ("attributes", "location"),
    [
        ({"usagelocation": "CH"}, "CH"),
        ({"usagelocation": "CH", "msexchusagelocation": "DE", "mailnickname": "a"}, "CH"),
        ({"msexchusagelocation": "DE", "mailnickname": "a"}, "DE"),
        ({"msexchusagelocation": "DE"}, None),
        ({}, None),
    ],
)
def test_exchange_attributes_flow_only_with_a_mail_nickname(attributes, location):
    """Default configuration: Exchange attributes of users flow only if mailNickname is set."""
    assert value(USER, "usageLocation", **attributes) == location


def test_blank_extension_attributes_are_left_out():
    assert value(USER, "onPremisesExtensionAttributes", extensionattribute2=" ") is None


# --- values that are no UTF-8 -------------------------------------------------------------------


def flow_of(staged: StagedEntry) -> Flowed:
    outcome = flow(staged, "contoso.com")
    assert isinstance(outcome, Flowed)
    return outcome


def test_a_value_that_is_not_utf_8_is_left_out_with_a_warning():
    flowed = flow_of(entry(USER, {"title": ["J\udcf6rg"], "department": "Sales"}))

    assert flowed.warnings == (
        FlowWarning(
            "title",
            "J\\xf6rg",
            "title holds a value that is not UTF-8; correct it in the directory",
        ),
    )
    assert "jobTitle" not in flowed.object.properties
    assert flowed.object.properties["department"] == "Sales"


def test_the_readable_values_beside_it_count():
    flowed = flow_of(entry(GROUP, {"description": ["\udcff", "fine"]}))

    assert flowed.object.properties["description"] == "fine"


@pytest.mark.parametrize(
    "name",
    [
        "userPrincipalName",
        "sAMAccountName",
        "uid",
        "mail",
        "mailNickname",
        "proxyAddresses",
        "targetAddress",
    ],
)
def test_a_name_or_address_that_is_not_utf_8_is_a_sync_error(name):
    assert flow(entry(USER, {name.lower(): ["a\udcff@x"]}), "contoso.com") == FlowError(
        "Value is not UTF-8",
        name,
        "a\\xff@x",
        f"{name} holds a value that is not UTF-8; correct it in the directory",
    )


def test_what_does_not_flow_need_not_be_utf_8():
    flowed = flow_of(entry(GROUP, {"title": "\udcff", "cn": "Zoë"}))

    assert flowed.warnings == ()
    assert flowed.object.properties["displayName"] == "Zoë"


# --- the table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ObjectType)
def test_a_property_has_one_flow(kind):
    names = [row.property for row in FLOWS[kind]]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", ObjectType)
def test_all_that_flows_is_staged(kind):
    needed = {name for row in FLOWS[kind] for name in row.names}

    assert needed <= set(KEPT)


def test_a_value_can_be_traced_to_its_rule():
    row = next(row for row in FLOWS[USER] if row.property == "displayName")

    assert (row.sources, row.rule) == (("displayName", "cn"), "In from AD - User Common")


RAW = st.dictionaries(
    st.sampled_from(KEPT), st.lists(st.binary(max_size=8) | st.text().map(str.encode), max_size=3)
)


CLASSES = st.sampled_from([b"inetOrgPerson", b"groupOfNames", b"contact"])


def flowed_from(object_class, raw, dn):
    staged = stage(DirectoryEntry(bytes(16), dn, raw | {"objectclass": [object_class]}))
    attributes = load(staged.attributes)
    assert staged.type is not None
    return flow(
        StagedEntry(staged.anchor, staged.type, staged.dn, staged.dn_key, "", attributes),
        "contoso.com",
    )


@given(CLASSES, RAW, st.binary())
def test_whatever_the_directory_holds_the_outcome_can_be_stored(object_class, raw, dn):
    outcome = flowed_from(object_class, raw, dn.decode("utf-8", "surrogateescape"))

    if isinstance(outcome, Flowed):
        assert canonical(outcome.object.properties).encode()
    else:
        assert "".join(text or "" for text in outcome).encode()


@given(CLASSES, RAW)
def test_absent_values_are_left_out(object_class, raw):
    outcome = flowed_from(object_class, raw, DN)

    if isinstance(outcome, Flowed):
        found = outcome.object.properties.values()
        assert all(isinstance(item, bool) or item for item in found)
