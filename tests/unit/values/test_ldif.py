from __future__ import annotations

import base64

import pytest

from connector.values import ldif


def test_plain_text_is_written_as_it_is():
    assert ldif.line("cn", "Ann: (Smith)") == "cn: Ann: (Smith)\n"


def test_other_scripts_become_base64_with_a_comment_to_read():
    encoded = base64.b64encode("Łukasz".encode()).decode()

    assert ldif.line("cn", "Łukasz") == f"# cn: Łukasz\ncn:: {encoded}\n"


@pytest.mark.parametrize(
    "value", [" leading", ":colon", "<less", "trailing ", "new\nline", "\r", " "]
)
def test_what_a_reader_of_ldif_would_misread_becomes_base64(value):
    last = ldif.line("cn", value).splitlines()[-1]

    assert last == f"cn:: {base64.b64encode(value.encode()).decode()}"


def test_a_value_with_a_line_break_is_not_repeated_in_a_comment():
    assert "#" not in ldif.line("cn", "a\nuserPassword: x")


def test_bytes_are_base64():
    assert ldif.line("mS-DS-ConsistencyGuid", b"abc") == "mS-DS-ConsistencyGuid:: YWJj\n"


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

    assert ldif.line("cn", text) == f"cn:: {base64.b64encode(b'caf' + bytes([0xE9])).decode()}\n"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Joe", "cn=Joe"),
        ('a,b+c"d\\e<f>g;h=i', 'cn=a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\=i'),
        ("#1 of 2", "cn=\\#1 of 2"),
        (" x ", "cn=\\ x\\ "),
    ],
)
def test_special_characters_of_a_name_are_escaped(value, expected):
    assert ldif.rdn("cn", value) == expected
