"""Each function of the table gives a result, and says what is wrong with its arguments."""

from __future__ import annotations

import pytest

from connector.rules.expression import compiled
from connector.rules.functions.table import LANGUAGE
from connector.rules.language.evaluation import Surroundings
from connector.rules.language.function import Kind
from connector.rules.language.values import ExpressionFailed

FUNCTIONS = LANGUAGE.functions
OCTETS = {"key": (b"\x00\x02\x00",), "sid": (b"\x01\x01" + bytes(5) + b"\x05\x12\x00\x00\x00",)}
CHANGING = {"Guid": 'Guid()="g"', "Now": "Now()=Now()", "RandomNum": "RandomNum(2,5)=10"}
WITHOUT_EXAMPLES = {
    "CBin": ("CBin(258,2)", b"\x02\x01"),
    "Error": ('IIF(True,"x",Error("no"))', "x"),
    "ImportedValue": ('ImportedValue("key")', OCTETS["key"][0]),
    "StringFromSid": ("StringFromSid([sid])", "S-1-5-18"),
    "Thumbprint": ("Len(Thumbprint([key]))", 32),
}
"""A result of each function whose row has no example."""


def value(text):
    expression = compiled(text)

    assert expression.mistakes == ()
    return expression.evaluate(OCTETS)


def test_every_function_has_a_result_in_an_example_or_here():
    shown = {name for name, function in FUNCTIONS.items() if function.examples}

    assert shown | WITHOUT_EXAMPLES.keys() | CHANGING.keys() == FUNCTIONS.keys()
    assert {name: value(text) for name, (text, _) in WITHOUT_EXAMPLES.items()} == {
        name: result for name, (_, result) in WITHOUT_EXAMPLES.items()
    }


@pytest.mark.parametrize("text", CHANGING.values(), ids=CHANGING)
def test_what_changes_each_time_takes_it_from_outside(text):
    known = Surroundings(clock=lambda: 1, draw=lambda low, high: low * high, guid=lambda: "g")  # type: ignore[arg-type,return-value]

    assert compiled(text).evaluate({}, known) is True


def called_with(function, count):
    """A call with so many arguments, each of a form that the function takes there."""
    forms = {Kind.VARIABLE: "$x", Kind.ATTRIBUTE: '"cn"'}
    written = []
    for position in range(count):
        argument = function.argument(position)
        words = argument.words if argument else ()
        written.append(words[0] if words else forms.get(argument and argument.kind, '"1"'))
    return f"{function.name}({','.join(written)})"


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_wrong_number_of_arguments_is_a_mistake_that_shows_the_usage(function):
    most = len(function.arguments)
    wrong = {function.required - 1, *(() if function.repeats else (most + 1,))} - {-1}
    said = [compiled(called_with(function, count)).mistakes for count in sorted(wrong)]

    assert [one.sentence.partition(": ")[2] for [one] in said] == [function.usage] * len(wrong)
    assert compiled(called_with(function, function.required)).mistakes == ()


