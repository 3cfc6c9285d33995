"""Each kind of expression that rules of a server have: it compiles, and gives what it should.

The kinds are those of the 86 expressions of the sample rules (docs/sources.md 4.8), with attributes and
values of our own.
"""

from __future__ import annotations

from hashlib import sha256

import pytest

from connector.rules.expression import compiled, parameters
from connector.rules.language.evaluation import Surroundings
from connector.rules.language.values import ExpressionFailed, Marker

HERE = Surroundings(parameters("dc=sales,dc=contoso,dc=com"))
GUID, SID = (
    bytes(range(16)),
    bytes.fromhex("0105000000000005150000000100000002000000030000005104" + "0000"),
)
LEAVE = Marker.IGNORE_THIS_FLOW


def value(text, **entry):
    """The value of an expression for an entry, whose attributes have one value each, or a tuple."""
    expression = compiled(text)
    given = {
        name.lower(): each if isinstance(each, tuple) else (each,) for name, each in entry.items()
    }

    assert expression.mistakes == ()
    return expression.evaluate(given, HERE)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("%Domain.FQDN%", "sales.contoso.com"),
        ("%Domain.LDAP%", "DC=sales,DC=contoso,DC=com"),
        ("%Domain.Netbios%", "SALES"),
        ("%Forest.FQDN%", "sales.contoso.com"),
        ("%Forest.LDAP%", "DC=sales,DC=contoso,DC=com"),
        ("%Forest.Netbios%", "SALES"),
        ("%Connector.ID%", "{a7e89650-5b60-5766-bfd1-926eaf6e767c}"),
    ],
)
def test_a_parameter_stands_alone(text, result):
    assert value(text) == result


@pytest.mark.parametrize(
    ("text", "entry", "result"),
    [
        # a value without spaces around it, of one value and of several
        ("Trim([room])", {"room": " B 12  "}, "B 12"),
        ("Trim([room])", {}, None),
        ("Trim([phones])", {"phones": (" 2", "1 ")}, ("2", "1")),
        # the beginning of a long text
        ("Left(Trim([notes]),4)", {"notes": "  a long text"}, "a lo"),
        ("Left(Trim([notes]),4)", {}, ""),
        # the first of several values
        ("IIF(IsNullOrEmpty([boxes]),NULL,Left(Trim(Item([boxes],1)),3))", {"boxes": ("z", " abcd")}, "abc"),
        ("IIF(IsNullOrEmpty([boxes]),NULL,Left(Trim(Item([boxes],1)),3))", {}, None),
        # each value once
        ('RemoveDuplicates(Trim(ImportedValue("tags")))', {"tags": ("b", " b", "a")}, ("b", "a")),
        # how many values there are
        ('ValueCount("watchers")', {"watchers": ("cn=a", "cn=b", "cn=c")}, 3),
        ('ValueCount("watchers")', {}, 0),
        ('ImportedValue("badge")', {"badge": "17"}, "17"),
        # another attribute where one is missing
        ("IIF(IsNullOrEmpty([nick]),[uid],[nick])", {"uid": "ann"}, "ann"),
        ("IIF(IsPresent([nick]), [nick], [uid])", {"uid": "ann", "nick": "annie"}, "annie"),
        ("IIF(IsPresent([oldName]), [oldName], NULL)", {}, None),
        # what the cloud has stays
        ("IIF(IsNullOrEmpty([land]),IgnoreThisFlow,[land])", {}, LEAVE),
        ("IIF(IsNullOrEmpty([land]),IgnoreThisFlow,[land])", {"land": "208"}, "208"),
        ("IIF([elsewhere] = True,[safe],IgnoreThisFlow)", {"elsewhere": "TRUE", "safe": "x"}, "x"),
        ("IIF([elsewhere] = True,[safe],IgnoreThisFlow)", {"elsewhere": "FALSE", "safe": "x"}, LEAVE),
        ("IIF([elsewhere] = True,[safe],IgnoreThisFlow)", {"safe": "x"}, LEAVE),
        # a bit of a number
        ("IIF(BitAnd([flags],2)=0,True,False)", {"flags": "512"}, True),
        ("IIF(BitAnd([flags],2)=0,True,False)", {"flags": "514"}, False),
        ("CBool(BitAnd([kind],-2147483648))", {"kind": "-2147483646"}, True),
        ("CBool(BitAnd([kind],-2147483648))", {"kind": "8"}, False),
        ("CBool(IIF(IsNullOrEmpty([display]),NULL,BitAnd([display],&HFF) = 0))", {"display": "256"}, True),
        ("CBool(IIF(IsNullOrEmpty([display]),NULL,BitAnd([display],&HFF) = 0))", {"display": "257"}, False),
        ("CBool(IIF(IsNullOrEmpty([display]),NULL,BitAnd([display],&HFF) = 0))", {}, False),
        # octets
        ("ConvertToBase64([id])", {"id": GUID}, "AAECAwQFBgcICQoLDA0ODw=="),
        ("StringFromSid([sid])", {"sid": SID}, "S-1-5-21-1-2-3-1105"),
        ("IIF(IsString([id]),CStr([id]),ConvertToBase64([id]))", {"id": GUID}, "AAECAwQFBgcICQoLDA0ODw=="),
        ("IIF(IsString([id]),CStr([id]),ConvertToBase64([id]))", {"id": "ann"}, "ann"),
        ("IIF(IsNullOrEmpty([certificate]),True,NULL)", {"certificate": (GUID, SID)}, None),
        ("IIF(IsNullOrEmpty([certificate]),True,NULL)", {}, True),
        # a text put together
        ('"CN={" & ConvertToUTF8Hex([anchor]) & "}"', {"anchor": "Ab="}, "CN={41623D}"),
        ('IIF(IsNullOrEmpty([old]),NULL,"x400:" & [old])', {"old": "c=dk"}, "x400:c=dk"),
        ('IIF(IsNullOrEmpty([old]),NULL,"x400:" & [old])', {}, None),
        # a date
        (
            'IIF(IsPresent([since]),CStr(FormatDateTime(DateFromNum([since]),"yyyyMMdd.0Z")),NULL)',
            {"since": "129699324000000000"},
            "20120101.0Z",
        ),
        # one condition within another
        ('IIF(IsPresent([details]), IIF([details]=2, NULL, "Mail"), "None")', {"details": "2"}, None),
        ('IIF(IsPresent([details]), IIF([details]=2, NULL, "Mail"), "None")', {"details": "1"}, "Mail"),
        ('IIF(IsPresent([details]), IIF([details]=2, NULL, "Mail"), "None")', {}, "None"),
    ],
)  # fmt: skip
def test_a_flow_gives_what_it_should(text, entry, result):
    assert value(text, **entry) == result


