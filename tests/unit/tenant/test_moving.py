"""A tenant arrives as it was, whichever engine it goes to; a move that breaks off leaves one to go on with."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import InstanceLocked, StorageUnusable, TenantMoved
from connector.ports import SILENT, Silent
from connector.tenant.moved import MOVED, Move
from connector.tenant.moving import move, take_back
from connector.tenant.opening import any_store_at, name_of
from connector.tenant.postgresql.server import open_connection
from tests.unit.tenant.verbs import World, group, members, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.tenant.moving import Moved
    from connector.tenant.opening import Place
    from connector.tenant.ports import Store
    from tests.postgresql import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest) -> str:
    """The engine that a tenant goes to."""
    return str(request.param)


@pytest.fixture
def new_place(tmp_path: Path, other: str, postgresql: Postgres) -> Place:
    """A place where nothing is."""
    return tmp_path / "new.db" if other == "sqlite" else postgresql.make(migrated=False)


def moved(
    origin: Place,
    to: Place,
    progress: Any = SILENT,
    key: str = "k",
    at: str = "2026-11-23T08:00:00Z",
) -> Moved:
    with ExitStack() as stack:
        source, target = (
            stack.enter_context(closing(any_store_at(place))) for place in (origin, to)
        )
        this = Move(key, source.identity(), name_of(origin), name_of(to), at)
        return move(source, target, this, progress)


def dump(place: Place) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables."""
    store = any_store_at(place)
    found = {table.name: list(store.tables.rows(table)) for table in store.tables.all()}
    store.close()
    return found


def with_a_bit_of_everything(world: World) -> World:
    world.export(user("ann", None, "SMTP:ann@contoso.com", "smtp:a@contoso.com"), user("bob"))
    world.export(group("staff"), user("eve", "ann@contoso.com", "smtp:a@contoso.com"))
    world.export(members(group("staff"), add=("ann", "bob")))
    world.export(members(group("staff"), remove=("bob",)))
    world.tenant.administrator.delete("bob@contoso.com")
    world.tenant.administrator.set_feature("BlockSoftMatch", enabled=True)
    return world


def test_both_engines_have_the_same_tables(tmp_path: Path, postgresql: Postgres) -> None:
    stores: list[Store] = [any_store_at(tmp_path / "tenant.db"), any_store_at(postgresql.make())]
    one, another = (store.tables.all() for store in stores)
    for store in stores:
        store.close()

    assert one == another
    assert {"object", "claim", "provisioning_error", "link", "removed", "state", "client"} <= {
        table.name for table in one
    }
    assert [table.name for table in one if not table.key] == []


def test_a_tenant_arrives_as_it_was(make_world: Callable[..., World], new_place: Place) -> None:
    world = with_a_bit_of_everything(make_world())
    before = dump(world.place)
    cookie, moment = world.tenant.position(), world.tenant.delta.now()
    world.close()

    done = moved(world.place, new_place)

    assert dump(new_place) == before
    assert {copied.name: copied.rows for copied in done.tables} == {
        name: len(rows) for name, rows in before.items()
    }
    there = World(new_place)
    assert there.tenant.refusal(cookie) is None
    assert list(there.tenant.read_back(cookie)[0]) == []
    assert there.tenant.delta.knows(moment)
    assert there.export(user("zoe"))[0].action == "added"
    there.close()


def test_the_old_tenant_is_refused_and_can_be_taken_back(
    make_world: Callable[..., World], new_place: Place
) -> None:
    world = with_a_bit_of_everything(make_world())
    world.close()
    moved(world.place, new_place)
    where = name_of(new_place)

    with pytest.raises(StorageUnusable, match="until it was moved to ") as caught:
        world.open()
    old = any_store_at(world.place)
    taken = take_back(old)
    old.close()

    assert f'[tenant] database = "{where}"' in str(caught.value)
    assert taken is not None
    assert taken.to == where
    world.tenant = world.open()
    assert sorted(world.upns()) == ["Ann", "Eve"]


def test_a_place_with_a_tenant_is_refused(
    make_world: Callable[..., World], new_place: Place
) -> None:
    world = make_world()
    world.export(user("ann"))
    there = World(new_place)
    there.export(user("bob"))
    there.close()
    before = dump(new_place)
    world.close()

    with pytest.raises(StorageUnusable, match="has a tenant already, and a move never writes over"):
        moved(world.place, new_place)

    assert dump(new_place) == before
    world.tenant = world.open()
    assert world.upns() == {"Ann": "ann@contoso.com"}


class Killed(Exception):
    """The process is killed here."""


class Kill(Silent):
    """Somebody who watches, and has the process killed at a piece of work."""

    def __init__(self, piece: str) -> None:
        self.piece = piece

    def begin(self, name: str, total: int | None = None) -> None:
        del total
        if name == self.piece:
            raise Killed


