"""Object classes say what an entry is."""

from __future__ import annotations

import pytest

from connector.values.classes import what_it_is


@pytest.mark.parametrize(
    ("classes", "what"),
    [
        ("applicationProcess", "applicationProcess"),
        ("top applicationProcess", "applicationProcess"),
        ("top person organizationalPerson user computer", "computer"),
        ("posixAccount account top", "account+posixAccount"),
        ("ipHost device", "device+ipHost"),
        ("device ipHost", "device+ipHost"),
        ("top organizationalUnit", ""),
        ("dcObject organization", ""),
        ("ORGANIZATIONALUNIT", ""),
        ("top", "unknown"),
        ("", "unknown"),
        ("caf\udce9", "caf\\xe9"),
    ],
)
def test_the_most_special_classes_name_an_entry_and_containers_have_no_name(classes, what):
    raw = tuple(name.encode("utf-8", "surrogateescape") for name in classes.split())

    assert what_it_is(raw) == what
