"""The connector beside 389 Directory Server: the command, end to end, also in failures."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import pytest

from connector.errors import DirectoryUnavailable
from connector.model import Complete
from tests.contracts.directory import Copy
from tests.contracts.own_rules import OwnRulesContract
from tests.documents import commands
from tests.system.ds389 import (
    CONTENT_SYNC,
    READER,
    RETRO_CHANGELOG,
    SUFFIX,
    SYNC_FEATURE,
)
from tests.system.ds389_world import Ds389World
from tests.system.following import follow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connector.directory.check_result import CheckResult
    from connector.model import Change
    from tests.system.commandline import CommandLine
    from tests.system.ds389 import Private389

pytestmark = pytest.mark.ds389

STRANGER = f"uid=stranger,{SUFFIX}"


@pytest.fixture
def world(ds389: Private389) -> Iterator[Ds389World]:
    world = Ds389World(ds389)
    yield world
    world.close()


@pytest.fixture
def connector(world: Ds389World, tmp_path: Path) -> CommandLine:
    return world.command_line(tmp_path)


# --- end to end -----------------------------------------------------------------------------------


def test_source_anchor_is_the_unique_id_before_and_after_a_delta(
    world: Ds389World, connector: CommandLine
) -> None:
    """A delta shows neither nsUniqueId nor entryUUID: the identity is in its controls."""
    ann = world.user("ann", title="Clerk")
    uuid = Copy(world.open()).entry(ann).uuid
    before = connector.synced()["Ann"]
    world.modify(world.rename(ann, "uid=anna"), title="Boss")

    after = connector.synced()["Ann"]

    assert after["jobTitle"] == "Boss"
    assert after["onPremisesImmutableId"] == b64encode(UUID(bytes=uuid).bytes_le).decode()
    assert (after["id"], after["onPremisesImmutableId"]) == (
        before["id"],
        before["onPremisesImmutableId"],
    )


def test_a_day_of_changes_arrives_by_deltas(world: Ds389World, connector: CommandLine) -> None:
    ann = world.user("ann", proxyAddresses=["SMTP:sales@contoso.com"])
    bob = world.user("bob")
    world.group("staff", [ann, bob])
    connector.synced()
    world.user("eve", proxyAddresses=["SMTP:eve@contoso.com", "smtp:SALES@contoso.com"])
    world.remove(bob)
    again = world.user("bob", displayName="Robert")
    first = connector.synced()
    [error] = connector.json("errors")
    world.remove(ann)
    world.move(again, world.ou("guests"))
    connector.synced()
    connector.json("tenant", "sweep")

    last = connector.objects()

    assert sorted(first) == ["Ann", "Eve", "Robert", "staff"]
    assert error["conflictsWith"]["displayName"] == "Ann"
    assert "smtp:SALES@contoso.com" in last["Eve"]["proxyAddresses"]
    assert sorted(last) == ["Eve", "Robert", "staff"]
    assert not connector.logged("resync.required")


class TestRulesOfOnesOwn(OwnRulesContract):
    """The contract of rules of one's own."""


# --- getting in -----------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", ["starttls", "ldaps"])
def test_certificate_of_an_own_authority_is_verified(world: Ds389World, tls: str) -> None:
    dn = world.user("ann")
    url = world.server.ldaps_url if tls == "ldaps" else world.server.url
    known = world.open(url=url, tls=tls, ca_file=str(world.server.ca_file))

    assert Copy(known).names() == [dn]
    with pytest.raises(DirectoryUnavailable, match="certificate is not accepted"):
        Copy(world.open(url=url, tls=tls))


def test_wrong_password_ends_the_cycle(world: Ds389World, tmp_path: Path) -> None:
    done = world.command_line(tmp_path, password="wrong").run("sync")

    assert done.returncode == 4
    assert "Check directory.bind_dn and its password" in done.stdout + done.stderr


def test_locked_account_is_told(world: Ds389World) -> None:
    world.server.apply(
        "dn: cn=config\nchangetype: modify\nreplace: passwordLockout\npasswordLockout: on\n-\n"
        "replace: passwordMaxFailure\npasswordMaxFailure: 2\n"
    )
    locked = f"uid=locked,{world.suffix}"
    world.add(locked, ["account", "simpleSecurityObject"], {"userPassword": "right"})
    for _ in range(3):
        world.findings(bind_dn=locked, password="wrong")

    found = world.findings(bind_dn=locked, password="right")["bind"]
    world.server.apply(
        "dn: cn=config\nchangetype: modify\nreplace: passwordLockout\npasswordLockout: off\n"
    )

    assert "constraintViolation (19)" in found.detail
    assert found.advice == f"After too many wrong passwords {locked} is locked: unlock it, or wait."


# --- keeping back ---------------------------------------------------------------------------------


class Outage(NamedTuple):
    """A server that was killed in the middle of a read, and came back in another state.

    It came back first without the mapping of targetUniqueId: ``mapped`` is the answer, ``advice`` that of
    ``connector check``. Then it came back without the changes up to ``trimmed``, and then without the
    plug-in: ``check``.
    """

    taken: list[Change]
    error: Exception | None
    after: list[str]
    mapped: str
    advice: CheckResult
    trimmed: str
    check: dict[str, CheckResult]


