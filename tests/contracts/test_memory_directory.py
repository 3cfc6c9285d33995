from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.errors import DirectoryUnavailable
from connector.model import Complete, Present
from tests.contracts.directory import Copy, DirectoryContract
from tests.fakes import SUFFIX, MemoryDirectory

if TYPE_CHECKING:
    from connector.model import Change
    from connector.ports import Directory


class World(MemoryDirectory):
    """The fake as its own world; ``open`` sets the filter."""

    suffix = SUFFIX

    def open(self, *, only: str | None = None) -> Directory:
        if only is not None:
            self.matching = lambda attributes: (
                b"organizationalUnit" in attributes["objectclass"]
                or b"organization" in attributes["objectclass"]
                or attributes.get("employeetype") == [only.encode()]
            )
        return self


class TestMemoryDirectory(DirectoryContract):
    @pytest.fixture
    def world(self) -> World:
        return World()

    def test_it_needs_no_network_to_fail(self, world: World) -> None:
        world.unreachable = True

        with pytest.raises(DirectoryUnavailable):
            list(world.changes(None))


class ForgetfulWorld(World):
    """A world that loses its session log before every delta, so that each is a present phase."""

    def changes(self, cookie):
        self.lose_session_log()
        return super().changes(cookie)


class TestMemoryDirectoryInPresentPhase(DirectoryContract):
    @pytest.fixture
    def world(self) -> ForgetfulWorld:
        return ForgetfulWorld()


def test_lost_session_log_gives_a_present_phase() -> None:
    directory = MemoryDirectory()
    copy = Copy(directory)
    ann = directory.user("ann")
    copy.update()
    bob = directory.user("bob")
    directory.lose_session_log()

    *changes, complete = directory.changes(copy.cookie)

    present = {uuid for change in changes if isinstance(change, Present) for uuid in change.uuids}
    assert directory.uuid(ann) in present
    assert directory.uuid(bob) not in present
    assert isinstance(complete, Complete)
    assert complete.unmentioned_gone


def test_overlooked_entry_is_found_by_a_read_only() -> None:
    directory = MemoryDirectory()
    ann = directory.user("ann")
    directory.overlook(ann)

    assert Copy(directory).names() == []
    assert [entry.dn for entry in directory.read([directory.uuid(ann)])] == [ann]


def test_failure_comes_at_the_message_asked_for_and_once() -> None:
    directory = MemoryDirectory()
    directory.fail_at(2)
    taken: list[Change] = []

    with pytest.raises(DirectoryUnavailable):
        taken.extend(iter_into(taken, directory))

    assert len(taken) == 2
    assert isinstance([*directory.changes(None)][-1], Complete)


def iter_into(taken: list[Change], directory: MemoryDirectory) -> list[Change]:
    for change in directory.changes(None):
        taken.append(change)  # noqa: PERF402 - what came before the error counts
    return []
