"""Kill real connector processes in the middle of their work, start them again, and compare.

The result of the second start must be that of an undisturbed run: the same tenant, and a log that holds
each quarantine once and each failed attempt once.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from connector.lab import generator
from connector.lab.records import group, group_dn, user, user_dn
from connector.lab.slapd import PrivateSlapd
from connector.storage.instance import FILE as LOCK
from connector.values.ldif import replace
from tests.system import next_version, upgrade
from tests.system.commandline import CommandLine
from tests.system.damage import make_emptied, make_long, make_untold
from tests.system.outcome import attempts, differences, everything, failing, quarantines

if TYPE_CHECKING:
    import subprocess
    from collections import Counter
    from collections.abc import Iterator, Sequence
    from random import Random

    from tests.system.kills_on_a_server import ServerTenants

PATIENCE = 120.0
BACKUP = "BACKUP"
CHILD = "its child"
SERVER = "the server of its tenant"
SERVER_PROCESS = "the process of that server"
EARLIER = "staging-1-tenant-1"
SNAPSHOT = "before"
_DONE = (0, 1)
_LOST = 75


@dataclass(frozen=True, slots=True)
class Phase:
    """Work to kill and then to begin again: a command, and the storage that it starts from.

    ``BACKUP`` stands for the folder of a backup, which then replaces the storage. The ``victim`` is the
    process itself, or its child, at whose loss the command ends with another code, or the server of the
    tenant, at whose loss it may go on. ``earlier`` is work of
    databases that an earlier version left, beside a directory of their own.
    """

    name: str
    command: tuple[str, ...]
    start: str | None
    module: str = "connector"
    victim: str = "itself"
    earlier: bool = False


PHASES = (
    Phase("creation of the databases", ("tenant", "sweep"), None),
    Phase("first sync", ("sync", "--policy", "initial"), None),
    Phase("first sync of a daemon", ("run",), None),
    Phase("first sync read by a process", ("sync",), None, "tests.system.reading_apart"),
    Phase("process of a first sync", ("sync",), None, "tests.system.reading_apart", CHILD),
    Phase("export in small batches", ("sync",), "planned", "tests.system.small_batches"),
    Phase("export by a process", ("sync",), "planned", "tests.system.tenant_process"),
    Phase("process of an export", ("sync",), "planned", "tests.system.tenant_process", CHILD),
    Phase("delta", ("sync",), "synced"),
    Phase("sweep", ("tenant", "sweep"), "freed"),
    Phase("backup", ("backup", BACKUP), "freed"),
    Phase("migration", ("sync",), "synced", "tests.system.next_version"),
    Phase("migration from the first version", ("tenant", "sweep"), EARLIER, earlier=True),
    Phase("export logged in slices", ("sync",), "planned", "tests.system.small_slices"),
    Phase("sweep in slices", ("tenant", "sweep"), "freed", "tests.system.small_slices"),
    Phase("comparison of identities", ("sync", "--policy", "reconcile"), "untold"),
    Phase("tenant that was lost", ("sync",), "lost"),
    Phase("tenant that was restored", ("sync",), "restored"),
    Phase("objects deleted in the cloud", ("sync",), "emptied"),
    Phase("rewind", ("tenant", "rewind", SNAPSHOT), "snapped"),
)


FILES_ONLY = {
    "export by a process",
    "process of an export",
    "backup",
    "migration from the first version",
    "rewind",
}
"""The phases of what only a tenant in a file has."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill and its result; ``differs`` and ``misreported`` must be empty."""

    seconds: float
    differs: list[str]
    misreported: list[str]


@dataclass(frozen=True, slots=True)
class _Undisturbed:
    seconds: float
    left: dict[str, Any]
    quarantines: Counter[tuple[str, str, str]]
    attempts: dict[str, list[int]]


