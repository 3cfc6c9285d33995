"""Reading LDIF (RFC 2849)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConnectorError, InvalidLdif
from connector.values.ldif_reader import Modification, Record, parse


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
                "description": [b"one", b"two"],
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
