"""Three connectors whose directories have some objects in common: any history settles, and nobody takes from another."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_DNS, UUID, uuid4, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.operations import clients
from connector.staging.comparison import with_tenant
from connector.values.canonical import decode
from tests.fakes import MemoryDirectory
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Generator

PEOPLE = ("ann", "bob", "eve")
WHO = st.integers(0, 2)
SOME = st.sets(st.sampled_from(PEOPLE))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("sync"), WHO, st.sampled_from(["delta", "delta", "initial"])),
        st.tuples(st.just("join"), WHO, st.sampled_from(PEOPLE)),
        st.tuples(st.just("leave"), WHO, st.sampled_from(PEOPLE)),
        st.tuples(st.just("gather"), WHO, SOME),
        st.tuples(st.just("lead"), WHO, st.sampled_from([None, *PEOPLE])),
        st.tuples(st.just("take_over"), WHO, st.none()),
    ),
    max_size=20,
)


class Connectors:
    """A person has one source anchor in every directory; each directory has a group and a boss of its own."""

    def __init__(self, folder: Path, database: str) -> None:
        self.next = ""
        self.directories = [MemoryDirectory(identity=self._identity) for _ in range(3)]
        self.people: list[dict[str, str]] = [{} for _ in range(3)]
        self.members: list[set[str]] = [set() for _ in range(3)]
        self.managers: list[str | None] = [None] * 3
        self.groups, self.reports = [], []
        for number, directory in enumerate(self.directories):
            self.next = f"kim{number}"
            kim = directory.user(f"kim{number}")
            self.next = f"team{number}"
            self.groups.append(directory.group(f"team{number}", [kim]))
            self.reports.append(kim)
        self.worlds = [
            World(folder / str(number), directory, tenant={"database": database})
            for number, directory in enumerate(self.directories)
        ]

    def _identity(self) -> UUID:
        return uuid5(NAMESPACE_DNS, self.next) if self.next else uuid4()

    def close(self) -> None:
        for world in self.worlds:
            world.stop()

    # --- verbs --------------------------------------------------------------------------------

    def sync(self, number: int, policy: str = "delta") -> tuple[int, int, int]:
        tenant = self.worlds[0].tenant
        owners = {anchor: owner for anchor, (owner, *_) in shadows(tenant).items()}
        run = self.worlds[number].sync(policy)
        lost = owners.keys() - shadows(tenant).keys()

        assert run.result in {"success", "completed-export-errors"}
        assert {error["error"] for error in run.errors} <= {"AnchorOwnedByAnotherClient"}
        assert {owners[anchor] for anchor in lost} <= {self.worlds[number].tenant.client}
        counts = [each.counts for each in run.steps if each.name == "export"]
        return (
            sum(each.adds for each in counts),
            sum(each.updates for each in counts),
            sum(each.deletes for each in counts),
        )

    def join(self, number: int, name: str) -> None:
        if name not in self.people[number]:
            self.next = name
            self.people[number][name] = self.directories[number].user(name)
            self._refer(number)

    def leave(self, number: int, name: str) -> None:
        if name in self.people[number]:
            self.directories[number].remove(self.people[number].pop(name))
            self._refer(number)

    def gather(self, number: int, members: set[str]) -> None:
        self.members[number] = members
        self._refer(number)

    def lead(self, number: int, manager: str | None) -> None:
        self.managers[number] = manager
        self._refer(number)

    def take_over(self, number: int, _: None) -> None:
        clients.take_over(self.worlds[number].parts)

    def _refer(self, number: int) -> None:
        here, kim = self.people[number], self.reports[number]
        members = [here[name] for name in sorted(self.members[number] & here.keys())]
        self.directories[number].modify(self.groups[number], member=[kim, *members])
        manager = here.get(self.managers[number] or "")
        self.directories[number].modify(kim, manager=[manager] if manager else [])


def shadows(tenant: Any) -> dict[str, tuple[int | None, list[str], str | None]]:
    """Return owner, names of members and name of manager of every object, by its name in the directory."""
    store = tenant._store
    items = {item.number: item for item in store.live()}
    names = {number: decode(item.shadow)["displayName"].lower() for number, item in items.items()}
    found = {}
    for number, item in items.items():
        members = sorted(each["displayName"].lower() for each in store.questions.members(number))
        manager = store.questions.manager(number)
        found[names[number]] = (item.owner, members, manager and manager["displayName"].lower())
    return found


def databases(where: str, folder: str, request: pytest.FixtureRequest) -> Generator[str]:
    if where == "file":
        yield str(Path(folder) / "shared" / "tenant.db")
        return
    postgresql = request.getfixturevalue("postgresql")
    with postgresql.database() as server:
        yield postgresql.url(server.parameters["dbname"])


@pytest.mark.parametrize("where", ["file", "server"])
@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=12,
)
@given(steps=STEPS)
def test_any_history_settles_and_nobody_takes_from_another(where, request, steps):
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        lent = databases(where, folder, request)
        stack.callback(lent.close)
        connectors = Connectors(Path(folder), next(lent))
        stack.callback(connectors.close)
        for number in range(3):
            connectors.sync(number)
        for verb, number, argument in steps:
            getattr(connectors, verb)(number, argument)
        for _ in range(3):
            for number in range(3):
                connectors.sync(number)

        again = [connectors.sync(number) for number in range(3)]
        shown = shadows(connectors.worlds[0].tenant)

        assert again == [(0, 0, 0)] * 3
        for number, world in enumerate(connectors.worlds):
            there = connectors.people[number].keys() & shown.keys()
            members = sorted({f"kim{number}"} | (connectors.members[number] & there))
            manager = connectors.managers[number]

            assert shown[f"team{number}"][1] == members
            assert shown[f"kim{number}"][2] == (manager if manager in there else None)
            assert (
                list(with_tenant(world.parts.space.database, world.tenant.read_back(None)[0])) == []
            )
