"""A test run that is interrupted leaves nothing of its engine behind; after a killed one the next tidies up."""

from __future__ import annotations

import pytest

from tests import disk
from tests.system.interrupting import interrupted

pytestmark = pytest.mark.containers


@pytest.fixture
def folder():
    with disk.folder() as folder:
        yield folder


@pytest.mark.parametrize("way", ["Ctrl-C", "TERM", "HUP", "closed"])
def test_a_run_that_ends_before_its_time_leaves_the_machine_as_it_was(folder, way):
    seen = interrupted(folder, way)

    assert seen["during"]["rules"] != []
    assert seen["after"] == seen["before"]


def test_what_a_killed_run_leaves_the_next_one_removes(folder):
    seen = interrupted(folder, "KILL")

    assert seen["killed"]["rules"] != []
    assert seen["after"] == seen["before"]
