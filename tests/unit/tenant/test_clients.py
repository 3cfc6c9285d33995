"""A moved storage is the same client, a copied one is refused; one tenant has one set of settings."""

from __future__ import annotations

import pytest

from connector.errors import InvalidSettings, StorageCopied
from connector.settings import TenantSettings
from connector.tenant.clients import (
    Client,
    Comer,
    deciding,
    recognize,
    refuse_other_settings,
    told_text,
)

HERE, OTHER = "dc1 0123456789ab", "dc2 ba9876543210"
ANN = Client(1, "aaaa", HERE, "/var/a", None)
BOB = Client(2, "bbbb", HERE, "/var/b", None)
SETTINGS = {"initial_domain": "contoso.onmicrosoft.com"}


def nowhere(_):
    return False


def anywhere(_):
    return True


@pytest.mark.parametrize(
    ("comer", "is_there", "who"),
    [
        pytest.param(Comer("aaaa", HERE, "/var/a"), nowhere, ANN, id="it came before"),
        pytest.param(Comer("cccc", HERE, "/var/c"), nowhere, None, id="it is new"),
        pytest.param(Comer("aaaa", HERE, "/var/x"), nowhere, ANN, id="its folder was renamed"),
        pytest.param(Comer(None, HERE, "/var/b"), nowhere, BOB, id="its connector space was lost"),
        pytest.param(Comer(None, OTHER, "/var/b"), nowhere, None, id="the folder of another host"),
        pytest.param(Comer("aaaa", "pod7", "/var/a"), nowhere, ANN, id="a container has no id"),
        pytest.param(Comer("aaaa", OTHER, "/a", moved=True), nowhere, ANN, id="it was moved"),
        pytest.param(
            Comer("aaaa", OTHER, "/a", is_alone=True), anywhere, ANN, id="with its tenant"
        ),
    ],
)
def test_a_client_is_known_by_its_id_else_by_its_folder(comer, is_there, who):
    assert recognize([ANN, BOB], comer, is_there) == who


@pytest.mark.parametrize(
    ("comer", "is_there"),
    [
        pytest.param(Comer("aaaa", HERE, "/var/x"), anywhere, id="the first folder is still there"),
        pytest.param(Comer("aaaa", OTHER, "/var/a"), nowhere, id="on another host"),
    ],
)
def test_a_copy_is_refused(comer, is_there):
    with pytest.raises(StorageCopied, match="has the client id of /var/a"):
        recognize([ANN, BOB], comer, is_there)


@pytest.mark.parametrize(("is_there", "who"), [(nowhere, ANN), (anywhere, None)])
def test_the_only_client_of_a_tenant_in_a_storage_folder_is_the_one_of_the_folder(is_there, who):
    assert recognize([ANN], Comer(None, OTHER, "/x", is_alone=True), is_there) == who


def test_settings_that_differ_are_named_with_both_values():
    told = told_text(
        deciding(TenantSettings.model_validate({**SETTINGS, "resiliency": True})), "dc1 /var/a"
    )
    ours = deciding(TenantSettings.model_validate({**SETTINGS, "resiliency": False}))

    with pytest.raises(InvalidSettings) as raised:
        refuse_other_settings(told, ours)

    assert raised.value.problems[0] == (
        "tenant.resiliency: is false here, and true in the tenant, which dc1 /var/a shares"
    )


@pytest.mark.parametrize(
    "same",
    [
        {"initial_domain": "Contoso.onmicrosoft.com"},
        {**SETTINGS, "verified_domains": ["fabrikam.com", "CONTOSO.com"]},
        {**SETTINGS, "database": "cloud.db", "take_over": True},
    ],
)
def test_an_order_a_case_and_what_is_a_clients_own_are_no_difference(same):
    wanted = {"verified_domains": ["contoso.com", "fabrikam.com"]}
    told = told_text(deciding(TenantSettings.model_validate({**SETTINGS, **wanted})), "dc1 /var/a")

    refuse_other_settings(told, deciding(TenantSettings.model_validate({**wanted, **same})))
