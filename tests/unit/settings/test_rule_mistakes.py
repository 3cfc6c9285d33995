"""All that is wrong with rules is told at once, each with its place in the expression."""

from __future__ import annotations

import pytest

from connector.errors import InvalidSettings, Problem
from connector.settings import load

SETTINGS = """
[directory]
url = "ldap://localhost"
base_dn = "dc=contoso,dc=com"
[tenant]
initial_domain = "contoso.onmicrosoft.com"
"""
MISSPELT = """
[sync]
disabled_rules = ["In from AD - Nobody"]
[[rules]]
name = "Misspelt"
from = "user"
precedence = 150
flows = [{ to = "givenName", value = 'Trim(Pcase([givenName]))' }, { to = "city", from = "unicodePwd" }]
"""
HALF = """
[[rules]]
name = "Half"
from = "user"
precedence = "high"
scope = ["title LIKE x", "title EQUAL x"]
flows = [{ to = "surname", value = 'Left([sn],' }, { to = "city", constant = 1.5 }]
"""


@pytest.fixture
def problems(tmp_path):
    def problems(text, **files):
        (tmp_path / "connector.toml").write_text(SETTINGS + text)
        (tmp_path / "rules").mkdir()
        for name, rules in files.items():
            (tmp_path / "rules" / f"{name}.toml").write_text(rules)
        with pytest.raises(InvalidSettings) as raised:
            load(tmp_path / "connector.toml", {})
        return raised.value.problems

    return problems


def test_mistakes_of_form_and_of_meaning_are_told_together(problems, tmp_path):
    file = tmp_path / "rules" / "extra.toml"

    told = [problem.partition(";")[0] for problem in problems(MISSPELT, extra=HALF)]

    assert sorted(told) == sorted(
        [
            f"{file}: rule 'Half', city: constant: must be a text, a whole number, true or false, or a list of texts",
            f"{file}: rule 'Half': precedence: must be a whole number",
            f"{file}: rule 'Half', surname: a value is missing: the expression ends here",
            f"{file}: rule 'Half': scope: 'LIKE' is not an operator",
            "rule 'Misspelt': precedence is 150",
            "sync.disabled_rules: 'In from AD - Nobody': this is not a default rule",
            "rule 'Misspelt', givenName: Pcase is not a function",
            "rule 'Misspelt', city: unicodePwd is a secret, which no rule reads",
        ]
    )


def test_the_place_of_a_mistake_is_drawn_below_the_expression(problems):
    [drawn] = [one for one in problems(MISSPELT) if isinstance(one, Problem)]

    assert drawn.draw(None) == ("Trim(Pcase([givenName]))", "     ^^^^^")


def test_two_rules_of_a_name_in_one_file_are_named_once(problems):
    rule = '[[rules]]\nname = "A"\nfrom = "user"\nprecedence = {}\nflows = [{{ to = "city", from = "l" }}]\n'

    assert problems(rule.format(1) + rule.format(2)) == ("rule 'A': 2 rules have this name",)
