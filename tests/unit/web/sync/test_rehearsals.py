"""A rehearsal for a sync client is seen by nobody, kept by nobody, and in nobody's way."""

from __future__ import annotations

from contextlib import closing

import pytest

from connector.model import ObjectType, SyncObject, SyncOperation
from connector.settings import Settings
from connector.tenant.opening import place_of
from connector.tenant.service import open_tenant
from connector.web.sync.refusals import Refused
from connector.web.sync.rehearsals import Rehearsals


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, tmp_path):
    tenant = {"initial_domain": "contoso.onmicrosoft.com", "verified_domains": ["contoso.com"]}
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        name = server.make(migrated=False).parameters["dbname"]
        tenant["database"] = f"postgresql://postgres@/{name}?host={server.folder}"
    made = Settings.model_validate(
        {
            "directory": {"url": "ldap://memory", "base_dn": "dc=contoso,dc=com"},
            "tenant": tenant,
            "storage": {"path": tmp_path},
        }
    )
    opened(made).close()
    return made


@pytest.fixture
def rehearsals(settings):
    with closing(Rehearsals(settings)) as found:
        yield found


def opened(settings):
    return open_tenant(place_of(settings), settings.tenant)


def user(name):
    properties = {"displayName": name, "userPrincipalName": f"{name}@contoso.com"}
    return SyncObject(ObjectType.USER, SyncOperation.SET, name, properties)


def names(tenant):
    return [item["displayName"] for item in tenant.objects()]


def test_what_is_rehearsed_is_seen_in_the_rehearsal_alone_and_undone_in_the_end(
    settings, rehearsals
):
    identity = rehearsals.begin("app")
    with rehearsals.at_work(identity, "app") as tenant:
        tenant.export("one", [user("ann")])
    with closing(opened(settings)) as real, rehearsals.at_work(identity, "app") as tenant:
        during = names(tenant), names(real)
    rehearsals.end(identity, "app")

    with closing(opened(settings)) as real:
        assert (*during, names(real)) == (["ann"], [], [])


def test_a_server_that_stops_leaves_nothing_of_a_rehearsal(settings, rehearsals, tmp_path):
    identity = rehearsals.begin("app")
    with rehearsals.at_work(identity, "app") as tenant:
        tenant.export("one", [user("ann")])

    rehearsals.close()

    with closing(opened(settings)) as real:
        assert (names(real), list(tmp_path.glob("*-rehearsal"))) == ([], [])


def test_who_writes_does_not_wait_for_a_rehearsal_of_which_nothing_is_asked(settings, rehearsals):
    identity = rehearsals.begin("app")
    with rehearsals.at_work(identity, "app") as tenant:
        tenant.export("one", [user("ann")])

    with closing(opened(settings)) as real:
        real.export("two", [user("bob")])
        there = names(real)

    assert there == ["bob"]
    with pytest.raises(Refused, match="it gave way"), rehearsals.at_work(identity, "app"):
        pass


def test_a_rehearsal_belongs_to_the_application_that_began_it(rehearsals):
    identity = rehearsals.begin("app")

    with pytest.raises(Refused, match="The rehearsal is over"), rehearsals.at_work(identity, "it"):
        pass
    with pytest.raises(Refused, match="Another connector rehearses"):
        rehearsals.begin("it")


def test_an_application_that_begins_anew_ends_the_rehearsal_that_it_left(rehearsals):
    left = rehearsals.begin("app")
    identity = rehearsals.begin("app")

    with pytest.raises(Refused, match="The rehearsal is over"), rehearsals.at_work(left, "app"):
        pass
    with rehearsals.at_work(identity, "app") as tenant:
        assert names(tenant) == []


def test_a_rehearsal_that_meets_a_fault_is_over(rehearsals):
    identity = rehearsals.begin("app")

    with pytest.raises(ZeroDivisionError), rehearsals.at_work(identity, "app"):
        raise ZeroDivisionError

    with pytest.raises(Refused), rehearsals.at_work(identity, "app"):
        pass