@pytest.mark.parametrize("piece", ["Moving change", "Moving object", "Checking the read-back"])
def test_a_move_that_breaks_off_leaves_the_old_tenant_and_can_be_repeated(
    make_world: Callable[..., World], new_place: Place, piece: str
) -> None:
    world = with_a_bit_of_everything(make_world())
    world.close()
    with pytest.raises(Killed):
        moved(world.place, new_place, Kill(piece))

    with pytest.raises(StorageUnusable, match=r"was interrupted\. Run it again"):
        World(new_place)
    world.tenant = world.open()
    world.export(user("zoe"))
    world.close()
    before = dump(world.place)
    moved(world.place, new_place, key="another")

    assert dump(new_place) == before


def test_a_move_that_breaks_off_at_its_end_is_finished(
    make_world: Callable[..., World], new_place: Place
) -> None:
    world = with_a_bit_of_everything(make_world())
    world.close()
    moved(world.place, new_place)
    unfinished(world.place, new_place)

    done = moved(world.place, new_place, key="another")

    assert done.tables == []
    World(new_place).close()


def unfinished(origin: Place, to: Place) -> None:
    """Have both places as they are when a move is killed right before its last step."""
    source, target = any_store_at(origin), any_store_at(to)
    with target.tables.alone():
        target.set_state("arriving", source.state(MOVED) or "")
    source.close()
    target.close()


def test_what_another_move_left_is_refused(
    make_world: Callable[..., World], new_place: Place
) -> None:
    one, another = make_world(), make_world()
    one.export(user("ann"))
    another.export(user("bob"))
    one.close()
    another.close()
    with pytest.raises(Killed):
        moved(one.place, new_place, Kill("Moving object"))

    with pytest.raises(StorageUnusable, match="a part of another tenant"):
        moved(another.place, new_place)


def test_a_moved_tenant_moves_nowhere_else(
    make_world: Callable[..., World], new_place: Place, tmp_path: Path
) -> None:
    world = make_world()
    world.export(user("ann"))
    world.close()
    moved(world.place, new_place)

    with pytest.raises(StorageUnusable, match="until it was moved to"):
        moved(world.place, tmp_path / "third.db")


def test_what_did_not_arrive_is_noticed(tmp_path: Path, new_place: Place) -> None:
    """A trigger stands for whatever may change a row on its way."""
    world = with_a_bit_of_everything(World(tmp_path / "tenant.db"))
    world.close()
    any_store_at(new_place).close()
    if isinstance(new_place, Path):
        with closing(sqlite3.connect(new_place)) as file:
            file.execute(
                "CREATE TRIGGER odd AFTER INSERT ON link BEGIN "
                "UPDATE link SET changed = 77 WHERE parent = NEW.parent; END"
            )
    else:
        with open_connection(new_place) as connection:
            connection.execute(
                "CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql "
                "AS $$ BEGIN NEW.changed := 77; RETURN NEW; END $$"
            )
            connection.execute(
                "CREATE TRIGGER odd BEFORE INSERT ON link FOR EACH ROW EXECUTE FUNCTION odd()"
            )

    with pytest.raises(StorageUnusable, match="did not arrive as it was: link has 1 rows, digest"):
        moved(world.place, new_place)

    world.tenant = world.open()
    world.close()


def test_what_a_server_cannot_keep_is_named(tmp_path: Path, postgresql: Postgres) -> None:
    world = with_a_bit_of_everything(World(tmp_path / "tenant.db"))
    store = world.tenant._store
    with store.transaction():
        store.set_state("odd", "a\0b")
    world.close()
    server = postgresql.make()

    with pytest.raises(StorageUnusable, match=r"cannot keep a row of state \(\{'name': 'odd'\}\)"):
        moved(world.place, server)

    world.tenant = world.open()
    world.close()


def test_a_server_in_use_is_left_alone(
    make_world: Callable[..., World], new_place: Place, postgresql: Postgres
) -> None:
    world = make_world()
    world.export(user("ann"))
    world.close()
    with postgresql.database() as server:
        other = World(server)
        other.tenant.counts()
        with pytest.raises(InstanceLocked, match=r"in use by other connectors \(\d connections\)"):
            moved(server, new_place)
        other.close()


def test_a_connector_that_had_a_moved_tenant_open_is_refused_too(
    postgresql: Postgres, tmp_path: Path
) -> None:
    """It comes back after its connections were lost, and the move came in between."""
    with postgresql.database() as server:
        world = World(server)
        world.export(user("ann"))
        world.tenant._store._session.let_go()  # type: ignore[attr-defined]
        moved(server, tmp_path / "new.db")

        with pytest.raises(TenantMoved, match="until it was moved to"):
            world.export(user("bob"))
        world.close()


def test_a_database_with_other_tables_is_refused(tmp_path: Path, postgresql: Postgres) -> None:
    world = World(tmp_path / "tenant.db")
    world.export(user("ann"))
    world.close()
    server = postgresql.make()
    with open_connection(server) as connection:
        connection.execute("CREATE TABLE invoice (number bigint PRIMARY KEY)")

    with pytest.raises(StorageUnusable, match="has these tables: invoice"):
        moved(world.place, server)

    world.tenant = world.open()
    world.close()
