"""Connectors of several sites on one tenant, which one of the sites has: over HTTPS, without its database."""

from __future__ import annotations

import copy
import os
import shutil
from collections import Counter
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.assembly import open_readers
from connector.cli.check_start import storage_lines
from connector.errors import (
    InvalidSettings,
    StorageCopied,
    StorageUnusable,
    TenantElsewhere,
    TenantUnavailable,
    UnknownObject,
)
from connector.operations import clients, cloud, requests
from connector.operations.moves import move_tenant
from connector.operations.plan_file import made
from connector.operations.planned import Planned, run_as_planned
from connector.operations.rehearsal import rehearse
from connector.ports import SILENT
from connector.report.delivery import weekly_report
from connector.report.error_report import error_rows
from connector.report.messages import portal_report
from connector.settings import Settings, StorageSettings
from connector.tenant.opening import any_store_at
from connector.tenant.provisioning_errors import ErrorQuery
from connector.tenant.remote import lines
from connector.web.signin.apps import Apps
from connector.web.signin.certificate import make
from tests.fakes import MemoryDirectory
from tests.scenarios import engines
from tests.scenarios.results import counts, differences
from tests.sites import MadeOnce, Office
from tests.world import World

# The tenant of the office is a file; tests/contracts and tests/system have it on a server too.
pytestmark = engines.ON_A_FILE


@pytest.fixture
def office(tmp_path, made_once):
    office = Office(tmp_path / "office", made_once)
    with office.running():
        yield office


@pytest.fixture
def world_of(tmp_path, office):
    """Make a world of its own, which comes to the tenant of the office by an application of its own."""
    known: dict[str, dict[str, Any]] = {}
    with ExitStack() as stack:

        def make(name, held=None, app=None, **tenant):
            who = app or name
            known[who] = known.get(who) or office.tenant_of(who)
            return stack.enter_context(World(tmp_path / name, held, tenant=known[who] | tenant))

        yield make


@pytest.fixture
def one(world_of):
    return world_of("one")


def test_a_cycle_does_over_the_network_what_it_does_beside_the_tenant(one, office):
    ann, bob = one.user("ann", upn="joe@contoso.com"), one.user("bob", upn="joe@contoso.com")
    staff = one.group("staff", [ann, bob])
    first = one.sync()
    one.directory.remove(staff)

    later = [one.sync(policy) for policy in ("delta", "delta", "initial")]

    assert (counts(first).adds, counts(first).quarantined) == (3, 1)
    assert [counts(run).deletes for run in later] == [1, 0, 0]
    assert sorted(office.cloud()) == ["Ann", "Bob"]
    assert differences(one) == []


