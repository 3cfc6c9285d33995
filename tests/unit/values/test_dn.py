"""Distinguished names compare as the directories compare them (RFC 4514)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.values import dn
from tests import folding


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CN=Ann,DC=Contoso,DC=com", "cn=ann,dc=contoso,dc=com"),
        ("cn = ann , dc=contoso,  dc = com", "cn=ann,dc=contoso,dc=com"),
        (" cn=ann lee,dc=x ", "cn=ann lee,dc=x"),
        ("cn=ann + uid=a,dc=x", "cn=ann+uid=a,dc=x"),
        (r"cn=doe\2c jane,dc=x", r"cn=doe\, jane,dc=x"),
        (r"cn=doe\2C jane,dc=x", r"cn=doe\, jane,dc=x"),
        (r"cn=j\c3\b6rg,dc=x", "cn=jörg,dc=x"),
        (r"cn=j\c3\b6rg,dc=x", "CN=JÖRG,DC=X"),
        (r"cn=a\n,dc=x", "cn=an,dc=x"),
        ("cn=STRAßE,dc=x", "cn=Straße,dc=x"),
        ("cn=John  Doe,dc=x", "cn=John    Doe,dc=x"),
        ("cn=John\u00a0Doe,dc=x", "cn=John Doe,dc=x"),
        (r"cn=\20John\20\20Doe\ ,dc=x", "cn=John Doe,dc=x"),
        ("ou=a  b,ou=x,dc=y", "ou=a b , ou=x , dc=y"),
        ("cn=Jo\u0308rg,dc=x", "cn=JÖRG,dc=x"),
        ("cn=ＦＵＬＬ,dc=x", "cn=full,dc=x"),
        ("cn=ΣΑΣ,dc=x", "cn=σασ,dc=x"),
        ("cn=İzmir,dc=x", "cn=izmir,dc=x"),
        ("cn=a+sn=b,dc=x", "SN=B + CN=A,dc=x"),
        ("cn=a,dc=x", "2.5.4.3=a,domainComponent=x"),
        ("cn=a,dc=x", "OID.2.5.4.3=a,dc=x"),
        ("surname=a,organizationalUnitName=b,dc=x", "sn=a,ou=b,dc=x"),
        ('cn="Doe, J",dc=x', r"cn=doe\, j,dc=x"),
        ("ou=a;dc=x", "ou=a,dc=x"),
        (r"cn=\#1,dc=x", r"cn=\231,dc=x"),
    ],
)
def test_two_spellings_of_one_name_have_one_key(one, other):
    assert dn.key(one) == dn.key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"cn=doe\, jane,dc=x", "cn=doe,jane,dc=x"),
        (r"cn=a\+b,dc=x", "cn=a+b,dc=x"),
        (r"cn=a\\,dc=x", "cn=a,dc=x"),
        ("cn=jörg,dc=x", "cn=jorg,dc=x"),
        ("cn=ann lee,dc=x", "cn=annlee,dc=x"),
        (r"cn=doe\, jane,dc=x", r"cn=doe\,jane,dc=x"),
        ("cn=Straße,dc=x", "cn=Strasse,dc=x"),
        ("cn=Straße,dc=x", "cn=STRAẞE,dc=x"),
        ("cn=ΣΑΣ,dc=x", "cn=σας,dc=x"),
        ("cn=izmir,dc=x", "cn=ızmir,dc=x"),
        ("cn=J Doe,dc=x", "cn=J\tDoe,dc=x"),
        ("cn=soft,dc=x", "cn=so\u00adft,dc=x"),
        ("cn=soft,dc=x", "cn=so\u200bft,dc=x"),
        ("cn=a+sn=b,dc=x", r"cn=a\+sn\=b,dc=x"),
    ],
)
def test_two_names_have_two_keys(one, other):
    assert dn.key(one) != dn.key(other)


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        ("cn=ann,ou=x,dc=y", "ou=x,dc=y"),
        ("cn=ann, ou=x", "ou=x"),
        (r"cn=Doe\, Jane,ou=x", "ou=x"),
        (r"cn=Doe\2c Jane,ou=x", "ou=x"),
        (r"cn=back\\,ou=x", "ou=x"),
        (r"cn=back\\\,slash,ou=x", "ou=x"),
        ("cn=ann", ""),
        (r"cn=Doe\, Jane", ""),
        ('cn="Doe, Jane",ou=x', "ou=x"),
        ("", ""),
    ],
)
def test_the_parent_begins_after_the_first_comma_that_is_not_escaped(name, parent):
    assert dn.parent(name) == parent


@pytest.mark.parametrize(
    ("name", "base", "below"),
    [
        ("cn=ann,dc=x", "dc=x", True),
        ("dc=x", "dc=x", True),
        ("cn=ann,dc=x", "", True),
        ("cn=ann,dc=xx", "dc=x", False),
        ("cn=ann,adc=x", "dc=x", False),
        ("dc=x", "cn=ann,dc=x", False),
        (r"cn=ann\,dc=x", "dc=x", False),
        (r"cn=ann\\,dc=x", "dc=x", True),
        ("ou=Straße,dc=x", "ou=Strasse,dc=x", False),
    ],
)
def test_a_name_is_below_itself_and_below_what_stands_above_it(name, base, below):
    assert dn.is_below(dn.key(name), dn.key(base)) is below


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cn=Ann Lee,dc=x", "Ann Lee"),
        (r"cn=Doe\, Jane,ou=x", "Doe, Jane"),
        (r"cn=j\c3\b6rg,dc=x", "jörg"),
        (r"cn=a\=b,dc=x", "a=b"),
        ("cn=a=b,dc=x", "a=b"),
        ("cn=ann", "ann"),
        (r"cn=\ff,dc=x", "\udcff"),
    ],
)
def test_the_value_of_the_first_component_is_for_people(name, value):
    assert dn.rdn_value(name) == value


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
    assert dn.rdn("cn", value) == expected


@pytest.mark.parametrize("value", ["Joe", "Doe, Jane", "#1", " x ", 'a+b"c\\d<e>;f=g', "jörg"])
def test_a_name_that_was_escaped_is_read_back(value):
    assert dn.rdn_value(f"{dn.rdn('cn', value)},dc=x") == value


def test_the_first_component_names_values_by_attribute():
    named = dn.rdn_values(r"userid=ann\+1 + SN=Lee\2c A,ou=x")

    assert named == {"uid": "ann+1", "sn": "Lee, A"}


def test_a_key_is_the_key_of_itself():
    names = (r"cn=a\,b\+c\"d\\e\;f\0ag,dc=x", "cn=Straße+sn=A  B,dc=x", "cn=,dc=x", "=,+,;")
    keys = [dn.key(name) for name in names]

    assert [dn.key(key) for key in keys] == keys


def test_a_name_of_thousands_of_components_is_folded():
    assert dn.key("OU=a," * 20_000 + "dc=x") == "ou=a," * 20_000 + "dc=x"


@given(st.text(alphabet='aÀßẞſİıΣςŉǅ\u0308\u00a0 ,;+=\\"#20cCdDnN.', max_size=30), st.booleans())
def test_any_name_has_the_key_of_a_plain_reading(value, quoted):
    escaped = f'cn="{dn.rdn("", value)[1:]}"' if quoted else dn.rdn("cn", value)
    name = f"{escaped},ou=a  b,dc=x"

    assert dn.key(name) == folding.dn(name)


NAMES = st.lists(
    st.tuples(
        st.sampled_from(
            ["cn=Ann", "CN=Ann Lee", "uid=a\ncn=b", "cn=a\n", "cn=\u0130", "x=1", " cn=a", ""]
        )
        | st.text(alphabet='aA\u00c0 \n,;+=\\"#', max_size=6),
        st.sampled_from(["", ",", ",OU=A  b,DC=X", ", ou=a b , dc=x", ";dc=x", ",ou=\u00c0"]),
    ).map("".join),
    max_size=6,
) | st.lists(
    st.sampled_from(["cn=Ann", "CN=Ann Lee", "cn=a,ou=b", ",ou=b", "cn=\udcff"]).map(
        "{},ou=B".format
    ),
    max_size=6,
)


@given(NAMES, st.sampled_from([1, 300]))
def test_many_names_have_the_keys_that_each_has_alone(names, times):
    values = [name.encode("utf-8", "surrogateescape") for name in names * times]

    assert sorted(dn.keys(values)) == sorted(map(dn.key, names * times))