class Workbench:
    """A slapd with ``objects`` objects; a delta resolves half of their conflicts.

    The storage from which each phase starts is made once, and copied for every kill. The storages of
    kills that went wrong stay. ``tenants`` has those that are on a server.
    """

    def __init__(self, path: Path, objects: int, tenants: ServerTenants | None = None) -> None:
        self._path = path
        self._tenants = tenants
        self._objects = objects
        self._slapd = PrivateSlapd(path / "slapd", session_log=100_000)
        self._earlier = PrivateSlapd(path / "earlier")
        self._schema = path / "schema"
        self._count = 0
        self._undisturbed: dict[str, _Undisturbed] = {}

    def __enter__(self) -> Self:
        self._slapd.load([*_managed(self._objects), *_clashes(), *_known_issues()])
        self._slapd.start()
        next_version.write_schema(self._schema)
        synced = self._connector("synced")
        self._ended(synced.run("sync"))
        self._ended(synced.run("sync"))
        self._slapd.apply("".join(_changes(self._objects)))
        freed = self._connector("freed", copy="synced")
        self._ended(freed.run("sync"))
        planned = self._connector("planned", schedule={"staging_mode": True})
        self._ended(planned.run("sync"))
        make_untold(self._connector("untold", copy="synced").storage, freed.storage)
        lost, restored = (self._connector(name, copy="freed") for name in ("lost", "restored"))
        self._lose_tenants(lost, restored)
        # What is done once more is told once more; the log begins with the work to kill.
        for connector in (lost, restored):
            connector.log.write_text("")
        make_emptied(self._connector("emptied", copy="freed"))
        if self._tenants is None:
            self._take_a_snapshot()
            self._load_earlier()
        return self

    def _lose_tenants(self, lost: CommandLine, restored: CommandLine) -> None:
        if self._tenants is not None:
            self._tenants.lose("lost")
            self._tenants.begin("restored", "synced", restored.storage)
            return
        for connector in (lost, restored):
            for file in connector.storage.glob("tenant.db*"):
                file.unlink()
        shutil.copy(self._path / "synced" / "var" / "tenant.db", restored.storage)

    def _take_a_snapshot(self) -> None:
        snapped = self._connector("snapped", copy="synced")
        self._ended(snapped.run("tenant", "snapshot", SNAPSHOT))
        self._ended(snapped.run("sync"))
        snapped.log.write_text("")

    def _load_earlier(self) -> None:
        self._earlier.load(upgrade.STORED / EARLIER / "directory.ldif")
        self._earlier.start()
        (self._path / EARLIER).mkdir()
        (self._path / EARLIER / "connector.log").touch()
        upgrade.restore(EARLIER, self._path / EARLIER / "var")
        make_long(self._path / EARLIER / "var")

    def __exit__(self, *_: object) -> None:
        self._slapd.stop()
        self._earlier.stop()

    # --- kills --------------------------------------------------------------------------------

    def kills(self, phase: Phase, number: int, chance: Random) -> Iterator[Kill]:
        """Kill this many times, spread over the time of the undisturbed work."""
        undisturbed = self.undisturbed(phase)
        for slot in range(number):
            yield self._kill(phase, undisturbed, (slot + chance.random()) / number)

    def undisturbed(self, phase: Phase) -> _Undisturbed:
        if phase.name not in self._undisturbed:
            connector = self._begin(phase)
            with self._started(phase, connector) as started:
                began = time.monotonic()
                self._finish(phase, connector, started)
                seconds = time.monotonic() - began
            self._settle(connector)
            self._undisturbed[phase.name] = _Undisturbed(
                seconds, self._left(connector), quarantines(connector), attempts(connector)
            )
            shutil.rmtree(connector.path)
        return self._undisturbed[phase.name]

    def _kill(self, phase: Phase, undisturbed: _Undisturbed, share: float) -> Kill:
        seconds = undisturbed.seconds * share
        connector = self._begin(phase)
        while not self._struck(phase, connector, seconds):
            # The machine was faster this time: the work is done again, and killed earlier.
            shutil.rmtree(connector.path)
            connector = self._begin(phase)
            seconds *= 0.8
        if not (connector.path / BACKUP).exists():
            with self._started(phase, connector) as started:
                self._finish(phase, connector, started)
        self._settle(connector)
        kill = Kill(
            seconds,
            differences(self._left(connector), undisturbed.left),
            self._misreported(connector, undisturbed),
        )
        if not kill.differs and not kill.misreported:
            shutil.rmtree(connector.path)
        return kill

    def _struck(self, phase: Phase, connector: CommandLine, seconds: float) -> bool:
        with self._started(phase, connector) as started:
            if phase.victim == CHILD:
                _until(lambda: started.process.poll() is not None or started.children())
            time.sleep(seconds)
            if phase.victim in (SERVER, SERVER_PROCESS):
                return self._struck_server(phase, connector, started.process)
            if phase.victim == CHILD:
                return started.kill_child() and started.process.wait(PATIENCE) == _LOST
            started.process.kill()
            return started.process.wait() == -signal.SIGKILL

    def _struck_server(
        self, phase: Phase, connector: CommandLine, process: subprocess.Popen[str]
    ) -> bool:
        """Kill the server under a process, which goes on, or ends as it does where a server is away."""
        assert self._tenants is not None
        if process.poll() is not None or not self._tenants.strike(
            phase.victim, connector.path.name
        ):
            return False
        return process.wait(PATIENCE) in (*_DONE, _LOST)

    def _misreported(self, connector: CommandLine, undisturbed: _Undisturbed) -> list[str]:
        """Return the events that the log holds more or less often than it should."""
        told = quarantines(connector)
        found = [f"{told[key]} times instead of {times}: {key}"
                 for key, times in (told | undisturbed.quarantines).items()
                 if told[key] != undisturbed.quarantines[key]]  # fmt: skip
        with self._version(connector):
            still = failing(connector)
        for anchor, numbers in attempts(connector).items():
            first = undisturbed.attempts.get(anchor, [1])[0]
            if numbers != [*range(first, still.get(anchor, first + len(numbers) - 1) + 1)]:
                found.append(f"attempts {numbers} of {anchor}")
        return found

    def _left(self, connector: CommandLine) -> dict[str, Any]:
        with self._version(connector):
            return everything(connector)

    # --- processes ----------------------------------------------------------------------------

    def _begin(self, phase: Phase) -> CommandLine:
        self._count += 1
        connector = self._connector(
            f"{self._count:04}",
            copy=phase.start,
            slapd=self._earlier if phase.earlier else self._slapd,
        )
        connector.module = phase.module
        return connector

    def _started(self, phase: Phase, connector: CommandLine) -> _Process:
        folder = str(connector.path / BACKUP)
        return _Process(connector, [folder if part == BACKUP else part for part in phase.command])

    def _finish(self, phase: Phase, connector: CommandLine, started: _Process) -> None:
        """Wait until the work is done, then stop the daemon if it is one."""
        process = started.process
        if phase.command == ("run",):
            _until(lambda: process.poll() is not None or _cycles(connector) > started.cycles)
            process.terminate()
        code = process.wait(PATIENCE)
        if code not in _DONE:
            raise RuntimeError(f"{phase.command} in {connector.path} ended with {code}")

    def _settle(self, connector: CommandLine) -> None:
        """Run one more delta, on the backup if there is one, to retry the first failures."""
        backup = connector.path / BACKUP
        if backup.exists():
            shutil.rmtree(connector.storage)
            backup.rename(connector.storage)
        self._ended(connector.run("sync"))

    def _ended(self, done: subprocess.CompletedProcess[str]) -> None:
        if done.returncode not in _DONE:
            raise RuntimeError(f"{done.args} ended with {done.returncode}: {done.stderr}")

    def _connector(
        self,
        name: str,
        copy: str | None = None,
        slapd: PrivateSlapd | None = None,
        **sections: dict[str, Any],
    ) -> CommandLine:
        slapd = slapd or self._slapd
        path = self._path / name
        path.mkdir()
        tenant: dict[str, Any] = {"random_seed": 1}
        if self._tenants is not None:
            tenant["database"] = self._tenants.url(name)
            self._tenants.begin(name, copy, path / "var")
        connector = CommandLine(
            path,
            {
                "url": slapd.url,
                "bind_dn": slapd.admin,
                "password_file": str(slapd.password_file),
            },
            **{**sections, "tenant": tenant, "schedule": {"delta": "1h", **sections.get("schedule", {})}},
        )  # fmt: skip
        connector.environ = {next_version.FOLDER: str(self._schema)}
        if copy is not None:
            shutil.copytree(self._path / copy / "var", connector.storage)
            shutil.copy(self._path / copy / connector.log.name, connector.log)
        return connector

    def _version(self, connector: CommandLine) -> ExitStack:
        """Read the databases with the version that wrote them."""
        stack = ExitStack()
        if connector.module == next_version.__name__:
            stack.enter_context(next_version.schema_of(self._schema))
        return stack


