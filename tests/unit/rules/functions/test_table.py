"""What the functions give, by the examples of their rows and at their edges."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import pytest

from connector.rules.expression import compiled
from connector.rules.functions.table import LANGUAGE, reference
from connector.rules.language.values import ExpressionFailed
from tests.documents import ROOT

SID = bytes.fromhex("0105000000000005150000000100000002000000030000005004" + "0000")
GUID = bytes.fromhex("33221100554477668899aabbccddeeff")
ENTRY = {"objectsid": (SID,), "objectguid": (GUID,), "key": (b"\x00\x02\x00\x00\x20",)}
EXAMPLES = [example for f in LANGUAGE.functions.values() for example in f.examples]


def value(text):
    expression = compiled(text)

    assert expression.mistakes == ()
    return expression.evaluate(ENTRY)


@pytest.mark.parametrize(("text", "result"), EXAMPLES)
def test_the_examples_hold(text, result):
    assert value(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        # text
        ('Left("abc",0)', ""),
        ('Left("abc",-1)', "abc"),
        ('Left("abc",9)', "abc"),
        ('Right("abc",0)', ""),
        ('Right("abc",-1)', "abc"),
        ('Right("abc",9)', "abc"),
        ('Mid("abc",4,1)', "abc"),
        ('Mid("abc",0,1)', "abc"),
        ('Mid("abc",2,0)', ""),
        ('Mid("abc",2,-1)', "abc"),
        ('Mid("abc",2)', "bc"),
        ("Mid([key],5,1)", b" "),
        ("Len([key])", 5),
        ('PadLeft("User",2,"0")', "User"),
        ('PCase("  anne MARIE o\'neil-smith")', "  Anne Marie O'neil-smith"),
        ('PCase("\u0130BRAH\u0130M \u00d6Z")', "\u0130brahim \u00d6z"),
        ('LCase("\u0130L")', "il"),
        ('UCase("stra\u00dfe")', "STRA\u00dfE"),
        ('Word("a@b",0,"@")', ""),
        ('Word("a@b",3,"@")', ""),
        ('Word("ab",1,"@")', "ab"),
        ('Word("a  b",2," ")', "b"),
        ('InStr("aXbx","X")', 2),
        ('InStr("aXbx","x",3)', 4),
        ('InStr("abc","c",9)', 0),
        ('InStr("stra\u00dfe","SSE")', 5),
        ('InStr("\u0130b","B")', 2),
        ('InStr("abc","")', 1),
        ('InStrRev("aXbx","X",3)', 2),
        ('InStrRev("aXbx","X",-1,vbBinaryCompare)', 2),
        ('InStrRev("aXb\u00df","x")', 2),
        ('Replace("aAa","a","b")', "bAb"),
        ('Replace("aAa","a","b",CaseInsensitive)', "bbb"),
        ('Replace("x\u00dfSSy","SS","-",CaseInsensitive)', "x--y"),
        ('Replace("abc","","-")', "abc"),
        ('ReplaceChars("O\u2019R\u00f6l","\u2019:, \u00f6 , o")', "ORol"),
        ('ReplaceChars("stra\u00dfe","\u00df:ss")', "strasse"),
        ('ReplaceChars("aA","a:b")', "bA"),
        ('ReplaceChars("aA","a:b",CaseInsensitive)', "bb"),
        # conversion
        ("StringFromSid([objectSid])", "S-1-5-21-1-2-3-1104"),
        ('StringFromSid("S-1-5-18")', "S-1-5-18"),
        ("StringFromGuid([objectGUID])", "00112233-4455-6677-8899-aabbccddeeff"),
        ("ConvertToBase64([objectGUID])", "MyIRAFVEd2aImaq7zN3u/w=="),
        ("CNum(Mid([key],2,1))", 2),
        ('CNum("&H10")', 16),
        ('CNum(" -2.50 ")', -2.5),
        ("CNum(True)", 1),
        ("CBin(-1,2)", b"\xff\xff"),
        ('CBool("false")', False),
        ('CBool("2")', True),
        ("CStr(2.50)", "2.5"),
        ('CStr(CDate("2012-01-01 23:00"))', "2012-01-01T23:00:00Z"),
        # evaluation
        ("IsString([objectGUID])", False),
        ("IsString(5)", True),
        ("IsString([nobody])", False),
        ("IsPresent([objectGUID])", True),
        ('IsPresent("")', False),
        ('IsNullOrEmpty("x")', False),
        ("IsNumeric([objectGUID])", False),
        ('IsNumeric("1e5")', False),
        ("IsBitSet([nobody],2)", False),
        ("IsBitSet(4,3)", False),
        # several values
        ('Split("","x")', None),
        ('Split("a,,b",",")', ("a", "", "b")),
        ("Join([nobody])", None),
        ('Item("x",1)', "x"),
        ('ItemOrNull("x",0)', None),
        ("RemoveDuplicates(NULL)", None),
        ('Contains(NULL,"x")', 0),
        ("Count([key])", 1),
        ('ValueCount("key")', 1),
        # mathematics
        ("BitAnd(-2147483646,-2147483648)", -2147483648),
        ('BitOr("1","2")', 3),
        # dates
        ('DateAdd("m",1,"2001-01-31")', datetime(2001, 2, 28, tzinfo=UTC)),
        ('DateAdd("yyyy",-1,"2004-02-29")', datetime(2003, 2, 28, tzinfo=UTC)),
        ('DateAdd("q",1,"2001-11-01")', datetime(2002, 2, 1, tzinfo=UTC)),
        ('DateAdd("n",-1,"2001-01-01")', datetime(2000, 12, 31, 23, 59, tzinfo=UTC)),
        ('DateAdd("WW",1,"2001-01-01")', datetime(2001, 1, 8, tzinfo=UTC)),
        ('FormatDateTime("2012-03-04 15:06:07.089","d/M/yy h:m:s tt")', "4/3/12 3:6:7 PM"),
        ('FormatDateTime("2012-03-04 00:00","hh \'h\'\'our\' dddd, MMM fff K")', "12 hour Sunday, Mar 000 Z"),
        ('FormatDateTime("20140905081453.0Z","yyyy\\-MM")', "2014-09"),
        # directory
        (r'DNComponent("cn=Doe\\, Jane\\0ACNF:1,dc=b",1)', r"Doe, Jane\0ACNF:1"),
        (r'InStr(DNComponent("cn=J\\0ACNF:1,dc=b",1),"\\0ACNF:")', 2),
        ('DNComponent("cn=a,dc=b",3)', None),
        ('DNComponentRev("cn=a,ou=x,dc=b",1,"dc")', "x"),
        ('EscapeDNComponent("Doe, Joe+")', r"Doe\, Joe\+"),
        ("Thumbprint([key])", sha256(ENTRY["key"][0]).digest()),
    ],
)  # fmt: skip
def test_the_edges_hold(text, result):
    assert value(text) == result


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('InStr("a","b",0)', "InStr: the start is 0, and the first character is 1"),
        ('PadLeft("a",9,"xy")', "PadLeft: one character pads a text"),
        ('ReplaceChars("a","ab:c")', "ReplaceChars: 'ab:c' is not a character, a colon and what replaces it"),
        ('ReplaceChars("a","b")', "ReplaceChars: 'b' has no colon and nothing that replaces it"),
        ('CGuid("x")', 'CGuid: "x" is not a GUID'),
        ("StringFromGuid([key])", "StringFromGuid: a value of 5 octets is not a GUID"),
        ("StringFromSid([key])", "StringFromSid: a value of 5 octets is not a security identifier"),
        ('ConvertFromBase64("%")', 'ConvertFromBase64: "%" is not a text of Unicode in base64'),
        ('ConvertFromUTF8Hex("xy")', 'ConvertFromUTF8Hex: "xy" is not UTF-8 in hexadecimal'),
        ("CBin(256,1)", "CBin: 256 does not fit into 1 octets"),
        ('Split("a","xy")', "Split: one character parts the values"),
        ("RandomNum(1,2)", "RandomNum: an expression has no chance here"),
        ('DateAdd("x",1,"2001-01-01")', "DateAdd: 'x' is not an interval; there are yyyy q m y d w ww h n s"),
        ('DateAdd("d",99999999,"2001-01-01")', "DateAdd: the date is beyond the years 1 to 9999"),
        ('DateAdd("yyyy",9999,"2001-01-01")', "DateAdd: the date is beyond the years 1 to 9999"),
        ("DateFromNum(9223372036854775807)", "DateFromNum: 9223372036854775807 is beyond the years 1 to 9999"),
        ('FormatDateTime("2001-01-01","yyyyyyyy")', "FormatDateTime: 'yyyyyyyy' means nothing in a format"),
        ('DNComponent("cn=a",0)', "DNComponent: the number is 0, and the first component is 1"),
    ],
)  # fmt: skip
def test_what_a_function_cannot_do_is_an_error(text, sentence):
    with pytest.raises(ExpressionFailed) as caught:
        value(text)

    assert str(caught.value) == sentence


def test_the_document_has_the_table_of_functions():
    document = (ROOT / "docs" / "rules-language.md").read_text(encoding="utf-8")

    assert "\n".join(reference()) in document
