from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from connector import resources
from connector.directory.attributes import REQUESTED
from connector.lab import installed
from connector.lab.records import CONTACTS, GROUPS, USERS
from connector.values.ldif import entry, replace

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = ("core", "cosine", "inetorgperson", "nis", "msuser")


def names(text: str) -> dict[str, str]:
    """Map the names of a subschema's definitions to their identifiers."""
    found = re.findall(r"\( (2\.25\.[\d.]+) NAME '([^']+)'", text)
    return {name: identifier for identifier, name in found}


def published(server) -> dict[str, str]:
    text = server.search(
        "(objectClass=subschema)",
        "attributeTypes",
        "objectClasses",
        base="cn=Subschema",
        scope="base",
    )
    return names(text)


def test_the_schema_file_defines_what_slapd_lacks(slapd):
    defined = published(slapd)

    assert set(defined) == {
        "mailNickname",
        "targetAddress",
        "usageLocation",
        "msExchUsageLocation",
        "msExchHideFromAddressLists",
        "msExchRecipientTypeDetails",
        "msExchRecipientDisplayType",
        "msExchRemoteRecipientType",
        *(f"extensionAttribute{number}" for number in range(1, 16)),
        "thumbnailPhoto",
        "onPremRecipient",
        "contact",
        "groupOfMembers",
    }
    assert len(set(defined.values())) == len(defined)


def test_the_ldif_for_cn_config_loads_and_defines_the_same(slapd, tmp_path):
    shipped = installed.schemas()[0].parent
    files = [shipped / f"{name}.ldif" for name in SHIPPED]
    files.append(resources.schema("directory", "onprem.ldif"))
    ldif = tmp_path / "config.ldif"
    ldif.write_text(
        entry("cn=config", {"objectClass": "olcGlobal", "cn": "config"})
        + entry("cn=schema,cn=config", {"objectClass": "olcSchemaConfig", "cn": "schema"})
        + "\n\n".join(without_comments(file) for file in files)
    )
    folder = tmp_path / "slapd.d"
    folder.mkdir()

    slapadd = [
        installed.program("slapd"),
        "-T",
        "add",
        "-n",
        "0",
        "-F",
        str(folder),
        "-l",
        str(ldif),
    ]
    subprocess.run(slapadd, check=True, capture_output=True)

    [converted] = (folder / "cn=config" / "cn=schema").glob("*onprem.ldif")
    unfolded = converted.read_text().replace("\n ", "")
    [arc] = re.findall(r"onPrem (2\.25\.\d+)$", unfolded, re.MULTILINE)
    found = {
        name: f"{arc}.{1 if kind == 'Attribute' else 2}.{number}"
        for kind, number, name in re.findall(
            r"\( onPrem(Attribute|Class):(\d+) NAME '([^']+)'", unfolded
        )
    }
    assert found == published(slapd)


def without_comments(file: Path) -> str:
    return re.sub(r"^#.*\n", "", file.read_text(), flags=re.MULTILINE).strip()


def test_every_attribute_that_the_connector_asks_for_is_known_to_the_lab(slapd):
    text = slapd.search(
        "(objectClass=subschema)", "attributeTypes", base="cn=Subschema", scope="base"
    ).lower()
    unknown = [name for name in REQUESTED if f"'{name.lower()}'" not in text]

    # nsUniqueId identifies the entries of 389 Directory Server.
    assert [name.lower() for name in unknown] == ["nsuniqueid"]


USER = {
    "objectClass": ["inetOrgPerson", "onPremRecipient"],
    "cn": "ann",
    "sn": "ann",
    "displayName": "Ann",
    "sAMAccountName": "ann",
    "userPrincipalName": "ann@contoso.com",
    "title": "Engineer",
    "isCriticalSystemObject": "TRUE",
}
GROUP = {
    "objectClass": ["groupOfNames", "onPremRecipient"],
    "cn": "staff",
    "member": f"uid=ann,{USERS}",
    "displayName": "Staff",
    "proxyAddresses": ["SMTP:staff@contoso.com", "smtp:all@contoso.com"],
    "mailNickname": "staff",
}
CONTACT = {
    "objectClass": ["contact", "onPremRecipient"],
    "cn": "carla",
    "displayName": "Carla",
    "mail": "carla@fabrikam.com",
    "proxyAddresses": "SMTP:carla@fabrikam.com",
}