class _Process:
    """A command in a process of its own, entered when it has the lock of its storage."""

    def __init__(self, connector: CommandLine, command: Sequence[str]) -> None:
        self.cycles = _cycles(connector)
        self.process = connector.start(*command)

    def __enter__(self) -> Self:
        _until(lambda: self.process.poll() is not None or _has_open(self.process.pid, LOCK))
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def kill_child(self) -> bool:
        """Kill the process that the command started, if it did."""
        children = self.children()
        for child in children:
            os.kill(child, signal.SIGKILL)
        return bool(children)

    def children(self) -> list[int]:
        process = self.process.pid
        try:
            text = Path(f"/proc/{process}/task/{process}/children").read_text()
        except OSError:
            return []
        return [*map(int, text.split())]


def _cycles(connector: CommandLine) -> int:
    return len(connector.logged("cycle.finished"))


def _has_open(process: int, name: str) -> bool:
    with suppress(OSError):
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            with suppress(OSError):
                if descriptor.readlink().name == name:
                    return True
    return False


def _until(true: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.001)


# --- the story ------------------------------------------------------------------------------------

_CLASHES = 60


def _managed(objects: int) -> Iterator[str]:
    """Yield the generated entries, each user with a manager who comes later or, of the last ones, never."""
    users = 0
    for record in generator.entries(objects):
        if record.startswith("dn: uid="):
            users += 1
            manager = generator.user_dn(users + 20)
            yield f"{record.rstrip()}\nmanager: {manager}\n\n"
        else:
            yield record


