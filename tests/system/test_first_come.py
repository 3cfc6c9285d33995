"""Who was made first holds a value, also within one second (docs/sources.md 15.4)."""

from __future__ import annotations

import pytest

from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld

# Source anchors are the UUIDs read in another byte order: seven users are in order once in 5,040 times.
USERS = [f"user{number}" for number in (3, 1, 6, 0, 5, 2, 4)]


@pytest.fixture
def connector(tmp_path):
    slapd = SlapdWorld(tmp_path / "slapd")
    for name in USERS:
        slapd.user(name, "joe@contoso.com")
    right = {"url": slapd.slapd.url, "bind_dn": slapd.slapd.admin, "password": slapd.password}
    yield CommandLine(tmp_path, right)
    slapd.close()


def test_within_one_second_the_entry_that_was_made_first_comes_first(connector):
    connector.run("sync")

    errors = connector.json("errors")
    winners = {error["conflictsWith"]["displayName"] for error in errors}
    waiting = [event["name"] for event in connector.logged("export.quarantined")]
    assert winners == {USERS[0].title()}
    assert waiting == [name.title() for name in USERS[1:]]
