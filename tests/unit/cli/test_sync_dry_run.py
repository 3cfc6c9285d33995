"""The screens of ``connector sync --dry-run``, whole, and its exit codes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from textwrap import dedent

import pytest

from tests.unit.cli.conftest import SETTINGS
from tests.world import World

JOE = "joe@contoso.com"
BELOW = "ou=Business Development and Partners,ou=users,dc=contoso,dc=com"
SCREEN_80 = """\
    6 users to add:
      [32m+ [0mUser 0 (uid=user0,ou=users,dc=contoso,dc=com)
      [32m+ [0mUser 1 (uid=user1,ou=users,dc=contoso,dc=com)
      [32m+ [0mUser 2 (uid=user2,ou=users,dc=contoso,dc=com)
      [32m+ [0mUser 3 (uid=user3,ou=users,dc=contoso,dc=com)
      [32m+ [0mUser 4 (uid=user4,ou=users,dc=contoso,dc=com)
      [32m+ [0m1 more; --full shows all
    1 user to update:
      [33m~ [0mMaximiliane von Hohenstein-Waldburg (Support)
        (uid=maximiliane,ou=Business Development and
        Partners,ou=users,dc=contoso,dc=com)
          jobTitle: Engineer -> Head of Everything
          proxyAddresses: + smtp:joe@contoso.com - smtp:max@contoso.com
    1 group to update:
      [33m~ [0mStaff (cn=staff,ou=groups,dc=contoso,dc=com)
          members: 1 to add, 1 to remove
    1 user to delete:
      [31m- [0mEve (uid=eve,ou=users,dc=contoso,dc=com)
    Quarantined: ProxyAddresses smtp:joe@contoso.com of Maximiliane von
      Hohenstein-Waldburg (Support), held by Joe
    Plan: 6 to add, 2 to update, 1 to delete; 1 value would be quarantined
"""
SCREEN_200 = """\
    6 users to add:
      [32m+ [0mUser 0 (uid=user0,ou=users,dc=contoso,dc=com)
      [32m+ [0mUser 1 (uid=user1,ou=users,dc=contoso,dc=com)
      [32m+ [0mUser 2 (uid=user2,ou=users,dc=contoso,dc=com)
      [32m+ [0mUser 3 (uid=user3,ou=users,dc=contoso,dc=com)
      [32m+ [0mUser 4 (uid=user4,ou=users,dc=contoso,dc=com)
      [32m+ [0m1 more; --full shows all
    1 user to update:
      [33m~ [0mMaximiliane von Hohenstein-Waldburg (Support) (uid=maximiliane,ou=Business Development and Partners,ou=users,dc=contoso,dc=com)
          jobTitle: Engineer -> Head of Everything
          proxyAddresses: + smtp:joe@contoso.com - smtp:max@contoso.com
    1 group to update:
      [33m~ [0mStaff (cn=staff,ou=groups,dc=contoso,dc=com)
          members: 1 to add, 1 to remove
    1 user to delete:
      [31m- [0mEve (uid=eve,ou=users,dc=contoso,dc=com)
    Quarantined: ProxyAddresses smtp:joe@contoso.com of Maximiliane von Hohenstein-Waldburg (Support), held by Joe
    Plan: 6 to add, 2 to update, 1 to delete; 1 value would be quarantined
"""


@pytest.fixture
def world(connector, monkeypatch):
    """A world on the storage of the command, which reads the same directory."""
    connector.file.write_text(
        SETTINGS.replace("[tenant]", '[tenant]\nverified_domains = ["contoso.com"]')
    )
    with World(connector.storage) as made:
        monkeypatch.setattr("connector.directory.open_directory", lambda *_, **__: made.directory)
        yield made


@pytest.fixture
def terminal(monkeypatch):
    """Make standard output a terminal of so many columns."""

    def make(columns: int) -> None:
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.delenv("NO_COLOR", raising=False)

    return make


def set_the_scene(world: World) -> None:
    """Stage six users to add, a user and a group to update, and a user to delete."""
    joe, eve = world.user("joe", upn=JOE, proxies=[f"SMTP:{JOE}"]), world.user("eve")
    max_ = world.user(
        "maximiliane",
        below=world.directory.ou(
            "Business Development and Partners", below="ou=users,dc=contoso,dc=com"
        ),
        displayName="Maximiliane von Hohenstein-Waldburg (Support)",
        title="Engineer",
        proxyAddresses=["SMTP:maximiliane@contoso.com", "smtp:max@contoso.com"],
    )
    staff = world.group("staff", [joe, eve])
    for number in range(4):
        world.user(f"stays{number}")
    world.sync()
    world.directory.remove(eve)
    world.directory.modify(staff, member=[joe, max_])
    world.directory.modify(
        max_,
        title="Head of Everything",
        proxyAddresses=["SMTP:maximiliane@contoso.com", f"smtp:{JOE}"],
    )
    for number in range(6):
        world.user(f"user{number}", displayName=f"User {number}")


@pytest.mark.parametrize(("columns", "screen"), [(80, SCREEN_80), (200, SCREEN_200)])
def test_a_screen_groups_the_changes_and_ends_with_totals(
    world, connector, terminal, columns, screen
):
    set_the_scene(world)
    terminal(columns)

    done = connector("sync", "--dry-run")

    assert done.out == dedent(screen).replace("[3", "\x1b[3").replace("[0", "\x1b[0")
    assert done.code == 1


def test_a_pipe_and_no_color_have_no_colours(world, connector, terminal, monkeypatch):
    world.user("ann")
    piped = connector("sync", "--dry-run").out
    terminal(80)
    monkeypatch.setenv("NO_COLOR", "1")

    assert connector("sync", "--dry-run").out == piped
    assert piped.splitlines() == [
        "1 user to add:",
        "  + Ann (uid=ann,ou=users,dc=contoso,dc=com)",
        "Plan: 1 to add, 0 to update, 0 to delete; 0 values would be quarantined",
    ]


def test_full_shows_every_change_with_each_attribute(world, connector):
    for number in range(7):
        world.contact(f"desk{number}", f"desk{number}@fabrikam.com")

    done = connector("sync", "--dry-run", "--full").out.splitlines()

    assert [line for line in done if line.startswith("  +")] == [
        f"  + Desk{number} (cn=desk{number},ou=contacts,dc=contoso,dc=com)" for number in range(7)
    ]
    assert "      mail: desk6@fabrikam.com" in done


def test_many_errors_of_a_kind_are_counted(world, connector):
    for number in range(13):
        world.user(f"user{number:02}", upn=JOE)

    done = connector("sync", "--dry-run").out.splitlines()
    full = connector("sync", "--dry-run", "--full").out.splitlines()

    assert len([line for line in done if line.startswith("Quarantined: User")]) == 10
    assert done[-2:] == [
        "Quarantined: 2 more; --full shows all",
        "Plan: 13 to add, 0 to update, 0 to delete; 12 values would be quarantined",
    ]
    assert len([line for line in full if line.startswith("Quarantined: User")]) == 12


def test_in_staging_mode_it_shows_what_waits(world, connector, monkeypatch):
    world.user("ann", upn=JOE)
    world.sync()
    world.user("bob", upn=JOE)
    monkeypatch.setenv("CONNECTOR__SCHEDULE__STAGING_MODE", "true")

    done = connector("sync", "--dry-run")

    assert done.out.splitlines() == [
        "1 user to add:",
        "  + Bob (uid=bob,ou=users,dc=contoso,dc=com)",
        "Quarantined: UserPrincipalName joe@contoso.com of Bob, held by Ann",
        "Plan: 1 to add, 0 to update, 0 to delete; 1 value would be quarantined",
    ]
    assert done.err == "Staging mode: these wait; a sync exports nothing.\n"
    assert done.code == 1


def test_a_guard_that_would_stop_it_is_named_after_what_it_holds(world, connector, terminal):
    for number in range(20):
        world.user(f"user{number:02}")
    world.sync()
    for number in range(15):
        world.directory.remove(f"uid=user{number:02},ou=users,dc=contoso,dc=com")
    world.user("new", upn="user19@contoso.com")
    terminal(80)

    done = connector("sync", "--dry-run")

    assert done.out.replace("\x1b[31m", "").replace("\x1b[32m", "").replace(
        "\x1b[0m", ""
    ) == dedent(
        """\
        1 user to add:
          + New (uid=new,ou=users,dc=contoso,dc=com)
        15 users to delete:
          - User00 (uid=user00,ou=users,dc=contoso,dc=com)
          - User01 (uid=user01,ou=users,dc=contoso,dc=com)
          - User02 (uid=user02,ou=users,dc=contoso,dc=com)
          - User03 (uid=user03,ou=users,dc=contoso,dc=com)
          - User04 (uid=user04,ou=users,dc=contoso,dc=com)
          - 10 more; --full shows all
        Quarantined: UserPrincipalName user19@contoso.com of New, held by User19
        A guard would stop it (stopped-import-shrunk): the directory lacks 15 of 20
          staged objects, more than safety.shrink_percent (50 %)
        Of all this a sync does nothing before it is approved: connector sync, then
          connector deletions
        Plan: 1 to add, 0 to update, 15 to delete; 1 value would be quarantined
        """
    )
    assert done.code == 3


def test_a_guard_is_in_the_json_with_what_an_approval_names(world, connector):
    users = [world.user(f"user{number}") for number in range(20)]
    world.sync()
    for user in users[:15]:
        world.directory.remove(user)

    found = connector("sync", "--dry-run", "--json").json
    world.sync()

    assert found["result"] == "stopped-import-shrunk"
    assert [stop["hash"] for stop in found["guards"]] == [world.parts.space.deletions.plan().hash]
    assert found["totals"] == {"add": 0, "update": 0, "delete": 15, "quarantined": 0, "failed": 0}


def test_an_object_that_would_fail_is_counted(world, connector):
    world.user("ann", proxies=["SMTP:ann@contoso.com", "sip:joe@contoso.com"])
    world.user("bob", proxies=["SMTP:bob@contoso.com", "sip:joe@contoso.com"])

    done = connector("sync", "--dry-run")

    assert done.out.splitlines() == [
        "2 users to add:",
        "  + Ann (uid=ann,ou=users,dc=contoso,dc=com)",
        "  + Bob (uid=bob,ou=users,dc=contoso,dc=com)",
        "Failed: Bob: AttributeValueMustBeUnique (ProxyAddresses sip:joe@contoso.com)",
        "Plan: 2 to add, 0 to update, 0 to delete; 0 values would be quarantined, 1 object would fail",
    ]
    assert done.code == 1


def test_an_object_that_the_rules_cannot_handle_is_named_once(world, connector):
    world.user("bad", sAMAccountName=b"wor\xffse")

    first = connector("sync", "--dry-run")
    world.sync()
    later = connector("sync", "--dry-run")

    assert first.out.splitlines() == [
        "Failed: uid=bad,ou=users,dc=contoso,dc=com: Value is not UTF-8 (sAMAccountName wor\\xffse)",
        "Plan: 0 to add, 0 to update, 0 to delete; 0 values would be quarantined, 1 object would fail",
    ]
    assert (first.code, later.code, later.out) == (1, 0, "Nothing to do.\n")


def test_an_object_that_a_rule_takes_its_name_from_is_named(world, connector):
    world.user("ann")
    world.sync()
    text = connector.file.read_text()
    connector.file.write_text(f'{text}\n[sync]\ndisabled_rules = ["In from AD - User Common"]\n')

    done = connector("sync", "--dry-run")

    assert "  ~ Ann (uid=ann,ou=users,dc=contoso,dc=com)" in done.out.splitlines()


def test_an_object_that_fails_without_a_value_says_why(world, connector):
    world.user("cas", sAMAccountName=[], uid="  ", userPrincipalName=[])

    first = connector("sync", "--dry-run")

    assert first.out.splitlines()[0].startswith("Failed: ")
    assert "None" not in first.out


def test_members_that_cannot_be_sent_are_not_to_do(world, connector):
    ann = world.user("ann", proxies=["SMTP:ann@contoso.com", "sip:joe@contoso.com"])
    bob = world.user("bob", proxies=["SMTP:bob@contoso.com", "sip:joe@contoso.com"])
    world.group("staff", [ann, bob])
    world.sync()

    done = connector("sync", "--dry-run").out

    assert "group" not in done


def test_both_databases_are_as_they_were(world, connector):
    set_the_scene(world)
    before = [dump(world, name) for name in ("connector-space.db", "tenant.db")]

    for arguments in (["--dry-run"], ["--dry-run", "--policy", "initial"], ["--plan", "plan.json"]):
        connector("sync", *arguments)

    assert [dump(world, name) for name in ("connector-space.db", "tenant.db")] == before


def dump(world: World, name: str) -> list[str]:
    with closing(sqlite3.connect(world.settings.storage.path / name)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--full",),
        ("--apply", "plan.json", "--dry-run"),
        ("--apply", "plan.json", "--plan", "plan.json"),
        ("--apply", "plan.json", "--policy", "initial"),
    ],
)
def test_options_that_contradict_each_other_are_wrong_usage(connector, arguments):
    assert connector("sync", *arguments).code == 2
