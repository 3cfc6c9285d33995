"""The models make the document of the settings, and its examples can be loaded."""

from __future__ import annotations

import re

import pytest

from connector.settings import load, warnings
from connector.settings.__main__ import DOCUMENTS, examples
from connector.settings.reference import configuration
from connector.settings.rules import FlowSettings, RuleSettings
from connector.settings.template import template
from tests import inventory

EXAMPLES = examples()
STORED = DOCUMENTS / "configuration.md"
FILES = ("directory-password", "mail-password", "web-password", "ca.pem", "web.crt", "web.key")
SAYS = [
    ("openldap-starttls", "directory", {"tls": "starttls"}),
    ("openldap-ldaps", "directory", {"tls": "ldaps"}),
    ("active-directory", "directory", {"mode": "auto", "tls": "ldaps"}),
    ("389-ds", "directory", {"mode": "auto"}),
    ("failover", "directory", {"url": ("ldaps://ldap1.contoso.com", "ldaps://ldap2.contoso.com")}),
    ("staging", "schedule", {"staging_mode": True}),
    ("mail", "mail", {"tls": "starttls", "port": 587}),
    ("monitoring", "web", {"listen": "0.0.0.0:8080"}),
]


def rows():
    """The tables of the document: section and key to the cells of the row."""
    section = ""
    for line in configuration({}).partition("## [[rules]]")[0].splitlines():
        if heading := re.fullmatch(r"## \[(\w+)\]", line):
            section = heading[1]
        elif line.startswith("| `"):
            key, *cells = (cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])
            yield (section, key.strip("`")), cells


def test_the_stored_document_is_that_of_the_models():
    assert STORED.read_text(encoding="utf-8") == configuration(EXAMPLES), (
        "run: python -m connector.settings"
    )


def test_every_key_is_in_the_document_once():
    keys = [
        (section, field.alias or key)
        for section, model in inventory.sections().items()
        for key, field in model.model_fields.items()
    ]

    assert [place for place, _ in rows()] == keys


def test_every_key_of_a_rule_is_in_the_document_once():
    lines = configuration({}).partition("## [[rules]]")[2].splitlines()
    keys = [line.split("`")[1] for line in lines if line.startswith("| `")]

    assert keys == [
        field.alias or key
        for model in (RuleSettings, FlowSettings)
        for key, field in model.model_fields.items()
    ]


def test_every_key_says_what_it_takes_and_does():
    bare = [place for place, cells in rows() if not all(cells) or "Annotated" in cells[0]]

    assert bare == []


def test_the_environment_variable_that_is_named_is_that_of_the_key(tmp_path):
    file = tmp_path / "connector.toml"
    file.write_text(template())
    variables = {place: cells[2].strip("`") for place, cells in rows()}

    ours = load(file, dict.fromkeys(variables.values(), ""))
    changed = load(file, {variables["log", "level"]: "debug", variables["mail", "from"]: "a@b.c"})

    assert ours == load(file, {})
    assert (changed.log.level, changed.mail.sender) == ("debug", "a@b.c")
    assert all(name.startswith(f"CONNECTOR__{s.upper()}__") for (s, _), name in variables.items())


def test_the_template_says_the_same_as_the_document():
    said = " ".join(line.removeprefix("# ") for line in template().splitlines())

    missing = [place for place, cells in rows() if cells[-1].replace("\\|", "|") not in said]

    assert missing == []


@pytest.fixture
def written(tmp_path):
    """Write an example, and the files that it names."""

    def write(name):
        for each in FILES:
            (tmp_path / each).touch(mode=0o600)
        file = tmp_path / name
        file.write_text(EXAMPLES[name].replace("/etc/connector", str(tmp_path)))
        return file

    return write


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_loads_and_is_wise(name, written):
    file = written(name)

    assert warnings(load(file, {}), file) == []


@pytest.mark.parametrize(("name", "section", "says"), SAYS)
def test_an_example_sets_what_its_title_says(name, section, says, written):
    chosen = getattr(load(written(f"{name}.toml"), {}), section)

    assert {key: getattr(chosen, key) for key in says} == says


def test_every_example_is_known():
    assert sorted(EXAMPLES) == sorted(f"{name}.toml" for name, *_ in SAYS)