def test_batches_are_as_long_as_a_server_takes_and_an_object_that_is_longer_fails_alone(one):
    text = os.urandom(lines.LONGEST_BATCH // 6).hex()  # packed it is half as long
    for name, times in (("one", 1), ("two", 1), ("six", 1), ("ten", 10), ("longer", 12)):
        one.group(name, proxyAddresses=[f"smtp:{name}{text * times}@contoso.com"])
    one.user("ann")
    export, batches = one.tenant.export, []

    def watched(batch, objects):
        batches.append([item.source_anchor for item in objects])
        return export(batch, objects)

    one.tenant.export = watched
    runs = [one.sync(), one.sync()]

    assert [(counts(run).adds, counts(run).errors) for run in runs] == [(1, 5), (0, 5)]
    assert [len(batch) for batch in batches] == [2, 1, 1, 1, 2, 1, 1]
    by_error = Counter(error["error"] for error in runs[0].errors)
    assert by_error == {"ExceededAllowedLength": 4, "LargeObject": 1}
    assert differences(one) == []


def test_a_connector_leaves_the_objects_of_another_alone(one, world_of, office):
    two = world_of("two")
    one.user("ann")
    two.user("bob")

    runs = [world.sync(policy) for policy in ("delta", "delta", "initial") for world in (one, two)]

    assert [counts(run).deletes for run in runs] == [0] * 6
    assert sorted(office.cloud()) == ["Ann", "Bob"]
    assert differences(one) == differences(two) == []


def test_the_weekly_mail_counts_the_errors_of_ones_own_objects(one, world_of):
    two = world_of("two")
    one.user("ann", upn="joe@contoso.com")
    two.user("bob", upn="joe@contoso.com")
    for world in (one, two):
        world.sync()

    found = [weekly_report(world.parts, world.settings).errors for world in (one, two)]

    assert found == [0, 1]


def test_an_object_of_another_connector_is_refused_in_one_line(one, world_of, office):
    one.user("ann")
    one.user("bob")
    one.sync()
    before = office.cloud()
    two = world_of("two", one.directory)

    run = two.sync()

    assert [error["error"] for error in run.errors] == ["AnchorOwnedByAnotherClient"] * 2
    assert [fields["count"] for fields in two.logged("export.foreign")] == [2]
    assert office.cloud() == before


def test_what_was_taken_over_is_neither_changed_nor_deleted_nor_an_error(one, world_of):
    ann = one.user("ann")
    one.user("bob")
    one.sync()
    taker = world_of("two", one.directory, take_over=True)
    taken = taker.sync()
    one.directory.remove(ann)

    late = [one.sync(policy) for policy in ("delta", "delta", "initial")]

    assert (taken.result, [run.result for run in late]) == ("success", ["success"] * 3)
    assert [counts(run).deletes for run in late] == [0] * 3
    assert counts(taker.sync()).deletes == 1


def test_the_command_takes_back_what_the_other_connector_deleted(one, world_of, office):
    ann = one.user("ann")
    one.user("bob")
    one.sync()
    held = copy.deepcopy(one.directory)
    two = world_of("two", held, take_over=True)
    two.sync()
    one.sync()
    held.remove(ann)
    two.sync()

    taken = clients.take_over(one.parts)["taken"]
    one.sync()

    assert len(taken) == 2
    assert set(office.cloud()) == {"Ann", "Bob"}
    assert differences(one) == []
    assert [owned["objects"] for owned in clients.described(one.parts)] == [2]


def test_a_copied_storage_is_refused(one, world_of, tmp_path):
    one.user("ann")
    one.sync()
    one.stop()
    shutil.copytree(tmp_path / "one", tmp_path / "copy")

    with pytest.raises(StorageCopied):
        world_of("copy", app="one")


def test_a_moved_storage_is_the_same_connector(one, world_of, tmp_path):
    one.user("ann")
    one.sync()
    one.stop()
    (tmp_path / "one").rename(tmp_path / "moved")

    run = world_of("moved", one.directory, app="one").sync("initial")

    assert (run.result, counts(run).updates) == ("success", 0)


def test_a_lost_connector_space_is_made_anew_by_the_same_connector(one, world_of, tmp_path):
    one.user("ann")
    one.sync()
    one.stop()
    shutil.rmtree(tmp_path / "one")

    run = world_of("one", one.directory).sync()

    assert (run.result, counts(run).adds, counts(run).updates) == ("success", 0, 0)


def test_an_application_is_one_connector(one, world_of):
    with pytest.raises(TenantUnavailable, match="The application is that of another sync client"):
        world_of("two", app="one")


def test_a_connector_comes_by_another_application_when_the_first_was_removed(one, world_of, office):
    one.user("ann")
    one.sync()
    one.stop()
    with pytest.raises(TenantUnavailable, match="comes by another application than before"):
        world_of("one", one.directory, app="other")
    Apps(office.settings.storage.path).remove("one")

    run = world_of("one", one.directory, app="other").sync("initial")

    assert (run.result, counts(run).updates, counts(run).errors) == ("success", 0, 0)


def test_other_settings_of_the_tenant_than_at_the_server_are_refused(world_of):
    with pytest.raises(
        InvalidSettings, match=r"verified_domains: is .* here, and .* at the server of the tenant"
    ):
        world_of("two", verified_domains=["contoso.com"])


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        (cloud.sweep, {}),
        (cloud.restore, {"identity": "ann@contoso.com"}),
        (cloud.clock, {}),
        (cloud.feature, {"name": "DuplicateUPNResiliency", "enabled": True}),
    ],
)
def test_what_needs_the_tenant_itself_is_refused_with_the_next_step(one, operation, arguments):
    with pytest.raises(TenantElsewhere, match="ask there"):
        operation(one.parts, **arguments)


def checked(settings, **changed):
    """What ``connector check`` says of the tenant with these settings, or others of the tenant."""
    tenant = settings.tenant.model_copy(update=changed)
    asked = settings.model_copy(update={"tenant": tenant})
    [found] = [line for line in storage_lines(asked) if line.name == "tenant"]
    return found.ok, found.detail


def new_settings(one, office, path):
    """The settings of a connector that has not come yet, with a directory as ``one`` has."""
    return Settings.model_validate(
        {
            **one.settings.model_dump(include={"directory"}),
            "storage": {"path": path},
            "tenant": {**one.settings.tenant.model_dump(), **office.tenant_of("new")},
        }
    )


