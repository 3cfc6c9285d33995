"""Each tenant keeps the promises: a file, a database of a server, and the tenant of another site."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from connector.settings import TenantSettings
from connector.tenant.clients import Comer
from connector.tenant.machine import host_name
from connector.tenant.remote.opening import open_remote
from connector.tenant.service import open_tenant
from tests.contracts.tenant import TenantContract
from tests.sites import Office

SETTINGS = TenantSettings(
    initial_domain="contoso.onmicrosoft.com",
    verified_domains=("contoso.com", "fabrikam.com"),
    random_seed=1,
)


def entered(tenant, name):
    client = tenant.clients.enter(
        Comer(None, host_name(), name), lambda _: False, has_exported=False
    )
    tenant.client = client.number


def opened(place):
    """Make clients that open the tenant at a place."""
    with ExitStack() as stack:

        def client(name):
            tenant = open_tenant(place, SETTINGS)
            stack.callback(tenant.close)
            entered(tenant, name)
            return tenant

        yield client


class TestFile(TenantContract):
    @pytest.fixture
    def clients(self, tmp_path):
        yield from opened(tmp_path / "tenant.db")


class TestServer(TenantContract):
    @pytest.fixture
    def clients(self, postgresql):
        with postgresql.database() as place:
            yield from opened(place)


class TestOtherSite(TenantContract):
    @pytest.fixture
    def clients(self, tmp_path, made_once):
        office = Office(tmp_path / "office", made_once)
        with office.running(), ExitStack() as stack:

            def client(name):
                values = office.tenant_of(name)
                settings = SETTINGS.model_copy(update=values)
                tenant = open_remote(settings, enter=lambda tenant: entered(tenant, name))
                stack.callback(tenant.close)
                return tenant

            yield client
