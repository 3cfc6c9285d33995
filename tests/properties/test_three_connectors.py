"""Three connectors with the same names on one tenant, in any order, killed in between."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import MemoryDirectory
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NAMES = ("ann", "bob", "eve")
WHO = st.integers(0, 2)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("sync"), WHO, st.sampled_from(["delta", "initial"])),
        st.tuples(st.just("killed"), WHO, st.integers(0, 3)),
        st.tuples(st.just("join"), WHO, st.sampled_from(NAMES)),
        st.tuples(st.just("leave"), WHO, st.sampled_from(NAMES)),
        st.tuples(st.just("sweep"), WHO, st.none()),
    ),
    max_size=25,
)


class Killed(Exception):
    """Stands for a SIGKILL: what was not committed is lost."""


class Connectors:
    """Three connectors with a directory each; of every name each directory may have one user."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.directories = [MemoryDirectory() for _ in range(3)]
        self.worlds = [self._world(number) for number in range(3)]
        self.users: dict[tuple[int, str], str] = {}
        for number in range(3):
            # A directory that was emptied is a guard's business.
            self.join(number, "kim")

    def _world(self, number: int) -> World:
        tenant = {"database": self.folder / "tenant.db"}
        return World(self.folder / str(number), self.directories[number], tenant=tenant)

    def close(self) -> None:
        for world in self.worlds:
            world.stop()

    def sync(self, number: int, policy: str = "delta") -> None:
        before = {item["id"]: item for item in self.worlds[0].tenant.objects()}
        run = self.worlds[number].sync(policy)
        after = {item["id"] for item in self.worlds[0].tenant.objects()}
        lost = {before[key]["givenName"] for key in before.keys() - after}

        assert run.result in {"success", "completed-export-errors"}
        assert lost <= {str(number)}

    def killed(self, number: int, calls: int) -> None:
        """Let a connector die in its export, after so many answers of the tenant."""
        world = self.worlds[number]
        export: Callable[..., object] = world.tenant.export
        left = [calls]

        def die(*arguments: object) -> object:
            answer = export(*arguments)
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return answer

        world.tenant.export = die
        with suppress(Killed):
            world.sync()
        events = world.log.events
        world.stop()
        self.worlds[number] = self._world(number)
        self.worlds[number].log.events[:0] = events

    def join(self, number: int, name: str) -> None:
        if (number, name) not in self.users:
            upn = f"{name}@contoso.com"
            user = self.directories[number].user(f"{name}{number}", upn=upn, givenName=str(number))
            self.users[number, name] = user

    def leave(self, number: int, name: str) -> None:
        if (number, name) in self.users:
            self.directories[number].remove(self.users.pop((number, name)))

    def sweep(self, number: int, _: None) -> None:
        self.worlds[number].sweep()


def logged(connectors: Connectors) -> list[tuple[int, str]]:
    return [
        (number, fields["name"])
        for number, world in enumerate(connectors.worlds)
        for fields in world.logged("export.quarantined")
    ]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=15)
@given(STEPS)
def test_no_connector_touches_what_another_one_has(steps: Sequence[tuple[str, int, object]]):
    with tempfile.TemporaryDirectory() as folder:
        connectors = Connectors(Path(folder))
        try:
            for verb, number, argument in steps:
                getattr(connectors, verb)(number, argument)
            for _ in range(2):
                for number in range(3):
                    connectors.sync(number)
                connectors.sweep(0, None)
            shown = list(connectors.worlds[0].tenant.objects())

            assert sorted(item["displayName"] for item in shown) == sorted(
                f"{name}{number}".title() for number, name in connectors.users
            )
            upns = [item["userPrincipalName"].lower() for item in shown]
            assert len(set(upns)) == len(upns)
            wanted = {f"{name}@contoso.com" for _, name in connectors.users}
            assert wanted <= set(upns)
            assert all(name.lower().endswith(str(number)) for number, name in logged(connectors))
        finally:
            connectors.close()
