"""Let three connectors with the same names share a tenant for many cycles, kill some, and look for harm.

    python -m tests.benchmarks.connectors [--cycles 50] [--engine sqlite|postgresql] [--seed N] [--json]

In each cycle people join, leave and move between groups in all three directories, some with one source anchor in
several of them; then all three connectors work at once, each as a process of its own, and one may be killed
(SIGKILL). In between: a sweep, a dry run beside the others, a take-over, a connector that comes later, one whose
storage folder is moved, one whose folder is copied, a clock, a snapshot and a rewind beside another one. What is
counted must be nothing: objects that another one deleted, names that two objects hold, quarantines that were told
by another one, twice or never, dry runs that wrote, copies that were let in, moved ones that became others, and what
was done beside others that needs the tenant for itself. The exit code tells whether it is.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_DNS, UUID, uuid4, uuid5

from connector.assembly import open_parts
from connector.cycle import run_cycle
from connector.errors import InstanceLocked, StorageCopied, StorageUnusable
from connector.logs.log import open_log
from connector.operations import clients, cloud
from connector.operations.rehearsal import rehearse
from connector.settings import Settings
from connector.staging.comparison import with_tenant
from connector.tenant.opening import any_store_at, place_of
from connector.tenant.provisioning_errors import ErrorQuery
from tests import postgresql
from tests.database_servers import room
from tests.fakes import SUFFIX, MemoryDirectory
from tests.waiting import exit_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.assembly import Parts
    from connector.tenant.ports import Store

NAMES = tuple(f"person{number}" for number in range(12))
COMMON = tuple(f"common{number}" for number in range(4))
CONNECTORS = 3
_LONGEST_LIFE = 0.6
_CYCLES_TO_SETTLE = 4
_FAILED = 70
_SNAPSHOT = "before"
_NEED_IT_ALONE: tuple[tuple[Any, dict[str, Any]], ...] = (
    (cloud.snapshot, {"name": "another"}),
    (cloud.rewind, {"name": _SNAPSHOT}),
    (cloud.clock, {"advance": 60.0}),
)


class Place:
    """One connector: its directory in the memory of this process, its storage folder, its log."""

    def __init__(self, folder: Path, number: int, database: str) -> None:
        self.number = number
        self.next = ""
        self.log = folder / f"{number}.log"
        self.directory = MemoryDirectory(identity=self._identity)
        self.people: dict[str, str] = {}
        self.settings = Settings.model_validate(
            {
                "storage": {"path": folder / str(number)},
                "directory": {"url": ["ldap://memory"], "base_dn": SUFFIX},
                "log": {"file": self.log, "format": "json"},
                "safety": {
                    "delete_percent": 100,
                    "shrink_percent": 100,
                    "member_delete_percent": 100,
                    "attribute_loss_percent": 100,
                },
                "tenant": {
                    "initial_domain": "contoso.onmicrosoft.com",
                    "verified_domains": ["contoso.com"],
                    "random_seed": 1,
                    "database": database,
                },
            }
        )
        self.join("stays")
        self.group = self.directory.group(f"team{number}", [self.people["stays"]])

    def _identity(self) -> UUID:
        return uuid5(NAMESPACE_DNS, self.next) if self.next else uuid4()

    def join(self, name: str) -> None:
        self.next = name if name in COMMON else f"{name}@{self.number}"
        given = f"{name}@contoso.com"
        self.people[name] = self.directory.user(_shown(self.number, name), upn=given)
        # An id that is there again is not gone.
        back = self.directory.uuid(self.people[name])
        self.directory._gone[:] = [each for each in self.directory._gone if each[1] != back]
        self.next = ""

    def change(self, chance: random.Random) -> None:
        for name in chance.sample(NAMES + COMMON, 3):
            if name in self.people:
                self.directory.remove(self.people.pop(name))
            else:
                self.join(name)
        some = chance.sample(sorted(self.people), chance.randint(1, len(self.people)))
        members = sorted(self.people[name] for name in {"stays", *some})
        self.directory.modify(self.group, member=members)

    @property
    def names(self) -> set[str]:
        """The names under which the tenant shows what the directory has."""
        mine = {_shown(self.number, name) for name in self.people}
        return {name.title() for name in mine} | {f"Team{self.number}"}

    # --- in a process of its own --------------------------------------------------------------

    def start(self, work: Callable[[Parts], object]) -> int:
        """Have a new process work, as a daemon would; return its number."""
        if process := os.fork():
            return process
        code = _FAILED
        try:
            with (
                closing(open_log(self.settings.log)) as log,
                open_parts(self.settings, log=log, directory=self.directory) as parts,
            ):
                work(parts)
            code = 0
        except BaseException:  # noqa: BLE001 - a process that must not come back here
            traceback.print_exc()
        finally:
            os._exit(code)

    def do(self, work: Callable[[Parts], Any], settings: Settings | None = None) -> Any:
        """Work in this process."""
        with (
            closing(open_log(self.settings.log)) as log,
            open_parts(settings or self.settings, log=log, directory=self.directory) as parts,
        ):
            return work(parts)

    def at(self, path: Path) -> Settings:
        """Return the settings with another storage folder."""
        storage = self.settings.storage.model_copy(update={"path": path})
        return self.settings.model_copy(update={"storage": storage})

    def move(self) -> None:
        """Have the storage folder at another place."""
        before = self.settings.storage.path
        self.settings = self.at(before.with_name(f"{before.name}'"))
        before.rename(self.settings.storage.path)


def _shown(number: int, name: str) -> str:
    return name if name in COMMON else f"{name}x{number}"


def _sync(parts: Parts) -> None:
    run = run_cycle(parts, "delta")
    if run.result not in {"success", "completed-export-errors"}:
        raise AssertionError(run.result)


def _sweep(parts: Parts) -> None:
    parts.tenant.sweep()


def _take_over(parts: Parts) -> None:
    clients.take_over(parts)
    run_cycle(parts, "delta")


class Endurance:
    """The connectors of one run, and what they did wrong: ``found`` counts it by its name."""

    def __init__(self, folder: Path, database: str, seed: int) -> None:
        self.chance = random.Random(seed)
        self.places = [Place(folder, number, database) for number in range(CONNECTORS)]
        self.there = self.places[:2]
        self.found = Counter(
            dict.fromkeys(
                (
                    "cross deletes",
                    "held twice",
                    "told wrongly",
                    "dry runs that wrote",
                    "copies let in",
                    "moved to others",
                    "done beside others",
                    "failures",
                ),
                0,
            )
        )
        self.kills = self.quarantines = 0
        self.is_empty = True
        self.is_file = "://" not in database

    def cycle(self, number: int) -> None:
        """Change the directories, and let all connectors work at once."""
        if number > 1:
            self.there = self.places
        for place in self.there:
            place.change(self.chance)
        before, taken = self._owners(), False
        works = [(place, _sync) for place in self.there]
        if number % 5 == 4:
            at, other = self.chance.randrange(len(works)), self.chance.choice([_sweep, _take_over])
            works[at], taken = (works[at][0], other), other is _take_over
        processes = {place.start(work) for place, work in works}
        victim = self.chance.choice(sorted(processes)) if number % 2 else None
        if victim is not None:
            time.sleep(self.chance.uniform(0, _LONGEST_LIFE))
            os.kill(victim, signal.SIGKILL)
        for process in processes:
            code = exit_code(process)
            killed = code == -signal.SIGKILL and process == victim
            self.kills += killed
            self.found["failures"] += code != 0 and not killed
        self.is_empty = False
        self._compare(before, taken=taken)
        if number % 5 == 1:
            self._copy(self.chance.choice(self.there))
            self._move(self.chance.choice(self.there))
            self._ask_beside(*self.chance.sample(self.there, 2))

    def end(self) -> None:
        """Let all of it settle, and compare everything."""
        for _ in range(_CYCLES_TO_SETTLE):
            for place in self.places:
                place.do(_sync)
            self.places[0].do(_sweep)
        for place in self.places:
            before = self._rows()
            rehearse(place.settings, directory=place.directory)
            self.found["dry runs that wrote"] += before != self._rows()
            self.found["failures"] += place.do(_differences)
        self._compare_logs()
        # What its owner deleted, others that have it too are refused until they take it over.
        wanted = set().union(*(place.names for place in self.places))
        left = {name for name in wanted ^ self._owners().keys() if name.lower() not in COMMON}
        self.found["failures"] += bool(left)

    def _copy(self, place: Place) -> None:
        """Let a copy of a storage folder come, which must be refused."""
        original = place.settings.storage.path
        copied = shutil.copytree(original, original.with_name("copy"))
        try:
            place.do(_client, place.at(copied))
        except StorageCopied:
            pass
        else:
            self.found["copies let in"] += 1
        shutil.rmtree(copied)

    def _move(self, place: Place) -> None:
        """Move a storage folder, whose connector must stay who it is."""
        before = place.do(_client)
        place.move()
        self.found["moved to others"] += place.do(_client) != before

    def _ask_beside(self, one: Place, other: Place) -> None:
        """Ask one connector, beside another one at work, for what needs the tenant for itself."""
        if self.is_file:
            one.do(partial(cloud.snapshot, name=_SNAPSHOT))

        def ask(parts: Parts) -> None:
            for operation, arguments in _NEED_IT_ALONE:
                has_lock = self.is_file or operation is cloud.clock
                try:
                    operation(parts, **arguments)
                except (InstanceLocked, StorageUnusable) as error:
                    if isinstance(error, InstanceLocked) == has_lock:
                        continue
                self.found["done beside others"] += 1

        other.do(lambda _: one.do(ask))
        if self.is_file:
            one.do(partial(cloud.remove_snapshot, name=_SNAPSHOT))

    def _compare(self, before: dict[str, int | None], *, taken: bool) -> None:
        """Count what was deleted though its owner has it, and names that two objects hold."""
        clients = {place.do(_client): place for place in self.there}
        for name in before.keys() - self._owners().keys():
            some = self.there if taken else [clients[before[name]]]
            self.found["cross deletes"] += all(name in place.names for place in some)
        with closing(self._store()) as store:
            held = Counter(item.upn.lower() for item in store.live() if item.upn is not None)
        self.found["held twice"] += sum(count > 1 for count in held.values())

    def _compare_logs(self) -> None:
        """Count quarantines that were told by another one, twice, or never."""
        told: Counter[tuple[int, int]] = Counter()
        named = set()
        for place in self.places:
            for line in place.log.read_text(encoding="utf-8").splitlines():
                event = json.loads(line)
                if event["event"] == "export.quarantined":
                    told[place.number, event["seq"]] += 1
                    named.add(event["name"])
                    name = event["name"].lower()
                    is_own = name in COMMON or name.endswith(f"x{place.number}")
                    self.found["told wrongly"] += not is_own
        self.quarantines = len(told)
        self.found["told wrongly"] += sum(count > 1 for count in told.values())
        with closing(self._store()) as store:
            errors = store.questions.errors(ErrorQuery())
            self.found["told wrongly"] += sum(
                each.object.display_name not in named for each in errors
            )

    # --- the tenant ---------------------------------------------------------------------------

    def _store(self) -> Store:
        return any_store_at(place_of(self.places[0].settings), read_only=True)

    def _owners(self) -> dict[str, int | None]:
        """Return the owner of each object that is there, by the name that the tenant shows."""
        if self.is_empty:
            return {}
        with closing(self._store()) as store:
            return {item.display_name: item.owner for item in store.live()}

    def _rows(self) -> dict[str, list[Any]]:
        with closing(self._store()) as store:
            return {table.name: list(store.tables.rows(table)) for table in store.tables.all()}


def _client(parts: Parts) -> int | None:
    return parts.tenant.client


def _differences(parts: Parts) -> int:
    shadows, _ = parts.tenant.read_back(None)
    return len(list(with_tenant(parts.space.database, shadows)))


@contextmanager
def _database(engine: str, folder: Path) -> Iterator[str]:
    if engine == "sqlite":
        yield str(folder / "tenant.db")
        return
    with room() as home, postgresql.running(home) as server:
        yield server.url(server.make().parameters["dbname"])


def measured(engine: str, cycles: int, seed: int) -> dict[str, Any]:
    """Run the connectors; return what was done, and what was found."""
    with (
        tempfile.TemporaryDirectory(prefix="connectors.") as name,
        _database(engine, Path(name)) as database,
    ):
        run = Endurance(Path(name), database, seed)
        for number in range(cycles):
            run.cycle(number)
        run.end()
        done = {"engine": engine, "cycles": cycles, "seed": seed, "kills": run.kills}
        return done | {"quarantines": run.quarantines, "found": dict(run.found)}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.connectors", description=__doc__
    )
    parser.add_argument("--cycles", type=int, default=50, metavar="N")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    result = measured(options.engine, options.cycles, options.seed)
    if options.json:
        sys.stdout.write(json.dumps(result, indent=2) + "\n")
    else:
        for name, value in (result | result["found"]).items():
            if name != "found":
                sys.stdout.write(f"{name:<20} {value}\n")
    return int(any(result["found"].values()))


if __name__ == "__main__":
    sys.exit(main())
