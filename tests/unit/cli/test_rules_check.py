"""``connector rules check`` says what is wrong with rules, and warns of what stops objects."""

from __future__ import annotations

RULE = """
[[rules]]
name = "Mine"
from = "user"
precedence = 50
flows = [{{ to = "city", value = '{}' }}]
"""


def test_rules_without_mistakes_are_counted_and_warned_of(connector):
    with connector.file.open("a") as file:
        file.write(RULE.format("Item([otherMailbox],1)"))

    done = connector("rules", "check")

    assert done.code == 0
    assert done.out.splitlines() == [
        "ok      rules: 1 rule of your own",
        (
            "ok      rules: warning: rule 'Mine', city: this fails for every object without [otherMailbox]: "
            "Item: there is no value"
        ),
    ]


def test_a_mistake_stands_above_its_expression_with_carets_below(connector):
    with connector.file.open("a") as file:
        file.write(RULE.format("Trim(Lcsae([l]))"))

    done = connector("rules", "check")

    assert done.code == 2
    assert done.err.splitlines()[1:] == [
        "  rule 'Mine', city: Lcsae is not a function; did you mean LCase?",
        "    Trim(Lcsae([l]))",
        "         ^^^^^",
    ]


def test_what_servers_compute_is_warned_of(connector):
    with connector.file.open("a") as file:
        file.write(RULE.format("Join([memberOf])"))

    [_, warning] = connector("rules", "check", "--json").json

    assert warning["detail"] == (
        "warning: rule 'Mine': many servers compute memberOf and tell nobody when it changes: only an import of "
        "everything sees that"
    )
