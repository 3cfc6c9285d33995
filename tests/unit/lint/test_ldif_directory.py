"""The entries of a file, also of what ldapsearch printed, as lint sees them."""

from __future__ import annotations

import pytest

from connector.errors import InvalidLdif
from connector.lint.files import read
from connector.lint.lint import LdifDirectory
from connector.model import DirectoryEntry
from connector.values.entries import stage

PRINTED = """# extended LDIF
#
# LDAPv3
# base <dc=contoso,dc=com> with scope subtree
#

# ann, contoso.com
dn: uid=ann,dc=contoso,dc=com
objectClass: OpenLDAPperson
uid: ann
commonName: Ann
displayName;lang-de: Anna
surname: Lee

# bare, contoso.com
dn: uid=bare,dc=contoso,dc=com
uid: bare

# search reference
ref: ldap://other/dc=contoso,dc=com??sub

# search result
search: 2
result: 4 Size limit exceeded

# numResponses: 4
"""


def opened(tmp_path, text):
    file = tmp_path / "entries.ldif"
    file.write_text(text)
    return LdifDirectory(read(file, answers=True), str(file))


def test_what_ldapsearch_printed_is_read_and_what_was_not_is_named(tmp_path):
    directory = opened(tmp_path, PRINTED)

    staged = [stage(each) for each in directory.read_below("uid=ann,dc=contoso,dc=com")]
    assert [(each.type, each.attributes) for each in staged] == [
        ("user", '{"cn":["Ann"],"sn":["Lee"],"uid":["ann"]}')
    ]
    assert directory.overlooked == [
        "line 16: uid=bare,dc=contoso,dc=com, which shows no objectClass; ask for it, too",
        "line 20: a reference to another server, ldap://other/dc=contoso,dc=com??sub",
        "line 23: what the search did not return, for it ended with 4 Size limit exceeded",
    ]


def test_changes_and_second_copies_are_named(tmp_path):
    entry = "dn: uid=ann,dc=x\nobjectClass: inetOrgPerson\nuid: ann\n\n"

    directory = opened(tmp_path, f"{entry}{entry}dn: uid=bob,dc=x\nchangetype: delete\n")

    assert [each.dn for each in directory.changes(None) if isinstance(each, DirectoryEntry)] == [
        "uid=ann,dc=x"
    ]
    assert directory.overlooked == [
        "line 5: uid=ann,dc=x once more",
        "line 9: a change record (delete uid=bob,dc=x); try connector whatif",
    ]


def test_a_search_that_ended_well_leaves_nothing_to_say(tmp_path):
    directory = opened(tmp_path, "# search result\nsearch: 2\nresult: 0 Success\n")

    assert directory.overlooked == []


def test_a_value_in_a_local_file_is_read_from_there(tmp_path):
    value = tmp_path / "a title.txt"
    value.write_bytes(b"Boss")
    url = value.as_uri()

    [record] = read_text(tmp_path, f"dn: uid=ann\ntitle:< {url}\n")

    assert record.attributes == {"title": [b"Boss"]}


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://contoso.com/x", "line 2: http://contoso.com/x is not the URL of a local file"),
        ("file://host/x", "line 2: file://host/x is not the URL of a local file"),
        ("file:///no/such", "line 2: file:///no/such: No such file or directory"),
    ],
)
def test_a_value_that_is_elsewhere_is_refused(tmp_path, url, complaint):
    with pytest.raises(InvalidLdif, match=complaint):
        read_text(tmp_path, f"dn: uid=ann\ntitle:< {url}\n")


def read_text(tmp_path, text):
    file = tmp_path / "a.ldif"
    file.write_text(text)
    return list(read(file))