def test_the_check_lets_a_new_connector_in_and_the_tenant_does_not_know_it_for_that(
    one, office, tmp_path
):
    settings = new_settings(one, office, tmp_path / "two")

    ok, detail = checked(settings)

    assert (ok, detail.startswith(f"https://localhost:{office.port}, tenant ")) == (True, True)
    with open_readers(office.settings) as readers:
        places = {one.client.place for one in readers.tenant.clients.listed()}
        assert places == {str(tmp_path / "office" / "storage"), str(tmp_path / "one")}


def test_the_check_says_what_a_sync_would_say(one, office, tmp_path):
    one.user("ann")
    one.sync()
    one.stop()
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    shutil.copytree(tmp_path / "one", tmp_path / "new", ignore=lambda *_: ["connector-space.db"])

    def at(name):
        return one.settings.model_copy(update={"storage": StorageSettings(path=tmp_path / name)})

    found = {
        "itself": checked(one.settings),
        "other settings": checked(one.settings, random_seed=7),
        "a copy": checked(at("copy")),
        "a second by the same application": checked(at("new")),
    }

    assert [ok for ok, _ in found.values()] == [True, False, False, False]
    assert "random_seed: is 7 here, and 1 at the server" in found["other settings"][1]
    assert "is it a copy?" in found["a copy"][1]
    assert "that of another sync client" in found["a second by the same application"][1]


def test_the_check_says_that_the_tenant_was_moved(one, office, tmp_path):
    one.stop()
    move_tenant(office.settings, str(tmp_path / "moved.db"), SILENT)

    ok, detail = checked(one.settings)

    assert (ok, "The tenant was moved to another database" in detail) == (False, True)


def test_a_setting_that_only_the_server_has_is_named_as_not_set(world_of):
    with pytest.raises(
        InvalidSettings, match=r"random_seed: is not set here, and 1 at the server of the tenant"
    ):
        world_of("two", random_seed=None)


def kept(office):
    """All that the tenant of the office has, its clients and memories of batches included."""
    with open_readers(office.settings) as readers, closing(any_store_at(office.file)) as store:
        tables = {table.name: list(store.tables.rows(table)) for table in store.tables.all()}
        return tables, readers.tenant.position()


def test_a_dry_run_shows_what_the_sync_then_does_and_writes_nothing(one, world_of, office):
    two = world_of("two")
    one.user("joe", upn="joe@contoso.com")
    one.sync()
    two.group("staff", [two.user("ann", upn="joe@contoso.com"), two.user("bob")])
    before = kept(office)

    shown = rehearse(two.settings, directory=two.directory)
    after = kept(office)
    run = two.sync()

    assert after == before
    assert [(one["operation"], one["name"]) for one in shown.changes] == [
        ("add", "Ann"),
        ("add", "Bob"),
        ("add", "Staff"),
    ]
    assert (shown.run.result, counts(shown.run)) == (run.result, counts(run))
    assert [error["value"] for error in shown.run.errors] == ["joe@contoso.com"]
    assert len(shown.members) == 2


def test_a_dry_run_of_a_new_connector_does_not_make_it_known(one, office, tmp_path):
    settings = new_settings(one, office, tmp_path / "two")
    one.user("ann")
    before = kept(office)

    shown = rehearse(settings, "initial", directory=one.directory)

    assert (counts(shown.run).adds, kept(office)) == (1, before)
    assert not (tmp_path / "two").exists()


def test_a_dry_run_shows_what_a_sweep_after_it_gives_back_to_ones_own_objects(one, world_of):
    two = world_of("two")
    joe = one.user("joe", upn="joe@contoso.com")
    one.user("bob")
    one.sync()
    two.user("ann", upn="joe@contoso.com")
    two.sync()
    one.directory.remove(joe)
    one.sync()

    found = [rehearse(each.settings, directory=each.directory, sweep=True) for each in (one, two)]

    assert [[item.value for item in each.released] for each in found] == [[], ["joe@contoso.com"]]


def listed(world):
    with open_readers(world.settings) as readers:
        return {
            "objects": [item["displayName"] for item in readers.tenant.objects()],
            "groups": [item["displayName"] for item in readers.tenant.objects("group")],
            "deleted": [item["displayName"] for item in readers.tenant.objects(deleted=True)],
            "errors": error_rows(readers.space, readers.tenant, ErrorQuery()),
            "portal": [line.message for line in portal_report(readers.tenant, ErrorQuery(), ())],
        }


