"""What a tenant on a server costs a network: round trips, whose number does not grow with what is done.

Each test says how many there are today. One more costs a first export of 100,000 objects 0.7 s where a round trip
takes 10 ms; the author of a change that needs one less writes that down.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from connector.tenant.postgresql.server import server_at
from tests.round_trips import Counter, Network
from tests.unit.tenant.verbs import World, contact, delete, group, led, members, user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.postgresql import Postgres


class Counting:
    """A tenant behind a network, and the round trips of a block."""

    def __init__(self, network: Network, **settings: Any) -> None:
        self._network = network
        database = settings.pop("name")
        url = f"postgresql://postgres@127.0.0.1:{network.port}/{database}"
        self.world = World(server_at(url), **settings)
        # Statements are prepared when they are asked a second time, and connections made at the first.
        for number in range(3):
            self.world.export(user(f"first{number}"), group(f"g{number}"))
            self.world.tenant.position()
        self.trips = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        before = self._network.trips
        yield
        self.trips = self._network.trips - before


@pytest.fixture
def counting(postgresql: Postgres) -> Iterator[Callable[..., Counting]]:
    with ExitStack() as stack:

        def make(**settings: Any) -> Counting:
            network = stack.enter_context(Network(postgresql.folder))
            name = stack.enter_context(postgresql.database()).parameters["dbname"]
            made = Counting(network, name=name, **settings)
            stack.callback(made.world.close)
            return made

        yield make


def people(count: int, **properties: Any) -> list[Any]:
    """Return users of whom every tenth wants the UPN of another one, and one group and contact."""
    some = [
        user(f"u{n}", f"u{n - n % 10 if n % 10 == 9 else n}@contoso.com", **properties)
        for n in range(count)
    ]
    return [*some, group("team"), contact("carl")]


@pytest.mark.parametrize("count", [1, 300])
def test_a_batch_of_new_objects_takes_four(counting: Callable[..., Counting], count: int) -> None:
    made = counting()

    with made.counted():
        made.world.export(*people(count))

    assert made.trips == 4 + (count > 1)


@pytest.mark.parametrize("count", [1, 300])
def test_a_batch_of_changes_takes_three_and_conflicts_one_more(
    counting: Callable[..., Counting], count: int
) -> None:
    made = counting()
    made.world.export(*people(count))

    with made.counted():
        made.world.export(*people(count, jobTitle="Chief"))

    assert made.trips == 3 + (count > 1)


@pytest.mark.parametrize("count", [1, 300])
def test_a_batch_of_deletes_takes_three(counting: Callable[..., Counting], count: int) -> None:
    made = counting()
    made.world.export(*people(count))

    with made.counted():
        made.world.export(*map(delete, people(count)))

    assert made.trips == 3


@pytest.mark.parametrize("count", [1, 300])
def test_members_take_five_and_managers_five(counting: Callable[..., Counting], count: int) -> None:
    made = counting()
    made.world.export(*people(count))
    names = tuple(f"u{n}" for n in range(count))
    made.world.export(members(group("team"), add=names))

    with made.counted():
        made.world.export(members(group("team"), add=("carl",), remove=names))
    changed = made.trips
    with made.counted():
        made.world.export(*(led(user(name), "first0") for name in names))

    assert (changed, made.trips) == (5, 5)


def test_a_batch_that_comes_again_takes_three(counting: Callable[..., Counting]) -> None:
    made = counting()
    made.world.export(*people(30))

    with made.counted():
        made.world.tenant.export(f"batch {made.world.batches}", people(30))

    assert made.trips == 3


def test_the_position_takes_one(counting: Callable[..., Counting]) -> None:
    made = counting()

    with made.counted():
        made.world.tenant.position()

    assert made.trips == 1


def test_a_page_that_is_read_back_takes_seven(counting: Callable[..., Counting]) -> None:
    made = counting()
    _, cookie = made.world.tenant.read_back(None)
    made.world.export(*people(300))
    made.world.export(members(group("team"), add=("u1", "u2")))

    with made.counted():
        found, _ = made.world.tenant.read_back(cookie)
        read = list(found)

    assert (len(read), made.trips) == (302, 7)


@pytest.mark.parametrize("count", [20, 190])
def test_a_sweep_takes_as_many_however_much_it_releases(
    counting: Callable[..., Counting], count: int
) -> None:
    made = counting()
    holders = [user(f"h{n}", None, f"smtp:v{n}@contoso.com") for n in range(count)]
    made.world.export(*holders)
    made.world.export(*(user(f"w{n}", None, f"smtp:v{n}@contoso.com") for n in range(count)))
    made.world.export(*map(delete, holders))

    with made.counted():
        released = made.world.sweep()

    assert (len(released), made.trips) == (count, 17)


def test_messages_are_counted_in_whatever_pieces_they_come() -> None:
    start = b"\0\0\0\x08\x04\xd2\x16\x2f" + b"\0\0\0\x0a\0\x03\0\0ab"
    sent = start + b"P\0\0\0\x06xy" + b"S\0\0\0\x04" + b"Q\0\0\0\x08SSSS" + b"X\0\0\0\x04"

    counters = [Counter() for _ in range(1, 9)]
    for size, counter in enumerate(counters, 1):
        for at in range(0, len(sent), size):
            counter.read(sent[at : at + size])

    assert {counter.trips for counter in counters} == {4}
