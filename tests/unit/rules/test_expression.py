"""The language of expressions: what means what, and what is refused with its place."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import pytest

from connector.rules.expression import compiled, parameters
from connector.rules.language.evaluation import Surroundings
from connector.rules.language.values import ExpressionFailed, Marker

ADDRESSES = ("SIP:ann@b.c", "SMTP:ann@b.c", "smtp:a@b.c")
ENTRY = {
    "cn": ("Ann",),
    "employeeid": ("042",),
    "flag": ("TRUE",),
    "member": ("cn=Bob,dc=b", "cn=Ann,dc=b"),
    "memberuid": ("ann", "bob"),
    "objectguid": (bytes(range(16)),),
    "proxyaddresses": (ADDRESSES[2], ADDRESSES[0], ADDRESSES[1]),
    "title": ("Boss",),
    "useraccountcontrol": ("514",),
}


def value(text, entry=ENTRY, **surroundings):
    expression = compiled(text)

    assert expression.mistakes == ()
    return expression.evaluate(entry, Surroundings(**surroundings))


def failure(text):
    with pytest.raises(ExpressionFailed) as caught:
        value(text)
    return str(caught.value)


def mistakes(text):
    return [(m.at, m.length, m.sentence) for m in compiled(text).mistakes]


# --- operators -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("2+3*4", 14),
        ("(2+3)*4", 20),
        ("10-4-3", 3),
        ("12/4/2", 1.5),
        ("-2*-3", 6),
        ("10/4", 2.5),
        ("8/4", 2),
        ('1+2&"x"', "3x"),
        ('"a"&"b"="AB"', True),
        ("1=1 && 2=3 || True", True),
        ("True || False && False", True),
        ("&HFF", 255),
        ('"x"& &HFF', "x255"),
        ('[cn]&"&H10"', "Ann&H10"),
        ('"say ""yes"""', 'say "yes"'),
        (r'"\\0A and \n"', r"\0A and \n"),
        ("IIF (1<2,\n\t'x',2)".replace("'", '"'), "x"),
        ('CRLF & "x"', "\r\nx"),
    ],
)
def test_operators_have_the_usual_order(text, result):
    found = value(text)

    assert (found, type(found)) == (result, type(result))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('[TITLE]="boss"', True),
        ('[title]<>"BOSS"', False),
        ("[employeeID]=42", True),
        ('[employeeID]="42"', False),
        ("[employeeID]+1", 43),
        ("[flag]=True", True),
        ("True=1", True),
        ('"a"<"B"', True),
        ("[objectGUID]=[objectGUID]", True),
        ('CDate("2020-01-01")<"2020-01-02"', True),
        ('[nobody]="x"', False),
        ('[nobody]<>"x"', True),
        ("[nobody]=NULL", True),
        ('[nobody]=""', False),
        ("[nobody]>5", False),
        ("[nobody]+5", None),
        ('[nobody] & "x"', "x"),
        ("[nobody] & NULL", ""),
        ("-[nobody]", None),
        ("BitAnd([nobody],2)=0", False),
        ("CBool([nobody])", False),
        ("Trim([nobody])", None),
        ("Left([nobody],3)", ""),
        ("Len([nobody])", 0),
        ('InStr([nobody],"x")=0', True),
        ("Left([cn],[nobody])", None),
        ("CBin(2,1) & CBin(3,1)", b"\x02\x03"),
    ],
)
def test_values_of_the_directory_are_texts_that_count_as_what_stands_beside_them(text, result):
    assert value(text) == result


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[title]=5", '"Boss" is not a number'),
        ("[title]=True", '"Boss" is not True or False'),
        ("[title]+1", '"Boss" is not a number'),
        ("1/0", "a number is divided by 0"),
        ("IIF([title],1,2)", 'IIF: "Boss" is not True or False'),
        ("True<False", "truth values have no order"),
        ('[objectGUID]="x"', "octets are compared with octets alone"),
        ('[objectGUID]&"x"', "a value of 16 octets is not a text"),
        ("CStr([objectGUID])", "CStr: a value of 16 octets is not a text"),
        ('Left("x",1.5)', "Left: 1.5 is not a whole number"),
        ("9223372036854775807*9", "the number is too large: it has more than 64 bits"),
        ("[proxyAddresses]&[memberUid]", "3 values stand beside 2"),
        ("Item([proxyAddresses],4)", "Item: there are 3 values"),
        ("Item([nobody],1)", "Item: there is no value"),
        ('CDate("soon")', 'CDate: "soon" is not a date'),
        ("Now()", "Now: an expression has no clock here"),
        ("%Domain.FQDN%", "%Domain.FQDN% has no value here"),
        ("Switch([proxyAddresses]=[cn],1)", "Switch: a condition has 3 values, and one decides"),
        ("With($x,IgnoreThisFlow,Trim($x))", "Trim: IgnoreThisFlow is not a value to work with"),
    ],
)
def test_what_does_not_count_as_what_is_wanted_is_an_error(text, sentence):
    assert failure(text) == sentence


