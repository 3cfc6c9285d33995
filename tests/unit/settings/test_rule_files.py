"""Rules come from the settings file and from ``rules/*.toml`` beside it; no mistake is passed over."""

from __future__ import annotations

import pytest

from connector.errors import InvalidSettings
from connector.model import ObjectType
from connector.rules.rule import Flow, Merge, Rule
from connector.settings import load

SETTINGS = """
[directory]
url = "ldap://localhost"
base_dn = "dc=contoso,dc=com"
[tenant]
initial_domain = "contoso.onmicrosoft.com"
"""


def rule(name="Mine", precedence=50, flows='{ to = "companyName", from = "o" }', more=""):
    return (
        f'[[rules]]\nname = "{name}"\nfrom = "user"\nprecedence = {precedence}\n'
        f"flows = [{flows}]\n{more}\n"
    )


@pytest.fixture
def loaded(tmp_path):
    def loaded(rules="", environ=None, **files):
        (tmp_path / "connector.toml").write_text(SETTINGS + rules)
        (tmp_path / "rules").mkdir(exist_ok=True)
        for name, text in files.items():
            (tmp_path / "rules" / f"{name}.toml").write_text(text)
        return load(tmp_path / "connector.toml", environ or {})

    return loaded


@pytest.fixture
def problems(loaded):
    def problems(*args, **files):
        with pytest.raises(InvalidSettings) as raised:
            loaded(*args, **files)
        return raised.value.problems

    return problems


def test_a_rule_is_read_with_all_that_it_says(loaded):
    text = """
    [[rules]]
    name = "Addresses"
    description = "of the old system"
    disabled = true
    from = "group"
    precedence = 201
    scope = "department EQUAL IT"
    flows = [
      { to = "proxyAddresses", from = "otherMailbox", merge = "MergeCaseInsensitive" },
      { to = "displayName", value = "Trim([cn])" },
      { to = "mailEnabled", constant = true, once = true },
      { to = "description", constant = ["1"] },
    ]
    """

    [found] = loaded(text).rules

    assert found.rule() == Rule(
        "Addresses",
        ObjectType.GROUP,
        201,
        (
            Flow("proxyAddresses", source="otherMailbox", merge=Merge.MERGE_CASE_INSENSITIVE),
            Flow("displayName", value="Trim([cn])"),
            Flow("mailEnabled", constant=True, once=True),
            Flow("description", constant=("1",)),
        ),
        ("department EQUAL IT",),
        "of the old system",
        disabled=True,
    )


def test_neither_the_place_nor_the_file_of_a_rule_decides_anything(loaded, tmp_path):
    first, second = rule("First", 40), rule("Second", 60)

    together = loaded(second + first)
    apart = loaded(first, z=second)

    assert [one.name for one in together.rules] == ["First", "Second"]
    assert apart.rules == together.rules


def test_the_folder_of_rules_may_hold_other_files(loaded, tmp_path):
    (tmp_path / "rules").mkdir()
    for name in ("note.txt", ".half-written.toml", "old.toml~"):
        (tmp_path / "rules" / name).write_text("not TOML")

    assert loaded(rule()).rules[0].name == "Mine"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not TOML", "Expected '=' after a key"),
        ("[sync]\nsource_anchor = 'auto'", "sync: such a file holds [[rules]] alone"),
        ("[rules]\nname = 'x'", "rules: must be a list of tables, each below [[rules]]"),
        (rule(more="colour = 1"), "rule 'Mine': colour: unknown key"),
    ],
)
def test_a_mistake_in_a_file_of_rules_names_the_file(problems, tmp_path, text, said):
    [problem] = problems(extra=text)

    assert problem.startswith(f"{tmp_path / 'rules' / 'extra.toml'}: {said}")


def test_a_file_of_rules_that_cannot_be_read_is_a_mistake(problems, tmp_path):
    folder = tmp_path / "rules"
    (folder / "folder.toml").mkdir(parents=True)
    (folder / "gone.toml").symlink_to(folder / "nowhere")

    assert problems() == (
        f"{folder}/folder.toml: is not a file",
        f"{folder}/gone.toml: No such file or directory",
    )


def test_all_that_is_wrong_with_the_form_of_rules_is_told_at_once(problems):
    flows = '{ to = 5 }, { to = "city", constant = 1.5 }, { from = "o", once = "yes", too = 1 }'

    told = problems(
        rule(flows=flows, precedence='"high"', more='link = "x"\ndirectory = "y"')
        + '[[rules]]\nfrom = "device"\n'
    )

    assert told == (
        "rule 'Mine', flow 1: to: must be a text in quotes",
        "rule 'Mine', city: constant: must be a text, a whole number, true or false, or a list of texts",
        "rule 'Mine', flow 3: to: required",
        "rule 'Mine', flow 3: once: must be true or false",
        "rule 'Mine', flow 3: too: unknown key; did you mean to?",
        "rule 'Mine': precedence: must be a whole number",
        "rule 'Mine': link: a rule joins nothing: there is one directory",
        "rule 'Mine': directory: there is one directory, so a rule names none",
        "rules[2]: name: required",
        "rules[2]: from: must be one of 'user', 'group' or 'contact', not 'device'",
        "rules[2]: precedence: required",
        "rules[2]: flows: required",
    )


def test_the_environment_sets_no_rules_but_what_all_rules_have_in_common(loaded, problems):
    environ = {"CONNECTOR__SYNC__DISABLED_RULES": '["In from AD - User Exchange"]'}
    refused = {"CONNECTOR__RULES": "[]", "CONNECTOR__RULES__NAME": "x"}

    assert loaded("", environ).sync.disabled_rules == ("In from AD - User Exchange",)
    assert problems("", refused) == (
        "CONNECTOR__RULES: rules are in files alone, no variable sets them",
        "CONNECTOR__RULES__NAME: rules are in files alone, no variable sets them",
    )


@pytest.mark.parametrize(
    ("anchor", "said"),
    [
        ("employee id", "must be \"auto\" or the name of an attribute, not 'employee id'"),
        ("unicodePwd", "unicodePwd holds a secret, which is never read"),
    ],
)
def test_a_source_anchor_is_an_attribute_that_can_be_read(problems, anchor, said):
    assert problems(f'[sync]\nsource_anchor = "{anchor}"') == (f"sync.source_anchor: {said}",)