@pytest.mark.parametrize(
    ("dn", "attributes"),
    [
        (f"uid=ann,{USERS}", USER | {"uid": "ann"}),
        (f"cn=staff,{GROUPS}", GROUP),
        (f"cn=carla,{CONTACTS}", CONTACT),
        (
            f"cn=empty,{GROUPS}",
            {"objectClass": ["groupOfMembers", "onPremRecipient"], "cn": "empty"},
        ),
        (
            f"cn=unique,{GROUPS}",
            GROUP
            | {
                "objectClass": ["groupOfUniqueNames", "onPremRecipient"],
                "cn": "unique",
                "member": [],
                "uniqueMember": f"uid=ann,{USERS}",
            },
        ),
    ],
    ids=["user", "group", "contact", "empty group", "group of unique names"],
)
def test_objects_of_every_type_can_be_added(slapd, dn, attributes):
    slapd.apply(entry(dn, attributes))

    assert slapd.search("(objectClass=*)", "1.1", base=dn) == f"dn: {dn}\n\n"


@pytest.mark.parametrize(
    "classes",
    [["inetOrgPerson", "onPremRecipient"], ["groupOfNames", "onPremRecipient"]],
    ids=["user", "group"],
)
def test_a_recipient_may_carry_what_active_directory_gives_it(slapd, classes):
    more = {
        "objectClass": classes,
        "uid": "ann" if "inetOrgPerson" in classes else "",
        "cn": "ann",
        "sn": "ann" if "inetOrgPerson" in classes else "",
        "member": f"uid=x,{USERS}" if "groupOfNames" in classes else "",
        "mS-DS-ConsistencyGuid": b"0123456789abcdef",
        "objectGUID": b"0123456789abcdef",
        "objectSid": b"\x01\x01\0\0\0\0\0\x05\0\0\0\0",
        "groupType": "-2147483646",
        "userAccountControl": "514",
        "adminDescription": "User_x",
        "msExchRecipientTypeDetails": "1073741824",
        "msExchHideFromAddressLists": "TRUE",
        "targetAddress": "SMTP:x@y.example",
        "usageLocation": "DE",
        "c": "DE",
        "co": "Germany",
        "info": "x",
        "company": "Contoso",
        "department": "IT",
        "employeeID": "1",
        "preferredLanguage": "de",
        "extensionAttribute1": "a",
        "extensionAttribute15": "o",
    }
    dn = f"cn=ann,{USERS}"

    slapd.apply(entry(dn, more))

    found = slapd.search("(extensionAttribute15=O)", "extensionAttribute1")
    assert found == f"dn: {dn}\nextensionAttribute1: a\n\n"


def test_addresses_and_names_can_be_changed(slapd):
    dn = f"uid=ann,{USERS}"
    slapd.apply(entry(dn, USER | {"uid": "ann", "proxyAddresses": "SMTP:ann@contoso.com"}))

    slapd.apply(
        replace(
            dn,
            {
                "userPrincipalName": "ann.two@contoso.com",
                "proxyAddresses": ["SMTP:ann.two@contoso.com", "smtp:ann@contoso.com"],
            },
        )
    )

    assert slapd.search("(uid=ann)", "userPrincipalName", "proxyAddresses") == (
        f"dn: {dn}\n"
        "userPrincipalName: ann.two@contoso.com\n"
        "proxyAddresses: SMTP:ann.two@contoso.com\n"
        "proxyAddresses: smtp:ann@contoso.com\n"
        "\n"
    )
