from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.model import Complete, Present
from tests.contracts.directory import Copy, DirectoryContract
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class TestSyncreplWithSessionLog(DirectoryContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[SlapdWorld]:
        world = SlapdWorld(tmp_path / "slapd")
        yield world
        world.close()

    def test_restart_that_loses_the_session_log_loses_no_change(self, world: SlapdWorld) -> None:
        ann, bob = world.user("ann"), world.user("bob")
        copy = Copy(world.open())
        world.remove(ann)
        world.slapd.restart()

        copy.update()

        assert copy.names() == [bob]


class TestSyncreplWithoutSessionLog(DirectoryContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[SlapdWorld]:
        world = SlapdWorld(tmp_path / "slapd", session_log=None)
        yield world
        world.close()

    def test_a_delta_comes_as_a_present_phase(self, world: SlapdWorld) -> None:
        ann = world.user("ann")
        copy = Copy(world.open())
        world.user("bob")

        *changes, complete = copy.directory.changes(copy.cookie)

        present = {
            uuid for change in changes if isinstance(change, Present) for uuid in change.uuids
        }
        assert copy.entry(ann).uuid in present
        assert isinstance(complete, Complete)
        assert complete.unmentioned_gone


class TestSyncreplWithAccessLog(DirectoryContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[SlapdWorld]:
        world = SlapdWorld(tmp_path / "slapd", accesslog=True)
        yield world
        world.close()


class TestScan(DirectoryContract):
    whole = True

    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[SlapdWorld]:
        world = SlapdWorld(tmp_path / "slapd", mode="scan")
        yield world
        world.close()

    def test_scan_takes_as_many_pages_as_it_needs(self, world: SlapdWorld) -> None:
        records = (
            f"dn: cn=c{number},ou=contacts,dc=contoso,dc=com\nobjectClass: contact\n\n"
            for number in range(2500)
        )
        world.slapd.load(records)

        assert len(Copy(world.open()).names()) == 2500