# --- several values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("[proxyAddresses]", ADDRESSES),
        ('Word([proxyAddresses],2,":")', ("ann@b.c", "ann@b.c", "a@b.c")),
        ('IIF(InStr([proxyAddresses],"SIP:")=1,NULL,[proxyAddresses])', ADDRESSES[1:]),
        ('IIF(InStr([proxyAddresses],"SIP:")=1,[proxyAddresses],NULL)', ADDRESSES[0]),
        ('IIF([memberUid]="ann","yes","no")', ("yes", "no")),
        ('IIF(InStr([memberUid],"x")>0,IgnoreThisFlow,[memberUid])', ("ann", "bob")),
        ('IIF(InStr([memberUid],"x")=0,IgnoreThisFlow,1)', Marker.IGNORE_THIS_FLOW),
        ('[memberUid]="ann" && True', (True, False)),
        ('[memberUid]="ann" || [memberUid]="bob"', (True, True)),
        ("Trim([memberUid]) & [memberUid]", ("annann", "bobbob")),
        ('Split([memberUid],"n")', ("a", "", "", "bob")),
        ("Count([proxyAddresses])", 3),
        ('ValueCount("Member")', 2),
        ('ImportedValue("cn")', "Ann"),
        ('Contains([proxyAddresses],"SMTP:")', 2),
        ('Contains([member],"cn=Bob")', 0),
        ('Contains([member],"cn=Bob,dc=b")', 2),
        ('Join(Select($x,[memberUid],UCase($x)),"+")', "ANN+BOB"),
        ("With($x,[memberUid],With($x,Item($x,2),$x))", "bob"),
        ('Where($x,[memberUid],$x="bob")', "bob"),
        ('Where($x,[memberUid],$x="c")', None),
    ],
)
def test_a_list_is_gone_through_position_by_position(text, result):
    assert value(text) == result


# --- what is evaluated ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('IIF(True,1,Error("x"))', 1),
        ("IIF([nobody],1,2)", 2),
        ('False && Error("x")="y"', False),
        ('True || Error("x")="y"', True),
        ('Switch(False,Error("x"),True,2,True,Error("y"))', 2),
        ("NULL", None),
        ("IIF(True,AuthoritativeNull,1)", Marker.AUTHORITATIVE_NULL),
        ("IgnoreThisFlow", Marker.IGNORE_THIS_FLOW),
    ],
)
def test_only_what_is_chosen_is_evaluated(text, result):
    assert value(text) == result


def test_switch_evaluates_every_condition():
    assert failure("Switch(True,1,1/0=1,2)") == "a number is divided by 0"


def test_the_text_of_error_is_told_apart_from_a_failure():
    with pytest.raises(ExpressionFailed) as caught:
        value('IIF(IsPresent([nobody]),[nobody],Error("no name"))')

    assert (str(caught.value), caught.value.triggered) == ("no name", True)


def test_what_changes_each_time_comes_from_outside():
    now = datetime(2020, 5, 1, tzinfo=UTC)

    assert value("Now()", clock=lambda: now) == now
    assert value("RandomNum(2,5)", draw=lambda low, high: low * high) == 10
    assert value("Guid()", guid=lambda: "g") == "g"


def test_the_parameters_follow_the_base_dn():
    assert parameters("ou=x,dc=sales,dc=contoso,dc=com") == {
        "Connector.ID": "{26e1bb7a-c363-5514-b655-2999c35109cc}",
        "Domain.FQDN": "sales.contoso.com",
        "Domain.LDAP": "DC=sales,DC=contoso,DC=com",
        "Domain.Netbios": "SALES",
        "Forest.FQDN": "sales.contoso.com",
        "Forest.LDAP": "DC=sales,DC=contoso,DC=com",
        "Forest.Netbios": "SALES",
    }
    assert (
        value('"x@" & %Domain.FQDN%', parameters={"Domain.FQDN": "contoso.com"}) == "x@contoso.com"
    )


