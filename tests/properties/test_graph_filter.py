"""Any filter means the same as text, as SQL, and to a walk over the objects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.tenant.selection import Live
from connector.web.graph import reading
from connector.web.graph.filter import parser, walk
from connector.web.graph.filter.binding import Bound
from connector.web.graph.options import LARGEST_PAGE, Options
from connector.web.graph.types import USER
from connector.web.graph.wire import complete
from tests.properties.filters import TREES, make_tenant, printed

CASES = st.sampled_from([str, str.upper, str.title])


@pytest.fixture(scope="module")
def tenant(tmp_path_factory):
    """Return a tenant, and its users with every property by number."""
    world = make_tenant(tmp_path_factory.mktemp("filters") / "tenant.db")
    asked = world.tenant
    numbers = reading.page(asked, Live("user"), Options(top=LARGEST_PAGE)).numbers
    rows = reading.rows(asked, numbers)
    yield asked, {row.item.number: complete(row) for row in rows}
    world.close()


@given(tree=TREES, spelled=CASES)
def test_sql_finds_what_a_walk_over_the_objects_finds(tenant, tree, spelled):
    asked, users = tenant
    bound = Bound(USER, parser.parse(printed(tree, spelled)))
    options = Options(filter=bound, top=LARGEST_PAGE)
    found = reading.page(asked, Live("user"), options).numbers

    assert sorted(found) == sorted(
        number for number, item in users.items() if walk.meets(bound.node, item)
    )
    assert reading.count(asked, Live("user"), options) == len(found)


@given(tree=TREES)
def test_a_printed_tree_is_parsed_to_itself(tree):
    bound = Bound(USER, parser.parse(printed(tree)))

    assert bound.node == tree
