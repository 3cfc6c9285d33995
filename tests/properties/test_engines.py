"""One history ends in the same tenant on either engine: ids, quarantines, read-back and answers.

Left out are times of the machine and the marks of chance by which a tenant knows its own copies.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConnectorError
from connector.tenant.delta import Round
from connector.tenant.provisioning_errors import ErrorQuery
from connector.tenant.selection import Deleted, Led, Linked, Live, Selection
from tests.properties.profiles import profile
from tests.unit.tenant.test_invariants import batches, switches
from tests.unit.tenant.verbs import World

if TYPE_CHECKING:
    from pathlib import Path

    from connector.model import ShadowObject, SyncObject
    from connector.tenant.selection import Among
    from tests.postgresql import Postgres

NAMES = ("user-ann", "user-bob", "group-eve", "contact-ann")
ORDERS: tuple[tuple[tuple[Any, bool], ...], ...] = (
    (),
    (("display_name", True),),
    (("upn", False), ("created", True)),
)
identities = st.sampled_from(NAMES)
steps = st.lists(
    st.one_of(
        batches,
        st.just("sweep"),
        st.tuples(st.just("delete"), identities),
        st.tuples(st.just("restore"), identities),
        st.tuples(st.just("license"), identities),
    ),
    min_size=1,
    max_size=5,
)


def do(world: World, step: Any) -> object:
    administrator = world.tenant.administrator
    with suppress(ConnectorError):
        match step:
            case "sweep":
                return world.sweep()
            case ("delete", name):
                return administrator.delete(name)
            case ("restore", name):
                return administrator.restore(name)
            case ("license", name):
                return administrator.license(name, assign=True)
            case _:
                return world.export(*step)
    return None


def read_back(world: World, since: str | None) -> tuple[list[ShadowObject], int, str]:
    found, cookie = world.tenant.read_back(since)
    return list(found), world.tenant._store.version(), cookie


def everything(world: World) -> dict[str, object]:
    """Return all answers that a tenant gives."""
    tenant = world.tenant
    numbers = [item.number for item in tenant._store.live()]
    sorts: tuple[Any, ...] = (None, "DisplayName", "UserPrincipalName")
    queries = [
        ErrorQuery(sort=sort, descending=falls, limit=limit)
        for sort in sorts
        for falls in (False, True)
        for limit in (None, 2)
    ]
    among: list[Among] = [
        Live("user"),
        Live(),
        Deleted(),
        *(Linked(n, up=up, transitive=True) for n in numbers for up in (False, True)),
        *(Led(n, up=up) for n in numbers for up in (False, True)),
    ]
    return {
        "objects": list(tenant.objects()),
        "deleted": list(tenant.objects(deleted=True)),
        "rows": list(tenant._store.live()),
        "memberships": list(tenant.memberships()),
        "managers": [tenant.questions.manager(number) for number in numbers],
        "counts": tenant.counts(),
        "errors": [list(tenant.provisioning_errors(query)) for query in queries],
        "with_errors": [list(tenant.with_errors(query)) for query in queries],
        "pages": [
            tenant.selections.page(Selection(some, order=order), 3)
            for some in among
            for order in ORDERS
        ],
        "changes": [
            tenant.delta.page(
                Round(kind, None, -1, members=kind == "group"), Round(kind, None, -1).start, 4
            )
            for kind in ("user", "group", "contact")
        ],
        "named": [tenant.named(name, deleted=False) for name in ("User-Ann", "group-EVE")],
        "waiters": tenant.questions.waiters_for_free_values(),
    }


@profile(0.5)
@given(history=steps, switched=switches)
def test_a_history_ends_in_the_same_tenant_on_either_engine(
    tmp_path_factory: Any,
    postgresql: Postgres,
    history: list[list[SyncObject] | Any],
    switched: dict[str, Any],
) -> None:
    folder: Path = tmp_path_factory.mktemp("engines")
    with postgresql.database() as server:
        one, other = World(folder / "tenant.db", **switched), World(server, **switched)
        try:
            cookies: tuple[str | None, str | None] = (None, None)
            for step in history:
                assert do(one, step) == do(other, step)
                assert everything(one) == everything(other)
                ((*told, cookie), (*also_told, its_cookie)) = (
                    read_back(world, since)
                    for world, since in zip((one, other), cookies, strict=True)
                )
                assert told == also_told
                cookies = (cookie, its_cookie)
        finally:
            one.close()
            other.close()
