"""The source anchor is an attribute of the settings, and stays what it was once objects were exported."""

from __future__ import annotations

from base64 import b64encode

import pytest

from connector.errors import InvalidSettings

BY_NUMBER = {"source_anchor": "employeeID"}


def anchors(world):
    return {name: item["onPremisesImmutableId"] for name, item in world.cloud.items()}


def test_a_text_identifies_an_object_as_its_utf_8_in_base64(world_with):
    world = world_with(sync=BY_NUMBER)
    world.user("ann", employeeID="Ä-1")

    world.sync()

    assert anchors(world) == {"Ann": b64encode("Ä-1".encode()).decode()}


def test_an_attribute_that_no_rule_reads_can_be_the_source_anchor(world_with):
    world = world_with(sync={"source_anchor": "employeeNumber"})
    world.user("ann", employeeNumber="7")

    world.sync()

    assert anchors(world) == {"Ann": "Nw=="}


@pytest.mark.parametrize(("values", "count"), [({}, 0), ({"employeeID": ["1", "2"]}, 2)])
def test_an_object_without_its_one_value_is_a_sync_error_and_the_others_go_on(
    world_with, values, count
):
    world = world_with(sync=BY_NUMBER)
    dn = world.user("ann", **values)
    world.user("bob", employeeID="2b")

    world.sync()

    [error] = world.errors()
    assert set(world.cloud) == {"Bob"}
    assert error["error"] == "InvalidSourceAnchor"
    assert error["message"].startswith(f"{dn} has {count} values of employeeID, ")


def test_another_source_anchor_is_refused_before_anything_is_read(world_with):
    world = world_with(sync=BY_NUMBER)
    world.user("ann", employeeID="1")
    world.sync()
    world.user("bob", employeeID="2")
    world.settings = world.settings.model_copy(
        update={"sync": world.settings.sync.model_copy(update={"source_anchor": "auto"})}
    )
    world.restart()

    with pytest.raises(InvalidSettings, match="objects were exported with employeeID"):
        world.sync()

    assert set(world.cloud) == {"Ann"}


def test_before_the_first_export_the_source_anchor_may_be_another(world_with):
    world = world_with(sync={"source_anchor": "mail"}, schedule={"staging_mode": True})
    world.user("ann", employeeID="1", mail="ann@contoso.com")
    world.sync()
    world.settings = world.settings.model_copy(
        update={
            "sync": world.settings.sync.model_copy(update=BY_NUMBER),
            "schedule": world.settings.schedule.model_copy(update={"staging_mode": False}),
        }
    )
    world.restart()

    world.sync("initial")

    assert anchors(world) == {"Ann": "MQ=="}
