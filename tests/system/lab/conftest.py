from __future__ import annotations

import pytest

from connector.lab.contoso import base
from connector.lab.slapd import PrivateSlapd


@pytest.fixture
def slapd(tmp_path):
    """Give a running server with the lab's organizational units."""
    with PrivateSlapd(tmp_path / "slapd") as server:
        server.load(base())
        yield server.start()
