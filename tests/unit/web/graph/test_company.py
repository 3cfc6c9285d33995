"""The tenant as a whole: organization, domains, synchronization, licences."""

from __future__ import annotations

import pytest

from tests.unit.tenant.verbs import user
from tests.unit.web.graph.client import BASE

SKU = "4b9405b0-7788-4568-add1-99614e613b69"
SYNC = "/directory/onPremisesSynchronization"


@pytest.fixture
def tenant(world):
    """Return the id of a tenant with a synchronized user that has a licence."""
    world.export(user("ann"))
    world.tenant.administrator.license("ann@contoso.com", assign=True)
    return world.tenant.id()


def test_the_organization_is_the_tenant_with_its_domains(graph, tenant):
    [found] = graph.get("/organization")["value"]

    assert found["id"] == tenant
    assert found["displayName"] == "Contoso"
    assert found["onPremisesSyncEnabled"] is True
    assert {
        each["name"]: (each["isDefault"], each["isInitial"], each["type"])
        for each in found["verifiedDomains"]
    } == {
        "contoso.com": (True, False, "Managed"),
        "contoso.onmicrosoft.com": (False, True, "Managed"),
        "fabrikam.com": (False, False, "Managed"),
    }
    assert graph.get(f"/organization/{tenant.upper()}?$select=TenantType") == {
        "@odata.context": f"{BASE}/v1.0/$metadata#organization/$entity",
        "id": tenant,
        "tenantType": "AAD",
    }


def test_scripts_may_ask_when_passwords_were_synchronized(graph, tenant):
    [found] = graph.get("/organization?$select=onPremisesLastPasswordSyncDateTime")["value"]

    assert found == {"id": tenant, "onPremisesLastPasswordSyncDateTime": None}
    assert "onPremisesLastPasswordSyncDateTime" not in graph.get("/organization")["value"][0]


def test_a_tenant_without_a_synchronized_object_is_not_synchronized(graph, world):
    [found] = graph.get("/organization")["value"]

    assert (found["onPremisesSyncEnabled"], found["onPremisesLastSyncDateTime"]) == (None, None)


def test_a_domain_is_found_by_its_name_and_has_its_authentication(graph, world):
    world.tenant.administrator.set_domain("sub.fabrikam.com", verified=True, federated=True)
    found = graph.get("/domains/SUB.fabrikam.com")

    assert (found["id"], found["authenticationType"], found["isRoot"]) == (
        "sub.fabrikam.com",
        "Federated",
        False,
    )
    assert graph.refused("/domains/elsewhere.example")[:2] == (404, "Request_ResourceNotFound")


def test_every_feature_of_the_synchronization_is_told_as_it_is(graph, tenant, world):
    world.tenant.administrator.set_feature("BlockSoftMatch", enabled=True)
    [found] = graph.get(SYNC)["value"]
    on = {name for name, enabled in found["features"].items() if enabled}

    assert graph.get(f"{SYNC}/{tenant}")["features"] == found["features"]
    assert len(found["features"]) == 20
    assert on == {
        "blockSoftMatchEnabled",
        "quarantineUponProxyAddressesConflictEnabled",
        "quarantineUponUpnConflictEnabled",
        "softMatchOnUpnEnabled",
        "synchronizeUpnForManagedUsersEnabled",
    }
    assert found["configuration"]["accidentalDeletionPrevention"] == {
        "alertThreshold": 500,
        "synchronizationPreventionType": "enabledForCount",
    }


@pytest.mark.parametrize("path", ["/organization/x", f"{SYNC}/x", "/subscribedSkus/x"])
def test_another_tenant_is_not_found(graph, path):
    assert graph.refused(path)[:2] == (404, "Request_ResourceNotFound")


def test_the_licence_that_can_be_assigned_counts_those_who_have_it(graph, tenant):
    [found] = graph.get("/subscribedSkus")["value"]
    one = graph.get(f"/subscribedSkus/{found['id']}")
    ann = graph.get("/users/ann@contoso.com?$select=assignedLicenses,assignedPlans")

    assert (found["skuId"], found["skuPartNumber"]) == (SKU, "EXCHANGESTANDARD")
    assert (one["consumedUnits"], one["id"]) == (1, f"{tenant}_{SKU}")
    assert ann["assignedLicenses"] == [{"disabledPlans": [], "skuId": SKU}]
    assert ann["assignedPlans"][0]["service"] == "exchange"
