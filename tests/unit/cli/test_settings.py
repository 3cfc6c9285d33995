"""``connector settings show``: what is in force and by what, but no secret."""

from __future__ import annotations

import pytest

from tests import inventory


@pytest.fixture
def shown(connector):
    """Value and origin of each setting by its key."""

    def shown(*keys):
        rows = connector("settings", "show", "--json", *keys).json
        return {row["key"]: (row["value"], row["variable"] or row["from"]) for row in rows}

    return shown


def test_each_setting_says_where_it_comes_from(shown, monkeypatch):
    monkeypatch.setenv("CONNECTOR__SCHEDULE__DELTA", "5m")

    found = shown("schedule.*", "tenant.initial_domain")

    assert found["tenant.initial_domain"] == ("contoso.onmicrosoft.com", "file")
    assert found["schedule.delta"] == ("5m", "CONNECTOR__SCHEDULE__DELTA")
    assert found["schedule.sweep"] == ("1h", "default")


def test_the_name_of_a_section_means_all_of_it(shown):
    assert shown("Schedule") == shown("schedule.*") != {}


def test_what_is_set_to_its_default_comes_from_the_file(connector, shown):
    with connector.file.open("a") as file:
        file.write('level = "info"\n')

    assert shown("log.level") == {"log.level": ("info", "file")}


def test_rules_are_among_the_settings(connector, shown):
    with connector.file.open("a") as file:
        file.write(
            '[[rules]]\nname = "Mine"\nfrom = "user"\nprecedence = 50\n'
            'flows = [{ to = "companyName", from = "o" }]\n'
        )

    assert shown("rules")["rules"] == (
        [
            {
                "name": "Mine",
                "from": "user",
                "precedence": 50,
                "flows": [{"to": "companyName", "from": "o"}],
            }
        ],
        "file",
    )


def test_a_password_is_hidden_and_a_file_that_was_found_is_named(connector, shown, monkeypatch):
    monkeypatch.setenv("CONNECTOR__DIRECTORY__BIND_DN", "cn=reader")
    password = connector.file.with_name("directory-password")
    password.write_text("hunter2")
    beside = shown("directory.password*")
    monkeypatch.setenv("CONNECTOR__DIRECTORY__PASSWORD", "hunter2")

    named = connector("settings", "show").out

    assert beside == {
        "directory.password": (None, "default"),
        "directory.password_file": (str(password), "found"),
    }
    assert "hunter2" not in named
    assert '"***"' in named


def test_what_a_cmdlet_set_counts(connector, shown):
    connector("cmdlet", "Set-ADSyncScheduler -SyncCycleEnabled $false")

    assert shown("schedule.enabled") == {"schedule.enabled": (False, "cmdlet")}


def test_every_setting_is_there(connector, shown):
    known = {f"{section}.{key}" for section, keys in inventory.settings().items() for key in keys}

    assert set(shown()) == known | {"rules"}


@pytest.mark.parametrize("key", ["nonsense", "tenant.initial_domian"])
def test_a_key_that_is_none_is_wrong_usage(connector, key):
    done = connector("settings", "show", key)

    assert (done.code, done.out) == (2, "")
    assert "tenant.initial_domain" in done.err


def test_people_read_a_table_or_on_a_narrow_screen_a_pair_a_line(connector):
    lines = connector("settings", "show", "log.*").out.splitlines()
    narrow = connector.on_a_screen(40, "settings", "show", "log.*").splitlines()

    assert lines[0] == f"Settings of {connector.file}"
    assert lines[1].split() == ["Key", "Value", "From"]
    assert lines[2].split() == ["log.format", '"text"', "default"]
    assert 'log.format       "text" (default)' in narrow