def _clashes() -> Iterator[str]:
    """Yield pairs of users with one UPN; only the first of each can have it."""
    for number in range(_CLASHES):
        for side in ("first", "second"):
            yield user(f"{side}{number}", f"{side.title()} {number}", upn=f"x{number}@contoso.com")


def _known_issues() -> Iterator[str]:
    """Yield a group on which a new user will fail, and two groups of which one fails at first."""
    yield group("Fans of Joe", [user_dn("first1")], address="joe@contoso.com")
    for name in ("Team Red", "Team Blue"):
        yield group(name, [user_dn("first0")], address="team@contoso.com")


def _changes(objects: int) -> Iterator[str]:
    """Yield a delta of all kinds: half of the clashes are resolved, and new ones come.

    Joe fails at every attempt.
    """
    yield user("joe", "Joe", upn="joe@contoso.com", proxies=["smtp:joe@contoso.com"])
    for number in range(0, _CLASHES, 2):
        upn = {"userPrincipalName": f"first{number}@contoso.com"}
        yield replace(user_dn(f"first{number}"), upn)
    for number in range(1, _CLASHES, 4):
        yield f"dn: {user_dn(f'first{number}')}\nchangetype: delete\n\n"
    for number in range(20):
        yield user(f"late{number}", f"Late {number}", upn=f"x{number}@contoso.com")
    users = generator.Population(objects).users
    for number in range(users - 30, users - 10):
        yield replace(generator.user_dn(number), {"title": "Changed"})
    for number in range(20, 60):
        yield replace(generator.user_dn(number), {"manager": generator.user_dn(number % 7)})
    yield replace(group_dn("Team Blue"), {"managedBy": user_dn("late0")})
    for number in range(users - 10, users):
        yield f"dn: {generator.user_dn(number)}\nchangetype: delete\n\n"
    members = [user_dn(f"second{number}") for number in range(_CLASHES)]
    yield replace(group_dn("Team Red"), {"member": members})
    yield (
        f"dn: {generator.user_dn(3)}\nchangetype: modrdn\nnewrdn: uid=renamed\ndeleteoldrdn: 1\n\n"
    )