@pytest.fixture(scope="module")
def outage(ds389: Private389) -> Outage:
    world = Ds389World(ds389)
    ann = world.user("ann")
    world.server.apply(
        "".join(
            f"dn: cn=c{number},ou=contacts,{world.suffix}\nobjectClass: contact\n"
            f"description: {'x' * 25000}\n\n"
            for number in range(400)
        )
    )
    copy = Copy(world.open())
    taken, error = killed_while_read(world)
    ds389.configure(RETRO_CHANGELOG, **{"nsslapd-attribute": None})
    ds389.start()
    world.remove(ann)
    mapped, advice = copy.doubt(), world.findings()["synchronization"]
    ds389.kill()
    ds389.configure(RETRO_CHANGELOG, **{"nsslapd-attribute": "nsuniqueid:targetUniqueId"})
    ds389.start()
    copy = Copy(world.open())
    world.user("bob")
    ds389.trim(2)
    world.user("eve")
    trimmed = copy.doubt()
    ds389.kill()
    ds389.configure(CONTENT_SYNC, **{"nsslapd-pluginEnabled": "off"})
    ds389.start()
    check = {mode: world.findings(mode=mode)["synchronization"] for mode in ("auto", "syncrepl")}
    after = Copy(world.open()).names()
    ds389.kill()
    ds389.configure(CONTENT_SYNC, **{"nsslapd-pluginEnabled": "on"})
    ds389.start()
    world.close()
    return Outage(taken, error, after, mapped, advice, trimmed, check)


def killed_while_read(world: Ds389World) -> tuple[list[Change], Exception | None]:
    changes = world.open().changes(None)
    taken = [next(changes)]
    world.server.kill()
    try:
        taken.extend(changes)
    except DirectoryUnavailable as error:
        return taken, error
    return taken, None


def test_server_killed_in_the_middle_of_a_refresh_makes_it_void(outage: Outage) -> None:
    assert "nothing was changed" in str(outage.error)
    assert not any(isinstance(change, Complete) for change in outage.taken)


def test_changes_that_do_not_name_their_entry_are_not_trusted(outage: Outage) -> None:
    """The plug-in would have kept the delete to itself, and moved its cookie on."""
    assert "changes without targetUniqueId" in outage.mapped
    assert "changes without targetUniqueId" in outage.advice.detail
    assert "Add nsslapd-attribute: nsuniqueid:targetUniqueId" in outage.advice.advice


def test_changelog_that_was_trimmed_is_not_trusted(outage: Outage) -> None:
    assert "no longer holds all that changed since the last import" in outage.trimmed


def test_server_without_the_plugin_is_scanned_and_the_plugin_named(outage: Outage) -> None:
    assert [mode for mode, found in outage.check.items() if found.ok] == ["auto"]
    assert all("Retro Changelog and Content Sync" in f.advice for f in outage.check.values())
    assert len(outage.after) == 402


def test_changelog_that_is_not_shown_is_not_trusted(world: Ds389World) -> None:
    hidden: dict[str, Any] = stranger(world)
    copy = Copy(world.open(**hidden))
    world.user("ann")

    assert f"{hidden['bind_dn']} is not shown cn=changelog" in copy.doubt()
    found = world.findings(**hidden)["synchronization"]
    assert found.ok
    assert "Grant it to read and search cn=changelog" in found.advice


def test_control_that_is_withheld_leads_to_a_scan(world: Ds389World) -> None:
    dn = world.user("ann")
    feature = f"dn: {SYNC_FEATURE}\nchangetype: modify\nreplace: aci\naci: {{}}\n"
    allow = '(targetattr != "aci")(version 3.0; acl "Sync"; allow (read, search) userdn = "ldap:///{}";)'
    world.server.apply(feature.format(allow.format(STRANGER)))

    names = Copy(world.open()).names()
    found = {mode: world.findings(mode=mode)["synchronization"] for mode in ("auto", "syncrepl")}
    world.server.apply(feature.format(allow.format("all")))

    assert names == [dn]
    assert [mode for mode, finding in found.items() if finding.ok] == ["auto"]
    assert f"Let {READER} read {SYNC_FEATURE} by an aci" in found["syncrepl"].advice


def test_size_limit_is_found_before_a_sync_meets_it(world: Ds389World) -> None:
    limited = stranger(world)
    world.modify(limited["bind_dn"], nsSizeLimit="3")

    found = world.findings(**limited)["entries"]

    assert not found.ok
    assert f"Lift the size limit of {limited['bind_dn']} (389: nsSizeLimit: -1" in found.advice


def test_everything_is_well_with_a_server_that_can_be_synced(world: Ds389World) -> None:
    world.user("ann")

    found = world.findings()

    assert all(finding.ok and not finding.advice for finding in found.values()), found
    assert found["synchronization"].detail == "the server tells what changed"


def stranger(world: Ds389World) -> dict[str, str]:
    """Add an account that may read everything but the changelog."""
    dn = f"uid=stranger,{world.suffix}"
    world.add(dn, ["account", "simpleSecurityObject"], {"userPassword": "stranger"})
    world.modify(
        world.suffix,
        aci=f'(targetattr != "userPassword")(version 3.0; acl "reads"; '
        f'allow (read, search, compare) userdn = "ldap:///{dn}";)',
    )
    return {"bind_dn": dn, "password": "stranger"}


def test_document_ends_with_a_connector_that_is_told_of_changes(
    world: Ds389World, tmp_path: Path
) -> None:
    world.user("ann")
    connector = world.command_line(tmp_path)
    checks = [c for c in commands("docs/directories.md", "389") if c.text.startswith("connector ")]

    assert checks
    follow(checks, {}, environ=connector.environment)
