"""One history ends in the same tenant on either engine: ids, quarantines, read-back and answers.

Left out are times of the machine and the marks of chance by which a tenant knows its own copies.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConnectorError
from connector.tenant.clients import Comer
from connector.tenant.delta import Round
from connector.tenant.provisioning_errors import ErrorQuery
from connector.tenant.selection import Deleted, Led, Linked, Live, Selection
from tests.properties.profiles import profile
from tests.unit.tenant.test_invariants import addresses, batches, proxies, switches
from tests.unit.tenant.verbs import World, contact, group, user

if TYPE_CHECKING:
    from pathlib import Path

    from connector.model import ShadowObject, SyncObject
    from connector.tenant.administrator import Administrator
    from connector.tenant.selection import Among
    from tests.postgresql import Postgres

NAMES = ("user-ann", "user-bob", "group-eve", "contact-ann")
ORDERS: tuple[tuple[tuple[Any, bool], ...], ...] = (
    (),
    (("display_name", True),),
    (("upn", False), ("created", True)),
)
ODD_TEXTS = (
    *("", " ", "a", "A", "z" * 256, "ab\0", "\x7f", "\u2028", "\ufffe", "\uffff", "\ue000"),
    *("\U00010000", "\U0001f600", "\U0010ffff", "\u0130", "\u0131", "\u00df", "SS", "\u1e9e"),
    *("\u00e9", "e\u0301", "E", "\ufdfa", "\ufb01", "FI", "\u01c4", "\u03c2", "\u03a3", "\uff21"),
)
ODD = st.sampled_from(ODD_TEXTS)
identities = st.sampled_from(NAMES)
steps = st.lists(
    st.one_of(
        batches,
        st.just("sweep"),
        st.tuples(st.just("delete"), identities),
        st.tuples(st.just("restore"), identities),
        st.tuples(st.just("license"), identities),
        st.tuples(st.just("hard delete"), identities),
        st.tuples(st.just("match"), identities, st.sampled_from([None, "user-ann", "moved"])),
        st.tuples(st.just("add"), st.sampled_from(["user-ann", "", "moved"]), addresses, proxies),
        st.tuples(st.just("change"), identities, proxies, st.none() | st.booleans()),
        st.tuples(st.just("domain"), st.booleans()),
        st.tuples(st.just("switch"), switches),
        st.tuples(st.just("wait"), st.integers(1, 40)),
        st.tuples(st.just("client"), st.integers(1, 2), st.booleans()),
        st.tuples(st.just("take over"), st.integers(1, 2)),
        st.tuples(st.just("named"), st.sampled_from([user, group, contact]), ODD, ODD),
    ),
    min_size=1,
    max_size=7,
)


def do(world: World, step: Any) -> object:
    answer: object = None
    with suppress(ConnectorError):
        match step:
            case "sweep":
                answer = world.sweep()
            case ("switch", switched):
                world.switch(**switched)
            case ("wait", days):
                world.tenant.clock.advance(timedelta(days=days))
            case ("named", made, name, other):
                item = made(f"{made.__name__}-ann", displayName=name, description=other)
                answer = world.export(item)
            case ("client", number, takes):
                world.switch(take_over=takes)
                world.tenant.client = enter(world, number)
            case ("take over", number):
                answer = world.tenant.clients.take_over(enter(world, number), NAMES)
            case (str(), *_):
                answer = administer(world.tenant.administrator, step)
            case _:
                answer = world.export(*step)
    return answer


def enter(world: World, number: int) -> int:
    """Let a client in that was not there before, or that was."""
    comer = Comer(f"client {number}", "host", f"/{number}")
    return world.tenant.clients.enter(comer, lambda _: True, has_exported=False).number


def administer(administrator: Administrator, step: Any) -> object:
    answer: object = None
    match step:
        case ("delete" | "hard delete" as verb, name):
            answer = administrator.delete(name, hard=verb != "delete")
        case ("restore", name):
            answer = administrator.restore(name)
        case ("license", name):
            answer = administrator.license(name, assign=True)
        case ("match", name, anchor):
            answer = administrator.match(name, anchor)
        case ("change", name, some, role):
            given = {} if role is not None else {"proxyAddresses": some}
            answer = administrator.change(name, given, admin_role=role)
        case ("domain", verified):
            administrator.set_domain("other.org", verified=verified)
        case ("add", anchor, upn, some):
            given = {"displayName": "Cloud", "userPrincipalName": upn, "proxyAddresses": some}
            answer = administrator.add("user", given | {"onPremisesImmutableId": anchor})
    return answer


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
        "named": [
            tenant.named(name, deleted=False) for name in ("User-Ann", "group-EVE", *ODD_TEXTS)
        ],
        "searched": [
            list(tenant.provisioning_errors(ErrorQuery(search=text, case_sensitive=exact)))
            for text in ("ann", "STRASSE", "\u00df", "e\u0301", "\0")
            for exact in (False, True)
        ],
        "clients": tenant.clients.listed(),
        "domains": tenant.administrator.domains(),
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