# A value that is wrong for each argument that does not take any value.
WRONG = [
    ('BitAnd("x",1)', 'BitAnd: "x" is not a number'),
    ("BitAnd(1,1.5)", "BitAnd: 1.5 is not a whole number"),
    ('BitOr(1,"x")', 'BitOr: "x" is not a number'),
    ('CBin("x",2)', 'CBin: "x" is not a number'),
    ("CBin(1,9)", "CBin: a number takes 1 to 8 octets, not 9"),
    ('CBool("perhaps")', 'CBool: "perhaps" is not True or False'),
    ("CDate([key])", "CDate: a value of 3 octets is not a date"),
    ("CGuid([key])", "CGuid: a value of 3 octets is not a text"),
    ('CNum("one")', 'CNum: "one" is not a number'),
    ("CRef([key])", "CRef: a value of 3 octets is not a text"),
    ("CStr([key])", "CStr: a value of 3 octets is not a text"),
    ('Contains([key],"x")', "Contains: a value of 3 octets is not a text"),
    ('Contains("x",[key])', "Contains: a value of 3 octets is not a text"),
    ("ConvertFromBase64([key])", "ConvertFromBase64: a value of 3 octets is not a text"),
    ("ConvertFromUTF8Hex(5.5)", 'ConvertFromUTF8Hex: "5.5" is not UTF-8 in hexadecimal'),
    ("ConvertToUTF8Hex([key])", "ConvertToUTF8Hex: a value of 3 octets is not a text"),
    ("DNComponent([key],1)", "DNComponent: a value of 3 octets is not a text"),
    ('DNComponent("cn=a","x")', 'DNComponent: "x" is not a number'),
    ('DNComponentRev("cn=a",0)', "DNComponentRev: the number is 0, and the first component is 1"),
    ('DateAdd("d","x","2001-01-01")', 'DateAdd: "x" is not a number'),
    ('DateAdd("d",1,"soon")', 'DateAdd: "soon" is not a date'),
    ('DateFromNum("x")', 'DateFromNum: "x" is not a number'),
    ("EscapeDNComponent([key])", "EscapeDNComponent: a value of 3 octets is not a text"),
    ('FormatDateTime("soon","yyyy")', 'FormatDateTime: "soon" is not a date'),
    ('IIF("x",1,2)', 'IIF: "x" is not True or False'),
    ('InStr([key],"x")', "InStr: a value of 3 octets is not a text"),
    ('InStr("a","a","x")', 'InStr: "x" is not a number'),
    ('InStrRev("a","a",0)', "InStrRev: the start is 0, and the first character is 1"),
    ('IsBitSet("x",1)', 'IsBitSet: "x" is not a number'),
    ('Item("x","y")', 'Item: "y" is not a number'),
    ('ItemOrNull("x",1.5)', "ItemOrNull: 1.5 is not a whole number"),
    ("Join([key])", "Join: a value of 3 octets is not a text"),
    ("LCase([key])", "LCase: a value of 3 octets is not a text"),
    ("LTrim([key])", "LTrim: a value of 3 octets is not a text"),
    ('Left("a","x")', 'Left: "x" is not a number'),
    ('Mid("a","x",1)', 'Mid: "x" is not a number'),
    ('NumFromDate("soon")', 'NumFromDate: "soon" is not a date'),
    ("PCase([key])", "PCase: a value of 3 octets is not a text"),
    ('PadLeft("a","x","0")', 'PadLeft: "x" is not a number'),
    ('PadRight("a",3,"")', "PadRight: one character pads a text"),
    ("RTrim([key])", "RTrim: a value of 3 octets is not a text"),
    ('Replace([key],"a","b")', "Replace: a value of 3 octets is not a text"),
    ('ReplaceChars([key],"a:b")', "ReplaceChars: a value of 3 octets is not a text"),
    ('Right("a","x")', 'Right: "x" is not a number'),
    ('Split("a,b",",",-1)', "Split: the limit is -1"),
    ('StringFromGuid("x")', 'StringFromGuid: "x" is not octets'),
    ('StringFromSid("x")', 'StringFromSid: "x" is not a security identifier'),
    ('Switch("x",1)', 'Switch: "x" is not True or False'),
    ("Trim([key])", "Trim: a value of 3 octets is not a text"),
    ("UCase([key])", "UCase: a value of 3 octets is not a text"),
    ('Where($x,"a",$x)', 'Where: "a" is not True or False'),
    ('Word("a","x"," ")', 'Word: "x" is not a number'),
]  # fmt: skip
REFUSED = [
    ("ImportedValue([cn])", 'ImportedValue takes a name in quotation marks: "member"'),
    ('Select("x",[cn],1)', "Select takes a variable first, such as $item"),
    ("Where([x],[cn],True)", "Where takes a variable first, such as $item"),
    ("With(x,[cn],1)", "With takes a variable first, such as $item"),
    ("ValueCount(member)", 'ValueCount takes a name in quotation marks: "member"'),
    ('ConvertFromBase64("",UTF16)', "encoding is Unicode or ASCII or UTF8"),
    ('Contains("a","a",Any)', "case is CaseSensitive or CaseInsensitive"),
    ('DNComponentRev("cn=a",1,"OU")', "option is DC"),
    ("Len(AuthoritativeNull)", "AuthoritativeNull stands alone, or as a result of IIF, Switch or With"),
]  # fmt: skip
# These take any value that there is.
TAKE_ANYTHING = {
    *("ConvertToBase64", "Count", "Error", "IsDate", "IsEmpty", "IsGuid", "IsNull", "IsNullOrEmpty"),
    *("IsNumeric", "IsPresent", "IsString", "Len", "RemoveDuplicates", "Thumbprint"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_a_value_of_the_wrong_kind_is_an_error_of_the_object(text, sentence):
    with pytest.raises(ExpressionFailed) as caught:
        value(text)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_an_argument_of_the_wrong_form_is_a_mistake(text, sentence):
    assert [one.sentence for one in compiled(text).mistakes] == [sentence]


@pytest.mark.parametrize("name", sorted(TAKE_ANYTHING - {"Error"}))
def test_these_take_any_value(name):
    for given in ("[key]", '"x"', "2.5", "True", 'CDate("2001-01-01")'):
        assert compiled(f"IsPresent({name}({given})) || True").evaluate(OCTETS) is True


def test_every_function_is_tried_with_a_wrong_argument_or_takes_any():
    tried = {text.partition("(")[0] for text, _ in (*WRONG, *REFUSED)}

    assert tried | TAKE_ANYTHING | CHANGING.keys() == FUNCTIONS.keys()