NAME = (
    'IIF(IsPresent([login]),[login], IIF(IsPresent([uid]),([uid]&"@"&%Domain.FQDN%),'
    'Error("there is no name")))'
)
ANCHOR = (
    'IIF(IsPresent([known]), IIF(Word([place],1,"_")=[kind],IIF([known] = [own],[own],'
    'Error("the anchor has changed")),[own]),[own])'
)
LIMIT = 'IIF(([count]> 100),Error("too many"),IgnoreThisFlow)'


@pytest.mark.parametrize(
    ("text", "entry", "result"),
    [
        (NAME, {"login": "ann@contoso.com", "uid": "ann"}, "ann@contoso.com"),
        (NAME, {"uid": "ann"}, "ann@sales.contoso.com"),
        (ANCHOR, {"own": "A"}, "A"),
        (ANCHOR, {"own": "A", "known": "a", "kind": "User", "place": "user_1"}, "A"),
        (ANCHOR, {"own": "A", "known": "B", "kind": "User", "place": "group_1"}, "A"),
        (LIMIT, {"count": "100"}, LEAVE),
        (LIMIT, {}, LEAVE),
    ],
)
def test_a_flow_that_may_be_refused_gives_what_it_should(text, entry, result):
    assert value(text, **entry) == result


@pytest.mark.parametrize(
    ("text", "entry", "said"),
    [
        (NAME, {}, "there is no name"),
        (ANCHOR, {"own": "A", "known": "B", "kind": "User", "place": "user_1"}, "the anchor has changed"),
        (LIMIT, {"count": "101"}, "too many"),
    ],
)  # fmt: skip
def test_a_flow_that_is_refused_says_why(text, entry, said):
    with pytest.raises(ExpressionFailed) as caught:
        value(text, **entry)

    assert (str(caught.value), caught.value.triggered) == (said, True)


MAIL = (
    '(IsPresent([boxes]) = True) && (Contains([boxes], "MAIN:") > 0)'
    ' && (InStr(Item([boxes], Contains([boxes], "MAIN:")), "@") > 0)'
)
REACHED = f'IIF(( {MAIL}) ||  (IsPresent([mail]) = True && (InStr([mail], "@") > 0)), True, False)'
MADE = r'CBool(InStr(DNComponent(CRef([dn]),1),"\\0ACNF:")>0)'
CONTACT = (
    'IIF(IsPresent([critical]) || ( (InStr([shown], "(svc)") > 0) && (CBool([hidden]))) || '
    f'(Left([nick], 4) = "TMP_" && (InStr([nick], "}}") > 0)) || {MADE}, True, NULL)'
)
GROUP = (
    'IIF(IsPresent([critical]) || [account] = "SYNC_OLD" || '
    f"CBool(IIF(IsPresent([details]),BitAnd([details],&H40000000) > 0,NULL))  || {MADE}, True, NULL)"
)


@pytest.mark.parametrize(
    ("text", "entry", "result"),
    [
        (REACHED, {}, False),
        (REACHED, {"mail": "ann@contoso.com"}, True),
        (REACHED, {"mail": "ann"}, False),
        (REACHED, {"boxes": ("main:a@b.c", "other:d")}, False),
        (REACHED, {"boxes": ("MAIN:a@b.c", "other:d")}, True),
        (CONTACT, {"shown": "Ann (SVC)"}, None),
        (CONTACT, {"shown": "Ann (SVC)", "hidden": "TRUE"}, True),
        (CONTACT, {"nick": "tmp_{1}"}, True),
        (CONTACT, {"nick": "tmp_1"}, None),
        (CONTACT, {"critical": "FALSE"}, True),
        (CONTACT, {"dn": r"cn=Ann\0ACNF:0f5c,dc=b"}, True),
        (GROUP, {"account": "sync_old"}, True),
        (GROUP, {"account": "staff", "details": "1"}, None),
        (GROUP, {"account": "staff", "details": "1073741824"}, True),
    ],
)
def test_a_filter_takes_out_those_that_it_means(text, entry, result):
    assert value(text, **{"dn": "cn=x,dc=b", **entry}) == result


def test_a_part_of_octets_is_replaced_by_its_hash():
    """As rules do with the key of a device: behind its head, over all that follows."""
    rest = "Mid([key],3,Len([key]))"
    text = (
        f"IIF(IsNull([key]), NULL, IIF(CNum(Mid([key],1,1))=7, "
        f"Mid([key],1,2) & CBin(Len(Thumbprint({rest})),2) & Thumbprint({rest}), NULL))"
    )

    assert value(text) is None
    assert value(text, key=b"\x08abc") is None
    assert value(text, key=b"\x07abc") == b"\x07a\x20\0" + sha256(b"bc").digest()