FILTER = (
    "IIF(IsPresent([isCriticalSystemObject]) || IsPresent([sAMAccountName])=False"
    ' || Left([sAMAccountName],5)="svc__" || (Left([mailNickname],4)="TMP_" && (InStr([mailNickname],"}")>0))'
    " || CBool(IIF(IsPresent([kind]),BitAnd([kind],&H21C07000)>0,NULL))"
    r' || CBool(InStr(DNComponent(CRef([dn]),1),"\\0ACNF:")>0),True,NULL)'
)


@pytest.mark.parametrize(
    ("entry", "result"),
    [
        ({}, None),
        ({"samaccountname": ()}, True),
        ({"samaccountname": ("SVC__sync",)}, True),
        ({"iscriticalsystemobject": ("TRUE",)}, True),
        ({"mailnickname": ("tmp_{1}",)}, True),
        ({"mailnickname": ("tmp_1",)}, None),
        ({"kind": ("536870912",)}, True),
        ({"kind": ("1",)}, None),
        ({"dn": (r"cn=Ann\0ACNF:0f5c,dc=b",)}, True),
    ],
)
def test_a_filter_of_accounts_takes_out_those_that_it_means(entry, result):
    whole = {"samaccountname": ("ann",), "dn": ("cn=Ann,dc=b",), **entry}

    assert value(FILTER, whole) == result


def test_the_hash_of_a_device_key_is_put_into_it():
    """docs/sources.md 4.8: behind the first entry, over all that follow."""
    head, rest = b"\0\2\0\0" + b"\3\0\1" + b"key", b"\1\0\4" + b"x"
    length = "CNum(Mid([key],5,2))"
    behind = f"Mid([key],8+{length},Len([key]))"
    mark = f"CBin(Len(Thumbprint({behind})),2) & CBin(2,1) & Thumbprint({behind})"
    text = f"IIF(CNum(Mid([key],1,1))=0,Mid([key],1,7+{length}) & {mark} & {behind},NULL)"

    found = value(text, {"key": (head + rest,)})

    assert found == head + b"\x20\0\2" + sha256(rest).digest() + rest


# --- what an expression says of itself -----------------------------------------------------------


def test_an_expression_names_what_it_reads():
    found = compiled(
        '[cn] & [CN] & [userCertificate;binary] & ValueCount("Member") & %Domain.FQDN%'
    )

    assert found.attributes == {
        "cn": "cn",
        "usercertificate": "userCertificate",
        "member": "Member",
    }
    assert found.parameters == {"Domain.FQDN"}


def test_an_expression_tells_what_changes_each_time():
    found = compiled("IIF(RandomNum(1,2)=1,Now(),[cn])")

    assert [(one.at, one.length) for one in found.chance] == [(4, 9), (21, 3)]
    assert not found.is_deterministic
    assert compiled("[cn]").is_deterministic


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        (
            'Trim("x" & Item([Description],1))',
            [(11, "this fails for every object without [Description]: Item: there is no value")],
        ),
        ("IIF(IsPresent([description]),Item([description],1),NULL)", []),
        ('IIF(IsPresent([mail]),[mail],Error("no mail"))', []),
        ("DateAdd([a],[b],[c])", []),
        (
            "With($x,[a],Item($x,1))",
            [(12, "this fails for every object without [a]: Item: there is no value")],
        ),
        ("1/0", [(1, "this fails for every object: a number is divided by 0")]),
    ],
)
def test_what_stops_every_object_without_an_attribute_is_warned_of(text, warnings):
    assert [(one.at, one.sentence) for one in compiled(text).warnings] == warnings


