"""The summary of a run counts exactly the lines before it."""

from __future__ import annotations

from collections import Counter

from connector.operations.rehearsal import rehearse
from tests.world import World

NAMES = {
    "object.added": "adds",
    "object.restored": "adds",
    "object.updated": "updates",
    "object.deleted": "deletes",
    "export.quarantined": "quarantined",
    "export.failed": "errors",
}


def counted(world: World, run: int) -> dict[str, int]:
    """Count the lines of a run as its summary does."""
    found = Counter(
        NAMES[event]
        for event, fields in world.log.events
        if event in NAMES and fields["run"] == run
    )
    return {name: found[name] for name in sorted(set(NAMES.values()))}


def summary(world: World, run: int) -> dict[str, int]:
    (fields,) = [fields for fields in world.logged("cycle.finished") if fields["run"] == run]
    return {name: fields[name] for name in sorted(set(NAMES.values()))}


def test_the_summary_of_each_run_equals_its_lines(tmp_path):
    with World(tmp_path) as world:
        ann = world.user("ann")
        bob = world.user("bob", upn="ann@contoso.com")
        staff = world.group("staff", [ann])
        runs = [world.sync()]
        world.directory.modify(bob, title="Clerk")
        world.directory.modify(staff, member=[ann, bob])
        runs.append(world.sync())
        world.directory.remove(ann)
        runs += [world.sync(), world.sync()]

        assert [summary(world, run.number) for run in runs] == [
            counted(world, run.number) for run in runs
        ]
        assert summary(world, 2) == {
            "adds": 0,
            "deletes": 0,
            "errors": 0,
            "quarantined": 0,
            "updates": 2,
        }


def test_a_run_in_staging_mode_says_what_it_kept_back(tmp_path):
    with World(tmp_path, schedule={"staging_mode": True}) as world:
        world.user("ann")
        world.user("bob")

        run = world.sync()

        assert (run.result, world.cloud) == ("success", {})
        assert run.next == ("staging mode: 2 pending exports kept back: connector sync --dry-run",)
        assert world.logged("cycle.finished")[0]["next"] == run.next[0]


def test_a_run_with_nothing_to_do_says_nothing_about_what_is_next(tmp_path):
    with World(tmp_path) as world:
        world.user("ann")
        world.sync()

        assert "next" not in world.logged("cycle.finished")[0]


def test_a_rehearsal_gives_no_advice_about_what_it_threw_away(tmp_path):
    with World(tmp_path) as world:
        world.user("ann")
        world.user("bob", upn="ann@contoso.com")

        run = rehearse(world.settings, directory=world.directory).run

        assert (run.result, run.next) == ("completed-export-errors", ())


def test_in_staging_mode_a_rehearsal_lists_what_waits_before_and_after_a_sync(tmp_path):
    with World(tmp_path, schedule={"staging_mode": True}) as world:
        world.user("ann")
        before = rehearse(world.settings, directory=world.directory).changes
        world.sync()
        after = rehearse(world.settings, directory=world.directory).changes

        assert [(change["operation"], change["name"]) for change in after] == [("add", "Ann")]
        assert before == after
        assert world.cloud == {}
