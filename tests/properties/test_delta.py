"""A client that applies every page of every round ends with exactly what the tenant shows.

Whatever happens between two pages: batches, an administrator, licences, sweeps.
"""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from connector.errors import TenantRefused, UnknownObject
from connector.tenant.delta import Round
from tests.properties.profiles import profile
from tests.unit.tenant.verbs import World, contact, delete, group, members, user

if TYPE_CHECKING:
    from connector.tenant.delta import Changed, Place
    from connector.tenant.objects import TenantObject
    from connector.tenant.ports import Delta
    from connector.tenant.postgresql.server import Server
    from tests.postgresql import Postgres

NAMES = ("ann", "bob", "eve")
MAILS = ("SMTP:a@contoso.com", "SMTP:b@contoso.com")


class Client:
    """Knows the objects of one type by id, and a group's members; reads page after page."""

    def __init__(self, type_: str, limit: int) -> None:
        self.known: dict[str, tuple[object, ...]] = {}
        self.members: dict[str, set[str]] = {}
        self._type, self._limit = type_, limit
        self._since: int | None = None
        self._round: Round | None = None
        self._place: Place | None = None

    def read(self, delta: Delta) -> bool:
        """Read the next page; tell whether the round is at its end."""
        if self._round is None:
            began = delta.now().number if self._since is None else self._since
            self._round = Round(self._type, self._since, began, members=self._type == "group")
            self._place = self._round.start
        assert self._place is not None
        page = delta.page(self._round, self._place, self._limit)
        for change in page.changes:
            self._apply(change)
        self._place = page.rest
        if page.rest is None:
            self._since, self._round = delta.now().number, None
        return page.rest is None

    def _apply(self, change: Changed) -> None:
        if change.item is None or change.item.deleted is not None:
            self.known.pop(change.id, None)
            self.members.pop(change.id, None)
            return
        self.known[change.id] = shown(change.item)
        mine = self.members.setdefault(change.id, set())
        for member in change.members:
            (mine.discard if member.removed else mine.add)(member.id)


def shown(item: TenantObject) -> tuple[object, ...]:
    return item.display_name, item.upn, item.mail, item.proxies, item.exchange, item.shadow


def truth(world: World, type_: str) -> tuple[dict[str, Any], dict[str, set[str]]]:
    live = [item for item in world.tenant._store.live() if item.type == type_]
    linked: dict[str, set[str]] = {item.id: set() for item in live}
    for link in world.tenant.memberships():
        if link["group"] in linked:
            linked[link["group"]].add(link["member"])
    return {item.id: shown(item) for item in live}, linked


def export(world: World, what: str, name: str, mail: str, title: str) -> None:
    made = {"user": user, "group": group, "contact": contact}[what]
    args = (None, mail) if what == "user" else (mail,)
    world.export(made(f"{what}-{name}", *args, jobTitle=title))


def leave(world: World, what: str, name: str) -> None:
    made = {"user": user, "group": group, "contact": contact}[what]
    world.export(delete(made(f"{what}-{name}")))


def join(world: World, name: str, who: str, *, add: bool) -> None:
    of = ("user-" if who in NAMES else "group-") + who.removeprefix("g:")
    some = (of,)
    item = members(group(f"group-{name}"), **{"add" if add else "remove": some})
    world.export(item)


def administer(world: World, verb: str, pick: int, word: str) -> None:
    """Do what an administrator does to some object, live or deleted."""
    tenant, admin = world.tenant, world.tenant.administrator
    live = [item.id for item in tenant._store.live()]
    gone = [item["id"] for item in tenant.objects("user", deleted=True)]
    among = gone if verb in ("restore", "purge") else live
    identity = among[pick % len(among)] if among else "none"
    with suppress(TenantRefused, UnknownObject):
        match verb:
            case "add":
                name = f"{word}{pick}"
                admin.add("user", {"displayName": name, "userPrincipalName": f"{name}@contoso.com"})
            case "add group":
                admin.add("group", {"displayName": word})
            case "change":
                admin.change(identity, {"displayName": word})
            case "locate":
                admin.change(identity, {"usageLocation": "DE"})
            case "license":
                admin.license(identity, assign=True)
            case "unlicense":
                admin.license(identity, assign=False)
            case "restore":
                admin.restore(identity)
            case _:
                admin.delete(identity, hard=verb in ("purge", "hard"))


VERBS = [
    *("add", "add group", "change", "locate", "license", "unlicense", "restore", "delete", "hard"),
    "purge",
]
KINDS = st.sampled_from(["user", "group", "contact"])
STEPS = st.one_of(
    st.tuples(
        st.just("export"),
        KINDS,
        st.sampled_from(NAMES),
        st.sampled_from(MAILS),
        st.sampled_from("xy"),
    ),
    st.tuples(st.just("leave"), KINDS, st.sampled_from(NAMES)),
    st.tuples(
        st.just("join"), st.sampled_from(NAMES), st.sampled_from([*NAMES, "g:ann"]), st.booleans()
    ),
    st.tuples(
        st.just("administer"),
        st.sampled_from(VERBS),
        st.integers(0, 9),
        st.sampled_from(["p", "q"]),
    ),
    st.tuples(st.just("join"), st.just("ann"), st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.just("sweep")),
)


def do(world: World, step: tuple[Any, ...]) -> None:
    match step:
        case ("export", what, name, mail, title):
            export(world, what, name, mail, title)
        case ("leave", what, name):
            leave(world, what, name)
        case ("join", name, who, add):
            join(world, name, who, add=add)
        case ("administer", verb, pick, word):
            administer(world, verb, pick, word)
        case ("sweep",):
            world.sweep()


HISTORIES = st.lists(
    st.tuples(STEPS, st.lists(st.integers(0, 2), max_size=3)), min_size=10, max_size=50
)


@profile(2.0)
@given(HISTORIES, st.integers(1, 4))
def test_client_holds_what_the_tenant_shows(
    steps: list[tuple[tuple[Any, ...], list[int]]], limit: int
) -> None:
    with TemporaryDirectory() as folder:
        play(steps, limit, Path(folder) / "tenant.db")


@profile(0.5)
@given(HISTORIES, st.integers(1, 4))
def test_client_holds_what_a_tenant_on_a_server_shows(
    postgresql: Postgres, steps: list[tuple[tuple[Any, ...], list[int]]], limit: int
) -> None:
    with postgresql.database() as server:
        play(steps, limit, server)


def play(steps: list[tuple[tuple[Any, ...], list[int]]], limit: int, place: Path | Server) -> None:
    with closing(World(place)) as world:
        types = ("user", "group", "contact")
        clients = [Client(type_, limit) for type_ in types]
        world.export(*(user(f"user-{name}") for name in NAMES), group("group-ann"))
        for step, readers in steps:
            do(world, step)
            for reader in readers:
                with world.tenant.one_state():
                    clients[reader].read(world.tenant.delta)
        for client in clients:
            while not client.read(world.tenant.delta):
                pass  # the round that was begun may miss what happened before its end
            while not client.read(world.tenant.delta):
                pass
        held = [(client.known, client.members) for client in clients]

        assert held == [truth(world, type_) for type_ in types]
