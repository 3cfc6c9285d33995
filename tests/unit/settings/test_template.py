"""The file of ``connector init`` and the JSON Schema say everything that the models say."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise

import pytest

from connector import resources
from connector.settings import Settings, load
from connector.settings.template import json_schema, template
from tests import inventory

KEYS = {
    f"{section}.{field.alias or key}"
    for section, model in inventory.sections().items()
    for key, field in model.model_fields.items()
}


def keys(text: str) -> set[str]:
    return {f"{section}.{key}" for section, table in tomllib.loads(text).items() for key in table}


@pytest.fixture
def uncommented() -> str:
    return re.sub(r"^# (\w+ = )", r"\1", template(), flags=re.MULTILINE)


def test_the_template_loads_as_it_is(tmp_path):
    file = tmp_path / "connector.toml"
    file.write_text(template())

    assert load(file, {}).directory.base_dn == "dc=contoso,dc=com"


def test_every_key_is_in_the_template(uncommented):
    assert keys(uncommented) == KEYS


def test_every_example_and_default_of_the_template_is_a_valid_value(uncommented):
    tables = tomllib.loads(uncommented)

    assert Settings.model_validate(tables)


def test_every_key_is_explained(uncommented):
    lines = uncommented.splitlines()
    bare = [key for above, key in pairwise(lines) if re.match(r"\w+ = ", key) and above[:1] != "#"]

    assert bare == []


def test_a_commented_default_is_the_default(tmp_path):
    file = tmp_path / "connector.toml"
    file.write_text(template())
    written = re.sub(
        r"^# ((?:timeout|delta|delete_threshold|listen|known_issues|from|path|port) = )",
        r"\1",
        template(),
        flags=re.MULTILINE,
    )
    other = tmp_path / "other.toml"
    other.write_text(written)

    assert load(other, {}) == load(file, {})


def test_the_stored_json_schema_is_that_of_the_models():
    stored = resources.schema("settings.json").read_text(encoding="utf-8")

    assert stored == json_schema(), "run: python -m connector.settings"
