"""Scoping filters of the operator's own."""

from __future__ import annotations

import pytest

from connector.values.filters import Misread, holds, parse, written

DN = "uid=ann,ou=sales,dc=contoso,dc=com"
ANN = {"department": ["Sales"], "title": ["Engineer", "Lead"], "useraccountcontrol": ["514"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("department EQUAL sales", True),
        ("department NOTEQUAL Sales", False),
        ("Department EQUAL Sales AND title EQUAL lead", True),
        ("department EQUAL Sales AND title EQUAL Boss", False),
        ("title STARTSWITH eng", True),
        ("title NOTSTARTSWITH eng", False),
        ("title ENDSWITH d", True),
        ("title CONTAINS GINE", True),
        ("title NOTCONTAINS x", True),
        ("department ISIN Marketing; Sales", True),
        ("department ISNOTIN Marketing; Sales", False),
        ("userAccountControl ISBITSET 2", True),
        ("userAccountControl ISNOTBITSET 2", False),
        ("userAccountControl ISBITNOTSET 2", False),
        ("userAccountControl LESSTHAN 1000", True),
        ("userAccountControl LESSTHAN 514", False),
        ("userAccountControl LESSTHAN_OR_EQUAL 514", True),
        ("userAccountControl GREATERTHAN 99", True),
        ("userAccountControl GREATERTHAN_OR_EQUAL 515", False),
        ("department GREATERTHAN marketing", True),
        ("department LESSTHAN 9", False),
        ("userAccountControl LESSTHAN 514.5", True),
        ("userAccountControl LESSTHAN 1000.5", True),
        ("dn CONTAINS OU=Sales,", True),
        ('department EQUAL "Sales"', True),
        ('department EQUAL "Research AND Sales"', False),
        ('company NOTEQUAL "Research AND Sales" AND title EQUAL "Lead"', True),
        ('company NOTEQUAL "a "" AND b" AND title EQUAL Boss', False),
        ('company NOTEQUAL "a" or "b AND title EQUAL Boss', False),
        ("distinguishedName STARTSWITH uid=bob", False),
        ("dn ISNULL", False),
        ("shoeSize LESSTHAN 43", False),
        ("title;binary EQUAL lead", True),
        ("company ISNULL", True),
        ("company ISNOTNULL", False),
        ("company NOTEQUAL Contoso", True),
    ],
)
def test_an_entry_meets_all_clauses_of_a_filter_or_does_not(text, expected):
    assert all(holds(clause, ANN, DN) for clause in parse(text)) is expected


def test_a_quoted_value_is_taken_as_it_stands():
    text = 'company EQUAL "A AND ""B"" AND C" AND o EQUAL "x" or "y" AND ou EQUAL "z'

    assert [clause.value for clause in parse(text)] == ['A AND "B" AND C', '"x" or "y"', '"z']


@pytest.mark.parametrize("value", ["x", "a AND b", '"x"', '"', 'a "b" AND c', "x\nAND y"])
def test_a_value_that_was_written_is_read_as_it_was(value):
    assert parse(f"company EQUAL {written(value)} AND ou EQUAL z")[0].value == value


@pytest.mark.parametrize(
    ("text", "carets"),
    [
        (" ou EQUAL x AND department LIKE Sales", "                           ^^^^"),
        ("ou EQUAL x AND department", "               ^^^^^^^^^^"),
        ("ou EQUAL x AND user;lang-de EQUAL x", "               ^^^^^^^^^^^^"),
        ("ou EQUAL AND o EQUAL x", " " * 8 + "^"),
        ("ou ISNULL xy", " " * 10 + "^^"),
        ("", "^"),
    ],
)
def test_a_filter_that_cannot_be_read_says_where(text, carets):
    with pytest.raises(Misread) as caught:
        parse(text)

    assert " " * caught.value.at + "^" * max(1, caught.value.length) == carets


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("department", "is not a clause"),
        ("department LIKE Sales", "'LIKE' is not an operator"),
        ("user;lang-de EQUAL x", "is not the name of an attribute"),
        ("UnicodePwd EQUAL x", "holds a secret"),
        ("memberOf ISMEMBEROF cn=staff", "ISMEMBEROF is not an operator here"),
        ("department EQUAL", "takes a value"),
        ("department ISNULL x", "takes no value"),
        ("userAccountControl ISBITSET two", "whole number"),
    ],
)
def test_a_filter_that_cannot_be_read_says_why(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse(text)
