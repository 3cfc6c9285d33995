"""Several connectors at work on one tenant at once, killed in between: a sample of ``tests.benchmarks.connectors``."""

from __future__ import annotations

import pytest

from tests.benchmarks import connectors


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_connectors_that_are_killed_on_one_tenant_do_no_harm_to_each_other(engine):
    done = connectors.measured(engine, cycles=6, seed=4)

    assert set(done["found"].values()) == {0}
    assert done["quarantines"] > 0
