"""The Active Directory of Samba keeps the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contracts.directory import DirectoryContract
from tests.system.samba_world import SambaWorld

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.samba import PrivateSamba

pytestmark = pytest.mark.samba


class ActiveDirectoryContract(DirectoryContract):
    knows_parents = False
    rdn = "cn"
    operational = ("objectguid", "usnchanged", "whencreated")

    @staticmethod
    def uuid(shown: bytes) -> bytes:
        return shown


class TestDirsync(ActiveDirectoryContract):
    @pytest.fixture
    def world(self, samba: PrivateSamba) -> Iterator[SambaWorld]:
        world = SambaWorld(samba)
        yield world
        world.close()


class TestScan(ActiveDirectoryContract):
    whole = True

    @pytest.fixture
    def world(self, samba: PrivateSamba) -> Iterator[SambaWorld]:
        world = SambaWorld(samba, mode="scan")
        yield world
        world.close()
