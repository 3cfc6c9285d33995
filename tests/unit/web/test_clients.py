"""Who is too many or too slow is hung up on, and never somebody who waits for an answer."""

from __future__ import annotations

import pytest

from connector.web.clients import MOST, Clients, State


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


class Connection:
    """A socket that knows whether it was shut down."""

    is_open = True

    def shutdown(self, how):
        self.is_open = False


class Transport:
    """A transport with bytes that its client does not take."""

    def __init__(self, unread=0):
        self.unread = unread
        self.is_open = True
        self.closing = False

    def get_write_buffer_size(self):
        return self.unread

    def is_closing(self):
        return self.closing

    def abort(self):
        self.is_open = False


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def clients(clock):
    return Clients(monotonic=clock)


def welcome(clients, clock, state=State.SILENT, transport=None):
    client = clients.welcome(Connection())
    client.transport = transport
    client.become(state, clock.now)
    clock.now += 0.01
    return client


def is_open(client):
    return client._connection.is_open if client.transport is None else client.transport.is_open


def full(clients, clock, *states):
    return [
        welcome(clients, clock, state)
        for state in [*states, *[State.ANSWERED] * (MOST - len(states))]
    ]


def test_the_one_that_has_sent_nothing_for_the_longest_makes_room(clients, clock):
    known = full(clients, clock, State.ANSWERED, State.ASKING, State.SILENT)
    fresh = welcome(clients, clock)

    assert [client for client in known if not is_open(client)] == [known[1]]
    assert (is_open(fresh), len(clients)) == (True, MOST)


def test_nobody_who_waits_for_an_answer_makes_room(clients, clock):
    known = full(clients, clock)

    assert clients.welcome(Connection()) is None
    assert all(map(is_open, known))


def test_where_all_are_answered_the_one_that_reads_nothing_makes_room(clients, clock):
    known = full(clients, clock)
    for client in known:
        client.transport = Transport()
    known[5].transport = Transport(unread=1000)
    refused = clients.welcome(Connection())
    clock.now += 3
    taken = clients.welcome(Connection())

    assert refused is None
    assert taken is not None
    assert [number for number, client in enumerate(known) if not is_open(client)] == [5]


@pytest.mark.parametrize(
    ("state", "seconds"),
    [(State.SILENT, 10), (State.ASKING, 10), (State.SENDING_BODY, 40), (State.ANSWERED, None)],
)
def test_each_state_has_its_time(clients, clock, state, seconds):
    client = welcome(clients, clock, state, Transport())
    clock.now = 100 + (seconds or 1000) - 1
    clients.sweep()
    early = is_open(client)
    clock.now += 1.5
    clients.sweep()

    assert (early, is_open(client)) == (True, seconds is None)


def test_sending_more_of_the_same_request_gives_no_more_time(clients, clock):
    client = welcome(clients, clock, State.ASKING)
    for _ in range(11):
        clock.now += 1
        client.become(State.ASKING, clock.now)
    clients.sweep()

    assert not is_open(client)


def test_who_does_not_read_an_answer_for_a_minute_is_hung_up_on(clients, clock):
    reader, idler = (welcome(clients, clock, State.ANSWERED, Transport(unread=1)) for _ in range(2))
    clients.sweep()
    clock.now += 59
    reader.transport.unread = 0
    clients.sweep()
    reader.transport.unread = 1
    clients.sweep()
    clock.now += 2
    clients.sweep()

    assert (is_open(reader), is_open(idler)) == (True, False)


def test_a_connection_that_does_not_close_is_ended(clients, clock):
    client = welcome(clients, clock, State.ANSWERED, Transport())
    client.transport.closing = True
    clients.sweep()
    clock.now += 6
    clients.sweep()

    assert not is_open(client)
