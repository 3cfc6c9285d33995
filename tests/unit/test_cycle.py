"""What a cycle does not do when there is nothing to do."""

from __future__ import annotations

from tests.world import World


def test_a_cycle_with_nothing_to_send_leaves_the_tenant_alone(tmp_path):
    with World(tmp_path) as world:
        world.user("ann")
        world.sync()
        world.sync()
        tenant = world.parts.tenant._store.connection
        before = tenant.total_changes
        run = world.sync()

        assert (run.result, tenant.total_changes) == ("success", before)


def test_an_export_session_left_open_is_closed_though_nothing_is_left_to_send(tmp_path):
    with World(tmp_path) as world:
        world.user("ann")
        world.sync()
        world.parts.space.queue.open_session(1)
        world.sync()

        assert world.parts.space.queue.session() is None


def test_a_first_full_synchronization_decides_on_everything_though_nothing_demands_it(tmp_path):
    """What no rule ever decided on is on the list since it was imported."""
    with World(tmp_path) as world:
        world.user("ann")
        demanded = []
        world.parts.space.worklist.add_everything = lambda: demanded.append(True)
        first = world.sync("initial")
        world.sync("initial")

        assert (first.steps[-1].adds, demanded) == (1, [True])
