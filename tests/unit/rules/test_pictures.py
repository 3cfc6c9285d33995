"""A picture flows as its size and its hash; one that is too large is a sync error until it is smaller."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tests.world import World

LARGEST = 100 * 1024


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as opened:
        yield opened


def picture(world, name="ann@contoso.com"):
    return world.tenant.show(name)["thumbnailPhoto"]


def test_a_picture_and_the_type_of_an_employee_flow(world):
    ann = world.user("ann", thumbnailPhoto=b"\xff\xd8one", employeeType="Contractor")
    world.user("bob")
    world.sync()
    first = picture(world)
    world.directory.modify(ann, thumbnailPhoto=b"\xff\xd8other")

    world.sync()

    assert first == {"bytes": 5, "sha256": sha256(b"\xff\xd8one").hexdigest()}
    assert picture(world) == {"bytes": 7, "sha256": sha256(b"\xff\xd8other").hexdigest()}
    assert picture(world, "bob@contoso.com") is None
    assert world.cloud["Ann"]["employeeType"] == "Contractor"


def test_a_picture_that_is_too_large_is_a_sync_error_until_it_is_smaller(world):
    ann = world.user("ann", thumbnailPhoto=b"x" * (LARGEST + 1))
    world.sync()
    [error] = world.errors()
    world.directory.modify(ann, thumbnailPhoto=b"x" * LARGEST)

    world.sync()

    assert (error["error"], error["propertyCausingError"]) == (
        "ExceededAllowedLength",
        "thumbnailPhoto",
    )
    assert "102,401 bytes" in error["message"]
    assert (picture(world)["bytes"], world.errors()) == (LARGEST, [])