def test_a_connector_sees_of_its_objects_what_there_is_beside_the_tenant(one, office):
    ann, bob = one.user("ann", upn="joe@contoso.com"), one.user("bob", upn="joe@contoso.com")
    staff = one.group("staff", [ann, bob])
    gone = one.user("eve")
    one.sync()
    one.directory.remove(gone)
    one.sync()

    with open_readers(office.settings) as there, open_readers(one.settings) as here:
        beside = [
            list(there.tenant.objects()),
            [there.tenant.show(name) for name in ("joe@contoso.com", staff)],
            error_rows(here.space, there.tenant, ErrorQuery()),
            there.tenant.named("staff")[0].id,
        ]
        over = [
            list(here.tenant.objects()),
            [here.tenant.show(name) for name in ("joe@contoso.com", staff)],
            error_rows(here.space, here.tenant, ErrorQuery()),
            here.tenant.named("staff")[0].id,
        ]

    assert over == beside
    assert listed(one)["deleted"] == ["Eve"]


def test_a_connector_sees_of_others_only_what_a_conflict_tells(one, world_of):
    two = world_of("two")
    one.user("ann", upn="joe@contoso.com", displayName="Ann of one")
    one.sync()
    two.user("bob", upn="joe@contoso.com", displayName="Bob of two")
    two.sync()

    first, second = listed(one), listed(two)

    assert (first["objects"], second["objects"]) == (["Ann of one"], ["Bob of two"])
    assert (first["errors"], len(first["portal"]), len(second["portal"])) == ([], 0, 1)
    [error] = second["errors"]
    assert error["conflictsWith"] == {
        "id": error["conflictsWith"]["id"],
        "objectType": "user",
        "displayName": "Ann of one",
        "userPrincipalName": None,
        "sourceAnchor": None,
        "distinguishedName": None,
    }
    with open_readers(two.settings) as readers:
        for identity in ("joe@contoso.com", error["conflictsWith"]["id"]):
            with pytest.raises(UnknownObject):
                readers.tenant.show(identity)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 2),
        ({"limit": 1}, 1),
        ({"property": "ProxyAddresses"}, 0),
        ({"search": "BOB"}, 1),
        ({"type": "group"}, 0),
        ({"value": "joe@contoso.com", "sort": "DisplayName", "descending": True}, 2),
    ],
)
def test_a_query_for_errors_is_answered_by_the_server(one, query, found):
    for name in ("ann", "bob", "eve"):
        one.user(name, upn="joe@contoso.com")
    one.sync()

    assert len(list(one.tenant.provisioning_errors(ErrorQuery(**query)))) == found


def test_a_plan_is_applied_as_it_was_shown(one, office):
    one.user("ann")
    plan = made(
        one.settings, "delta", rehearse(one.settings, directory=one.directory, past_guards=True)
    )

    run = run_as_planned(one.parts, "delta", Planned.of(plan))

    assert (run.result, sorted(office.cloud())) == ("success", ["Ann"])


def test_a_rehearsal_that_the_server_had_to_end_is_begun_anew(one, office):
    one.user("ann")

    class Interrupted(MemoryDirectory):
        times = 0

        def changes(self, cookie):
            self.times += 1
            if self.times == 1:
                office.context.rehearsals.close()
            return one.directory.changes(cookie)

    directory = Interrupted()

    shown = rehearse(one.settings, directory=directory)

    assert (directory.times, counts(shown.run).adds) == (2, 1)


def test_a_rehearsal_that_never_comes_to_its_end_is_refused_in_the_end(one, office):
    one.user("ann")

    class Interrupted(MemoryDirectory):
        def changes(self, cookie):
            office.context.rehearsals.close()
            return one.directory.changes(cookie)

    with pytest.raises(
        StorageUnusable, match=r"the rehearsal gave way 3 times .* Nothing was changed"
    ):
        rehearse(one.settings, directory=Interrupted())

    assert office.cloud() == {}


def test_a_backup_is_refused_with_the_way_to_do_it(one, tmp_path):
    with pytest.raises(Exception, match="back it up there"):
        requests.backup(one.parts, path=str(tmp_path / "copy"))


def test_a_wrong_secret_is_told_without_the_secret(world_of, tmp_path):
    secret = tmp_path / "wrong.secret"
    secret.write_text("Pa55-never-told")

    with pytest.raises(TenantUnavailable) as refused:
        world_of("two", client_secret_file=secret)

    assert "client_id or its secret is wrong" in str(refused.value)
    assert "Pa55" not in str(refused.value)


def test_an_application_of_graph_is_not_a_sync_client(world_of, office, tmp_path):
    app, secret = Apps(office.settings.storage.path).add("script", "admin")
    (tmp_path / "admin.secret").write_text(secret)

    with pytest.raises(TenantUnavailable, match="may not synchronize"):
        world_of("two", client_id=app.client_id, client_secret_file=tmp_path / "admin.secret")