# --- mistakes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at", "length", "sentence"),
    [
        ("Trim(Pcase([givenName]))", 5, 5, "Pcase is not a function; did you mean PCase?"),
        ("Left([sn],", 10, 1, "a value is missing: the expression ends here"),
        ("Left([sn]", 9, 1, ") is missing: the arguments of Left do not end"),
        ("", 0, 1, "the expression is empty"),
        ("[cn] [sn]", 5, 4, "an operator is missing before this"),
        ("[cn] and [sn]", 5, 3, "and is not an operator: && is and, || is or"),
        ("([cn]", 0, 1, ") is missing: this parenthesis is not closed"),
        ("[cn])", 4, 1, ") closes nothing"),
        ("1+*2", 2, 1, "a value is missing before *"),
        ('Trim("x', 5, 1, "the text is not closed: a quotation mark is missing"),
        ("Trim(“x”)", 5, 1, 'a text stands in straight quotation marks: "text"'),
        ("[cn", 0, 1, "the name of the attribute is not closed: ] is missing"),
        ("[]", 0, 2, "the name of the attribute is missing"),
        ("[a b]", 0, 5, "a b is not the name of an attribute"),
        ("[2.5.4.35]", 0, 10, "2.5.4.35 is not the name of an attribute"),
        ("[cn;lang-de]", 0, 12, "cn;lang-de has an option: only ;binary is taken"),
        ("[userPassword]", 0, 14, "userPassword is a secret, which no rule reads"),
        ('ImportedValue("unicodePwd")', 14, 12, "unicodePwd is a secret, which no rule reads"),
        ("[msLAPS-Password]", 0, 17, "msLAPS-Password is a secret, which no rule reads"),
        ("null", 0, 4, "null means nothing here; did you mean NULL?"),
        ("cn", 0, 2, "cn means nothing here: an attribute is written [cn]"),
        ("Trim", 0, 4, "Trim is a function: its arguments are missing, Trim(...)"),
        ("Left([cn])", 0, 4, "Left takes 2 arguments, not 1: Left(text, count)"),
        ("Now(1)", 0, 3, "Now takes no arguments, not 1: Now()"),
        (
            "Switch(True,1,True)",
            0,
            6,
            "Switch takes pairs, and the last one is not whole: Switch(condition, value, ...)",
        ),
        (
            "CertNotAfter([x])",
            0,
            12,
            "CertNotAfter is not taken: of the functions of certificates there is Thumbprint alone",
        ),
        ('InStr("a","b",1,Binary)', 16, 6, "compare is vbTextCompare or vbBinaryCompare"),
        ("ImportedValue([cn])", 14, 4, 'ImportedValue takes a name in quotation marks: "member"'),
        ("Select([x],[y],1)", 7, 3, "Select takes a variable first, such as $item"),
        ("$x", 0, 2, "$x is not a variable here"),
        ("With($x,$x,1)", 8, 2, "$x is not a variable here"),
        ("%Domain.Fqdn%", 0, 13, "%Domain.Fqdn% is not a parameter; did you mean %Domain.FQDN%?"),
        (
            "Trim(AuthoritativeNull)",
            5,
            17,
            "AuthoritativeNull stands alone, or as a result of IIF, Switch or With",
        ),
        ("12abc", 0, 1, "this is neither a number nor a name"),
        ("99999999999999999999", 0, 20, "the number is too large"),
        ("[a].upper", 3, 1, ". means nothing here"),
        ("__import__('os')", 11, 1, 'a text stands in straight double quotation marks: "text"'),
        ("(" * 200 + "1", 100, 1, "too many calls and parentheses stand in each other"),
        ("-" * 200 + "1", 100, 1, "too many signs stand before each other"),
        ("1" * 10_001, 10_000, 1, "the expression has 10,001 characters; 10,000 are the most"),
    ],
)
def test_a_mistake_has_its_place(text, at, length, sentence):
    assert mistakes(text) == [(at, length, sentence)]


def test_mistakes_are_told_all_at_once():
    assert [at for at, *_ in mistakes("Pcase([userPassword]) & foo & Lef(1,Bar)")] == [0, 6, 24, 30]


def test_a_long_chain_is_not_deep():
    assert value("&".join(['"ab"'] * 2000)) == "ab" * 2000


def test_too_deep_an_expression_is_refused():
    deepest = "Trim(" * 63 + "[cn]" + ")" * 63

    assert value(deepest) == "Ann"
    assert [sentence for *_, sentence in mistakes(f"Trim({deepest})")] == [
        "more than 64 calls and operators stand in each other"
    ]


# --- caps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            'PadLeft("x",1000001,"y")',
            "PadLeft: the value would have more than 1,000,000 characters",
        ),
        (
            'With($a,PadLeft("",600000,"x"),$a & $a)',
            "the value would have more than 1,000,000 characters",
        ),
        (
            'With($a,PadLeft("",600000,"x"),Replace($a,"x","xx"))',
            "Replace: the value would have more than 1,000,000 characters",
        ),
        (
            'With($a,Split(PadLeft("",1000,","),","),Select($x,$a,Select($y,$a,Count($a))))',
            "Count: the expression takes too much work for this object",
        ),
        ('Split(PadLeft("",20000,","),",")', "the result has 20,001 values; 10,000 are the most"),
        ("[huge]", "the result has more than 1,000,000 characters"),
    ],
)
def test_an_evaluation_has_its_bounds(text, sentence):
    with pytest.raises(ExpressionFailed) as caught:
        compiled(text).evaluate({"huge": ("x" * 1_000_001,)})

    assert str(caught.value) == sentence
