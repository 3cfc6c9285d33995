"""Faults of the directory, the network and this machine, and what a sync does about each.

Each test checks the log, the exit code, that the tenant is unchanged, and that the next good cycle brings
it up to date. The table is in ``docs/operations.md``, "What happens when".
"""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connector import settings as files
from connector.assembly import open_parts
from connector.lab import generator
from connector.operations.due import due
from connector.operations.requests import perform
from tests.fakes import SUFFIX
from tests.system.outcome import differences, everything, quarantines
from tests.system.proxy import (
    BEFORE_DONE,
    BOUND,
    CONNECT,
    FIRST_ENTRY,
    ROOT_DSE,
    WITHIN_AN_ENTRY,
    Fault,
    entry,
)
from tests.system.site import OBJECTS, READER, Site, a_site, change, complaints, synced
from tests.world import EventLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.commandline import CommandLine
    from tests.system.proxy import How

STAGES = {
    "connect": CONNECT,
    "bind": BOUND,
    "root-dse": ROOT_DSE,
    "first-entry": FIRST_ENTRY,
    "within-an-entry": WITHIN_AN_ENTRY,
    "middle": entry(OBJECTS // 2),
    "before-done": BEFORE_DONE,
}
WORDS = {"cut": "closed the connection", "reset": "reset", "hang": "no answer"}


# --- on the way to the directory ------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from a_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def original(site: Site) -> CommandLine:
    """The connector after a first sync; the directory has changed since."""
    connector = site.connector("original")
    synced(connector)
    change(site.world)
    return connector


@pytest.fixture(scope="module")
def expected(site: Site, original: CommandLine) -> dict[str, Any]:
    """The result of an undisturbed copy of it."""
    return synced(site.copy("undisturbed", original))


@pytest.fixture
def connector(
    site: Site, original: CommandLine, expected: dict[str, Any], tmp_path: Path
) -> Iterator[CommandLine]:
    site.proxy.struck = 0
    yield site.copy(tmp_path.name, original)
    site.proxy.heal()


@pytest.mark.parametrize("how", ["cut", "reset", "hang"])
@pytest.mark.parametrize(
    ("policy", "stage"),
    [
        *(("initial", stage) for stage in STAGES),
        ("delta", "within-an-entry"),
        ("delta", "before-done"),
    ],
)
def test_a_connection_that_breaks_anywhere_changes_nothing(
    *,
    site: Site,
    connector: CommandLine,
    expected: dict[str, Any],
    stage: str,
    how: How,
    policy: str,
) -> None:
    before = everything(connector)
    site.proxy.fault = Fault(how, STAGES[stage])

    done = connector.run("sync", "--policy", policy)
    after = everything(connector)
    told = complaints(connector)
    (failure,) = connector.logged("directory.unavailable")
    site.proxy.heal()

    assert site.proxy.struck >= 1
    assert (done.returncode, told) == (4, ["directory.unavailable"])
    assert site.proxy.url in failure["message"]
    assert differences(after, before) == []
    assert differences(synced(connector), expected) == []


def test_a_directory_that_refuses_connections_changes_nothing(
    site: Site, connector: CommandLine, expected: dict[str, Any]
) -> None:
    before = everything(connector)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        away = f"ldap://127.0.0.1:{unused.getsockname()[1]}"
        connector.environ = {"CONNECTOR__DIRECTORY__URL": away}
        done = connector.run("sync")
    after = everything(connector)
    (failure,) = connector.logged("directory.unavailable")
    connector.environ = {}

    assert (done.returncode, complaints(connector)) == (4, ["directory.unavailable"])
    assert f"cannot connect to {away}: Connection refused" in failure["message"]
    assert differences(after, before) == []
    assert differences(synced(connector), expected) == []


def test_silence_ends_with_the_timeout_of_the_settings(site: Site, connector: CommandLine) -> None:
    site.proxy.fault = Fault("hang", FIRST_ENTRY)

    connector.run("sync", "--policy", "initial")

    (step,) = connector.logged("directory.unavailable")
    (run,) = connector.logged("cycle.finished")
    assert "no answer within 1 seconds" in step["message"]
    assert 1 <= run["seconds"] < 5


@pytest.mark.parametrize(("piece", "pause"), [(1, 0), (1 << 20, 0.02)], ids=["bytewise", "late"])
@pytest.mark.parametrize("policy", ["delta", "initial"])
def test_a_slow_line_only_takes_longer(
    *,
    site: Site,
    connector: CommandLine,
    expected: dict[str, Any],
    policy: str,
    piece: int,
    pause: float,
) -> None:
    site.proxy.piece, site.proxy.pause = piece, pause

    done = connector.run("sync", "--policy", policy)

    assert (done.returncode, complaints(connector)) == (1, ["export.quarantined"])
    assert differences(everything(connector), expected) == []


@pytest.mark.parametrize("times", [2, 4])
def test_a_directory_that_comes_and_goes_never_costs_more_than_time(
    site: Site, connector: CommandLine, expected: dict[str, Any], times: int
) -> None:
    before = everything(connector)
    site.proxy.fault = Fault("cut", BEFORE_DONE)
    codes = [connector.run("sync", "--policy", "initial").returncode for _ in range(times)]
    after = everything(connector)
    site.proxy.heal()

    assert codes == [4] * times
    assert differences(after, before) == []
    assert differences(synced(connector), expected) == []


# --- the directory itself -------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    """A site that belongs to one test, and has synced once."""
    yield from a_site(tmp_path)


def reconfigure(site: Site, old: str, new: str) -> None:
    """Restart slapd with another line in its configuration."""
    file = site.world.slapd.path / "slapd.conf"
    site.world.slapd.stop()
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    site.world.slapd.start()


def backup(site: Site) -> str:
    """Return all entries of slapd as LDIF, with their operational attributes."""
    slapd = site.world.slapd
    file = slapd.path / "backup.ldif"
    offline = ["-f", str(slapd.path / "slapd.conf"), "-b", SUFFIX, "-l", str(file)]
    slapd._run([slapd._program, "-T", "cat", *offline])
    return file.read_text()


def restore(site: Site, ldif: str) -> None:
    site.world.slapd.wipe()
    site.world.slapd.load([ldif])
    site.world.slapd.start()


SHOWN = ("live", "members", "quarantine")


def fresh(site: Site) -> list[Any]:
    """The result of a connector that starts without databases, with the directory as it is now."""
    return shown(synced(site.connector("fresh")))


def shown(left: dict[str, Any]) -> list[Any]:
    """Leave out traces of the past, such as deleted users that can be restored."""
    return [left[view] for view in SHOWN]


@pytest.mark.parametrize("log", [1000, None], ids=["session-log", "no-session-log"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_slapd_that_was_restarted_is_read_on(tmp_path: Path, log: int | None, when: str) -> None:
    """After the restart slapd no longer has the session log, which knew the deletes."""
    for site in a_site(tmp_path, session_log=log):
        connector = site.connector("it")
        synced(connector)
        if when == "before":
            site.world.slapd.restart()
        change(site.world)
        if when == "after":
            site.world.slapd.restart()

        done = connector.run("sync")

        assert (done.returncode, complaints(connector)) == (1, ["export.quarantined"])
        assert shown(everything(connector)) == fresh(site)


def test_a_slapd_restored_from_a_backup_is_asked_again_and_then_read_anew(own: Site) -> None:
    connector = own.connector("it")
    synced(connector)
    old = backup(own)
    change(own.world)
    before = synced(connector)
    restore(own, old)

    codes, left = [], []
    for _ in range(3):
        codes.append(connector.run("sync").returncode)
        left.append(everything(connector))

    assert codes == [4, 4, 0]
    assert complaints(connector)[1:] == ["directory.unavailable"] * 2 + ["resync.required"]
    assert (differences(left[0], before), differences(left[1], before)) == ([], [])
    assert shown(left[2]) == fresh(own)


def test_a_slapd_restored_from_a_backup_and_written_to_deletes_nothing(own: Site) -> None:
    """slapd then accepts the cookie, and does not report what the backup brought back or lacks."""
    connector = own.connector("it")
    synced(connector)
    old = backup(own)
    change(own.world)
    before = synced(connector)
    restore(own, old)
    own.world.user("later")

    left = synced(connector)
    done = connector.run("sync", "--policy", "initial")

    assert before["live"].keys() < left["live"].keys()
    assert (done.returncode, shown(everything(connector))) == (0, fresh(own))


def test_a_slapd_restored_and_written_to_is_as_it_is_now_once_identities_are_compared(
    own: Site,
) -> None:
    connector = own.connector("it")
    synced(connector)
    old = backup(own)
    change(own.world)
    synced(connector)
    restore(own, old)
    own.world.user("later")
    synced(connector)

    done = connector.run("sync", "--policy", "reconcile")

    assert done.returncode == 0
    assert shown(everything(connector)) == fresh(own)


def test_a_slapd_that_was_killed_and_forgot_a_delete_is_found_out_in_time(own: Site) -> None:
    connector = own.connector("it", schedule={"reconcile": "1s"})
    ann = own.world.user("ann")
    own.world.slapd.restart()
    synced(connector)
    own.world.remove(ann)
    own.world.slapd.kill()
    own.world.slapd.start()
    time.sleep(1)

    synced(connector)

    (event,) = connector.logged("import.reconciled")
    assert (event["reason"], event["gone"]) == ("schedule", 1)
    assert shown(everything(connector)) == fresh(own)


HIDE = {
    "users": ("access to filter=(objectClass=inetOrgPerson) by * none", 50),
    "contacts": ("access to filter=(objectClass=contact) by * none", 5),
}


@pytest.mark.parametrize("hidden", HIDE)
def test_rights_that_were_narrowed_delete_nothing_unseen(own: Site, hidden: str) -> None:
    """Above ``shrink_percent`` a guard stops; a delta does not even notice."""
    rule, percent = HIDE[hidden]
    connector = own.connector("it", safety={"shrink_percent": percent})
    before = synced(connector)
    reconfigure(own, "access to * by * read", f"{rule}\naccess to * by * read")

    codes = [connector.run("sync", "--policy", p).returncode for p in ("delta", "initial")]
    left = everything(connector)
    waiting = connector.json("deletions")
    reconfigure(own, rule, "#")

    assert (codes, complaints(connector)) == ([0, 3], ["guard.stopped"])
    assert differences(left, before) == []
    assert waiting["count"] == len(
        [i for i in before["live"].values() if i["objectType"] in hidden]
    )
    assert differences(synced(connector), before) == []


@pytest.mark.parametrize(
    "attributes", ["userPrincipalName,proxyAddresses", "displayName", "member"]
)
def test_rights_that_were_narrowed_on_an_attribute_take_it_from_nobody(
    own: Site, attributes: str
) -> None:
    """Nothing of such a read is staged; with the rights the next one goes on as if nothing had been."""
    for number in range(20):
        own.world.group(f"team{number}", [generator.user_dn(number)])
    connector = own.connector("it")
    before = synced(connector)
    rule = f"access to attrs={attributes} by * none"
    reconfigure(own, "access to * by * read", f"{rule}\naccess to * by * read")

    done = connector.run("sync", "--policy", "initial")
    left = everything(connector)
    waiting = connector.json("deletions")
    reconfigure(own, rule, "#")

    assert done.returncode == 3
    assert complaints(connector)[-1:] == ["guard.stopped"]
    assert all(name in waiting["reason"] for name in attributes.split(","))
    assert waiting["count"] == len(waiting["objects"]) >= 20
    assert differences(left, before) == []
    assert differences(synced(connector), before) == []


def test_what_few_rights_hide_counts_as_gone_and_comes_back_with_them(own: Site) -> None:
    """Nothing tells a hidden entry from a deleted one; below ``shrink_percent`` it is taken for one."""
    connector = own.connector("it")
    before = synced(connector)
    everybody, few = "access to * by * read", 'access to dn.regex="^uid=u000000[0-9]," by * none'
    reconfigure(own, everybody, f"{few}\n{everybody}")
    done = connector.run("sync", "--policy", "initial")
    left = everything(connector)
    reconfigure(own, few, "#")
    again = connector.run("sync", "--policy", "initial")

    assert (done.returncode, again.returncode) == (0, 0)
    assert len(left["deleted"]) == len(before["live"]) - len(left["live"]) == 10
    assert differences(everything(connector), before) == []


@pytest.mark.parametrize("mode", ["syncrepl", "scan"])
def test_a_size_limit_deletes_nothing(own: Site, mode: str) -> None:
    connector = own.connector("it", directory={"mode": mode})
    before = synced(connector)
    change(own.world)
    limits = "size=10 size.prtotal=10"
    reconfigure(own, "size=unlimited", limits)

    done = connector.run("sync", "--policy", "initial")
    left = everything(connector)
    reconfigure(own, limits, "size=unlimited")

    assert (done.returncode, complaints(connector)) == (4, ["directory.unavailable"])
    assert differences(left, before) == []
    assert shown(synced(connector)) == fresh(own)


@pytest.mark.parametrize(
    ("emptied", "code"), [("suffix", 4), ("objects", 3)], ids=["no-suffix", "no-objects"]
)
def test_a_directory_that_lost_its_data_deletes_nothing(own: Site, emptied: str, code: int) -> None:
    connector = own.connector("it")
    before = synced(connector)
    good = backup(own)
    own.world.slapd.wipe()
    if emptied == "objects":
        own.world.slapd.load(generator.base())
    own.world.slapd.start()
    if emptied == "objects":
        own.world.add(
            READER, ["person"], {"cn": "reader", "sn": "reader", "userPassword": "reader"}
        )

    done = [connector.run("sync", "--policy", policy) for policy in ("delta", "initial")]
    left = everything(connector)
    restore(own, good)

    assert {each.returncode for each in done} == {code}
    assert differences(left, before) == []
    assert differences(synced(connector), before) == []


# --- this machine ---------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95])
def test_a_full_disk_loses_nothing_and_repeats_nothing(
    site: Site, expected: dict[str, Any], tmp_path: Path, share: float
) -> None:
    whole = site.connector(f"{tmp_path.name}-whole")
    wanted = synced(whole)
    largest = max(file.stat().st_size for file in whole.storage.iterdir())
    connector = site.connector(tmp_path.name)

    done = connector.run("sync", wrapper=("prlimit", f"--fsize={int(largest * share)}"))

    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "disk" in done.stderr
    assert differences(synced(connector), wanted) == []
    assert quarantines(connector) == quarantines(whole)


@pytest.mark.parametrize("room", [100, 1000, 10_000])
def test_a_log_that_finds_no_room_gets_each_quarantine_once_all_the_same(
    site: Site, expected: dict[str, Any], tmp_path: Path, room: int
) -> None:
    whole = site.connector(f"{tmp_path.name}-whole")
    wanted = synced(whole)
    connector = site.connector(tmp_path.name)
    filler = '{"event": "filler", "level": "info", "text": "%s"}\n' % ("x" * 1000)
    connector.log.write_text(filler * 4000)
    size = connector.log.stat().st_size

    done = connector.run("sync", wrapper=("prlimit", f"--fsize={size + room}"))

    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "log" in done.stderr
    assert differences(synced(connector), wanted) == []
    assert quarantines(connector) == quarantines(whole)


def test_a_clock_set_back_an_hour_delays_no_sweep_and_repeats_no_error(own: Site) -> None:
    own.world.user("late0", "late@contoso.com")
    settings = files.load(own.connector("it").settings, {})
    time = datetime.now(UTC)
    log = EventLog()
    with open_parts(settings, log=log, clock=lambda: time) as parts:
        perform(parts, {"command": "sync"})
        own.world.user("late1", "late@contoso.com")
        perform(parts, {"command": "sync"})
        perform(parts, {"command": "sweep"})
        time -= timedelta(hours=1)
        own.world.remove(f"uid=late0,ou=users,{SUFFIX}")
        runs = [perform(parts, {"command": "sync"}) for _ in range(2)]
        is_due = due(parts.tenant.clock.now(), parts.tenant.last_sweep(), settings.schedule.sweep)
        swept = perform(parts, {"command": "sweep"})

    told = [event for event, _ in log.events]
    assert [run["result"] for run in runs] == ["success", "success"]
    assert (told.count("export.quarantined"), told.count("object.deleted")) == (1, 1)
    assert is_due
    assert [value["value"] for value in swept["released"]] == ["late@contoso.com"]
