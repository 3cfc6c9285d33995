"""The lab's private slapd, and a story's place beside one, keep the contracts."""

from __future__ import annotations

import pytest

from connector.lab.certificates import tls_files
from connector.lab.local import local_place
from connector.lab.slapd import PrivateSlapd, three_ports
from tests.contracts.lab import PlaceContract, ServerContract


class TestPrivateSlapd(ServerContract):
    @pytest.fixture
    def server(self, tmp_path):
        with PrivateSlapd(tmp_path / "slapd") as slapd:
            slapd.create()
            yield slapd


class TestDetachedSlapd(ServerContract):
    @pytest.fixture
    def server(self, tmp_path):
        path = tmp_path / "slapd"
        path.mkdir()
        with PrivateSlapd(
            path, detached=True, ports=three_ports()[:2], accesslog=True, tls=tls_files(path)
        ) as slapd:
            slapd.create()
            yield slapd


class TestLocalPlace(PlaceContract):
    @pytest.fixture
    def place(self):
        with local_place() as place:
            yield place


def test_a_detached_server_is_found_again_by_whoever_knows_its_folder(tmp_path):
    ports = three_ports()[:2]
    with PrivateSlapd(tmp_path / "slapd", detached=True, ports=ports) as slapd:
        slapd.create()
        again = PrivateSlapd(tmp_path / "slapd", detached=True, ports=ports)

        processes = [slapd.find_pid(), again.start().find_pid()]
        again.stop()

        assert processes[0] == processes[1]
        assert not slapd.is_running()


def test_a_process_that_has_got_the_number_of_the_server_since_is_not_taken_for_it(tmp_path):
    slapd = PrivateSlapd(tmp_path / "slapd", detached=True, ports=three_ports()[:2])

    (tmp_path / "slapd" / "slapd.pid").write_text("1\n")

    assert (slapd.find_pid(), slapd.remove()) == (None, [])
