"""389 Directory Server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contracts.directory import DirectoryContract
from tests.system.ds389_world import Ds389World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.ds389 import Private389

pytestmark = pytest.mark.ds389


class Directory389Contract(DirectoryContract):
    tells_changes = False
    operational = ("nsuniqueid", "createtimestamp")

    @staticmethod
    def uuid(shown: bytes) -> bytes:
        return bytes.fromhex(shown.decode().replace("-", ""))


class TestSyncrepl(Directory389Contract):
    @pytest.fixture
    def world(self, ds389: Private389) -> Iterator[Ds389World]:
        world = Ds389World(ds389)
        yield world
        world.close()


class TestScan(Directory389Contract):
    whole = True

    @pytest.fixture
    def world(self, ds389: Private389) -> Iterator[Ds389World]:
        world = Ds389World(ds389, mode="scan")
        yield world
        world.close()
