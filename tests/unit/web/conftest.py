"""A web in a folder of its own for each test."""

from __future__ import annotations

import pytest

from tests.unit.web.served import Served


@pytest.fixture
def web(tmp_path):
    found = Served(tmp_path)
    yield found
    found.context.close()
