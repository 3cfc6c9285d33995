"""Scoping filters of the operator's own."""

from __future__ import annotations

import pytest

from connector.values.filters import holds, parse

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
