"""Writing and reading LDIF (RFC 2849)."""

from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConnectorError, InvalidLdif
from connector.values import ldif
from connector.values.ldif import Modification, Record, parse

# SQLite and LDAP know no lone surrogates; bytes that are not UTF-8 are tried on their own.
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1)


def test_plain_text_is_written_as_it_is():
    assert ldif.value_line("cn", "Ann: (Smith)") == "cn: Ann: (Smith)\n"


def test_other_scripts_become_base64_with_a_comment_to_read():
    encoded = base64.b64encode("Łukasz".encode()).decode()

    assert ldif.value_line("cn", "Łukasz") == f"# cn: Łukasz\ncn:: {encoded}\n"


@pytest.mark.parametrize(
    "value", [" leading", ":colon", "<less", "trailing ", "new\nline", "\r", " "]
)
def test_what_a_reader_of_ldif_would_misread_becomes_base64(value):
    last = ldif.value_line("cn", value).splitlines()[-1]

    assert last == f"cn:: {base64.b64encode(value.encode()).decode()}"


def test_a_value_with_a_line_break_is_not_repeated_in_a_comment():
    assert "#" not in ldif.value_line("cn", "a\nuserPassword: x")


def test_bytes_are_base64():
    assert ldif.value_line("mS-DS-ConsistencyGuid", b"abc") == "mS-DS-ConsistencyGuid:: YWJj\n"


def test_an_entry_leaves_empty_values_out_and_ends_with_an_empty_line():
    written = ldif.entry("cn=a", {"cn": "a", "mail": "", "member": ["cn=b", "cn=c"], "l": []})

    assert written == "dn: cn=a\ncn: a\nmember: cn=b\nmember: cn=c\n\n"


def test_a_replacement_names_each_attribute_and_closes_it():
    written = ldif.replace("cn=a", {"mail": "a@b", "l": ["x", "y"]})

    assert written == (
        "dn: cn=a\nchangetype: modify\nreplace: mail\nmail: a@b\n-\nreplace: l\nl: x\nl: y\n-\n\n"
    )


def test_a_change_of_several_parts_closes_each():
    written = ldif.modify("cn=a", [("delete", "mail", "a@b"), ("add", "l", ["x", "y"])])

    assert written == (
        "dn: cn=a\nchangetype: modify\ndelete: mail\nmail: a@b\n-\nadd: l\nl: x\nl: y\n-\n\n"
    )


def test_a_delete_names_its_entry():
    assert ldif.delete("cn=a") == "dn: cn=a\nchangetype: delete\n\n"


def test_bytes_that_are_no_utf_8_are_kept():
    text = b"caf\xe9".decode("utf-8", "surrogateescape")

    assert (
        ldif.value_line("cn", text) == f"cn:: {base64.b64encode(b'caf' + bytes([0xE9])).decode()}\n"
    )


def test_an_entry_is_read_with_folded_and_base64_lines():
    text = (
        "version: 1\n# a comment\n  that goes on\ndn: cn=Ann,\n dc=contoso\nobjectClass: person\n"
        "cn:: w4RubmE=\ndescription;lang-en: one\ndescription: two\n\n"
    )

    assert list(parse(text)) == [
        Record(
            4,
            "cn=Ann,dc=contoso",
            "add",
            {
                "objectclass": [b"person"],
                "cn": ["Änna".encode()],
                "description;lang-en": [b"one"],
                "description": [b"two"],
            },
        )
    ]


def test_a_change_is_read_part_by_part():
    text = (
        "dn: cn=a\nchangetype: modify\nreplace: mail\nmail: x@y\n-\ndelete: title\n-\n"
        "add: proxyAddresses\nproxyAddresses: smtp:a@b\nproxyAddresses: smtp:c@d\n-\n"
    )

    [record] = parse(text)

    assert record.modifications == (
        Modification("replace", "mail", (b"x@y",)),
        Modification("delete", "title", ()),
        Modification("add", "proxyaddresses", (b"smtp:a@b", b"smtp:c@d")),
    )


def test_renames_and_deletes_are_read():
    text = (
        "dn: cn=a\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: 1\nnewsuperior: ou=x\n\n"
        "dn: cn=c\nchangetype: delete\n"
    )

    rename, delete = parse(text)

    assert (rename.new_rdn, rename.delete_old_rdn, rename.new_superior) == ("cn=b", True, "ou=x")
    assert (delete.dn, delete.kind) == ("cn=c", "delete")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("cn: a\n", "line 1: a record starts with dn:"),
        ("dn: cn=a\nnonsense\n", "line 2: no colon"),
        ("dn:: %%%\n", "line 1: no valid base64"),
        ("dn: cn=a\nchangetype: dance\n", "unknown changetype 'dance'"),
        ("dn: cn=a\nchangetype: modify\nmail: x\n", "add:, delete: or replace: expected"),
        ("dn: cn=a\nchangetype: modify\nadd: mail\ntitle: x\n", "title in a change of mail"),
        ("dn: cn=a\nchangetype: modrdn\n", "newrdn: is missing"),
        ("dn: cn=a\njpegPhoto:< file:///etc/passwd\n", "a value from a URL is not read"),
    ],
)
def test_what_is_no_ldif_is_refused_with_its_line(text, complaint):
    with pytest.raises(InvalidLdif, match=complaint):
        list(parse(text))


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(ConnectorError):
        list(parse(text))


@given(TEXTS, st.dictionaries(st.sampled_from(["cn", "mail"]), st.lists(TEXTS, min_size=1)))
def test_an_entry_that_was_written_is_read_back(dn, attributes):
    [record] = parse(ldif.entry(dn, attributes))

    assert (record.dn, record.attributes) == (
        dn,
        {name: [value.encode() for value in values] for name, values in attributes.items()},
    )


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_only_a_line_feed_ends_a_line(separator):
    [record] = parse(f"dn: cn=a{separator}b\r\ncn: a\r\n")

    assert (record.dn, record.attributes) == (f"cn=a{separator}b", {"cn": [b"a"]})