def test_a_certificate_of_nobody_known_is_refused(world_of):
    with pytest.raises(TenantUnavailable, match="certificate is not trusted"):
        world_of("two", ca_file=None)


def test_a_certificate_for_another_name_says_what_to_do_about_the_name(tmp_path, made_once):
    files = make(tmp_path / "tls", ["elsewhere.example"], datetime.now(UTC))
    office = Office(tmp_path / "office", MadeOnce(files, made_once.key))

    with (
        office.running(),
        pytest.raises(TenantUnavailable) as refused,
        World(tmp_path / "one", None, tenant=office.tenant_of("one")),
    ):
        pass

    assert "Let tenant.url name the server as its certificate does" in str(refused.value)
    assert "ca_file" not in str(refused.value)
    assert ".." not in str(refused.value)


class Killed(Exception):
    """Stands for a SIGKILL: what was not committed is lost."""


def test_a_connector_that_dies_before_it_records_an_answer_finds_it_again(one, office):
    names = [f"user{number:02}" for number in range(8)]
    for name in names:
        one.user(name, upn="joe@contoso.com" if name in names[:3] else None)
    export = one.tenant.export

    def die(*arguments):
        export(*arguments)
        raise Killed

    one.tenant.export = die
    with pytest.raises(Killed):
        one.sync()
    before = office.cloud()
    one.restart()

    runs = [one.sync(), one.sync("initial")]

    assert [counts(run).adds for run in runs] == [0, 0]
    assert office.cloud() == before
    assert len(one.logged("export.quarantined")) == 2
    assert differences(one) == []


def test_an_answer_that_is_lost_on_the_way_is_asked_again(one, office):
    one.user("ann", upn="joe@contoso.com")
    one.user("bob", upn="joe@contoso.com")
    connection = one.tenant._connection
    exchange = connection._exchanged_once
    lost: list[str] = []

    def lose(path, *arguments):
        answer = exchange(path, *arguments)
        if "/export?" in path and len(lost) < 2:
            answer[2].close()
            lost.append(path)
            raise ConnectionResetError
        return answer

    connection._exchanged_once = lose
    run = one.sync()

    assert (len(lost), lost[0]) == (2, lost[1])
    assert (counts(run).adds, counts(run).quarantined) == (2, 1)
    assert sorted(office.cloud()) == ["Ann", "Bob"]


def test_a_read_back_that_is_cut_off_is_fetched_again(one):
    one.user("ann")
    one.sync()
    connection = one.tenant._connection
    exchange = connection._exchanged_once
    cut: list[str] = []

    def cut_off(path, *arguments):
        status, headers, found = exchange(path, *arguments)
        if path.endswith("/read-back") and not cut:
            found.close()
            cut.append(path)
            raise EOFError
        return status, headers, found

    connection._exchanged_once = cut_off
    run = one.sync("initial")

    assert (run.result, counts(run, "cloud-import").unchanged) == ("success", 1)


def test_a_server_that_starts_again_in_the_middle_of_an_export_loses_nothing(tmp_path, made_once):
    office = Office(tmp_path / "office", made_once)
    with ExitStack() as serving:
        serving.enter_context(office.running())
        with World(tmp_path / "one", None, tenant=office.tenant_of("one")) as one:
            one.user("ann")
            one.sync()
            for name in ("bob", "eve"):
                one.user(name)
            export = one.tenant.export

            def restart(*arguments):
                one.tenant.close()  # else the server waits for it to hang up
                serving.close()
                serving.enter_context(office.running())
                return export(*arguments)

            one.tenant.export = restart
            run = one.sync()

    assert (run.result, counts(run).adds) == ("success", 2)
    assert sorted(office.cloud()) == ["Ann", "Bob", "Eve"]


def test_a_server_that_is_away_ends_the_cycle_and_the_next_one_goes_on(tmp_path, made_once):
    office = Office(tmp_path / "office", made_once)
    with ExitStack() as serving:
        serving.enter_context(office.running())
        with World(tmp_path / "one", None, tenant=office.tenant_of("one")) as one:
            one.user("ann")
            one.tenant.close()
            serving.close()
            one.tenant._connection._patience = 0.5
            with pytest.raises(TenantUnavailable, match="nothing was lost"):
                one.sync()
            serving.enter_context(office.running())
            run = one.sync()

    assert (run.result, counts(run).adds) == ("success", 1)
    assert sorted(office.cloud()) == ["Ann"]
