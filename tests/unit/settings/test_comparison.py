"""The settings of two processes are compared by key, and secrets stay secret."""

from __future__ import annotations

import json

import pytest

from connector.settings import load
from connector.settings.comparison import by_key, differing

FILE = """
[directory]
url = "ldap://localhost"
base_dn = "dc=contoso,dc=com"
bind_dn = "cn=reader"
password = "hush"
[tenant]
initial_domain = "contoso.onmicrosoft.com"
"""


@pytest.fixture
def settings_with(tmp_path):
    (tmp_path / "connector.toml").write_text(FILE)

    def load_with(**environ: str):
        named = {f"CONNECTOR__{name}": value for name, value in environ.items()}
        return load(tmp_path / "connector.toml", named)

    return load_with


@pytest.mark.parametrize(
    ("environ", "keys"),
    [
        ({}, []),
        ({"SAFETY__DELETE_THRESHOLD": "0"}, ["safety.delete_threshold"]),
        ({"SCHEDULE__DELTA": "60m", "LOG__LEVEL": "debug"}, ["log.level", "schedule.delta"]),
        ({"SCHEDULE__DELTA": "1800s"}, []),
        ({"DIRECTORY__PASSWORD": "other"}, ["directory.password"]),
        ({"DIRECTORY__INCLUDE": "ou=users,dc=contoso,dc=com"}, ["directory.include"]),
        ({"MAIL__FROM": "it@contoso.com"}, ["mail.from"]),
        ({"STORAGE__PATH": "/elsewhere"}, []),
    ],
)
def test_the_keys_that_differ_are_named(settings_with, environ, keys):
    ours, theirs = by_key(settings_with(), "salt"), by_key(settings_with(**environ), "salt")

    assert differing(ours, json.loads(json.dumps(theirs))) == keys


def test_a_secret_is_not_told(settings_with):
    told = [json.dumps(by_key(settings_with(), salt)) for salt in ("one", "two")]

    assert ["hush" in text for text in told] == [False, False]
    assert told[0] != told[1]


def test_a_key_that_only_one_version_knows_does_not_count():
    assert differing({"a.b": 1, "a.c": 2}, {"a.b": 1, "a.d": 3}) == []


def test_a_password_that_nobody_named_may_be_found_elsewhere(tmp_path):
    tables = FILE.replace('password = "hush"\n', "")
    (tmp_path / "connector.toml").write_text(tables)
    (tmp_path / "directory-password").write_text("hush")
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "directory-password").write_text("hush")

    ours = load(tmp_path / "connector.toml", {})
    theirs = load(tmp_path / "connector.toml", {"CREDENTIALS_DIRECTORY": str(credentials)})

    assert ours.directory.password_file != theirs.directory.password_file
    assert differing(by_key(ours, "salt"), by_key(theirs, "salt")) == []


def test_rules_are_compared(settings_with, tmp_path):
    before = by_key(settings_with(), "salt")
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "mine.toml").write_text(
        '[[rules]]\nname = "Mine"\nfrom = "user"\nprecedence = 50\n'
        'flows = [{ to = "companyName", from = "o" }]\n'
    )

    assert differing(before, by_key(settings_with(), "salt")) == ["rules"]
