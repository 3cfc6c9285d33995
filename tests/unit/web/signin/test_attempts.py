"""After ten failures within a minute an address waits, and no other one."""

from __future__ import annotations

from connector.web.signin.attempts import Attempts


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def failing(attempts, clock, client, times):
    for _ in range(times):
        attempts.fail(client)
        clock.now += 1


def test_the_tenth_failure_makes_an_address_wait_until_the_first_is_a_minute_old():
    clock = Clock()
    attempts = Attempts(monotonic=clock)
    failing(attempts, clock, "192.0.2.7", 9)
    waits = [attempts.wait("192.0.2.7")]
    failing(attempts, clock, "192.0.2.7", 1)
    waits += [attempts.wait("192.0.2.7"), attempts.wait("192.0.2.8")]
    clock.now = 1059.5
    waits.append(attempts.wait("192.0.2.7"))
    clock.now = 1060.0
    waits.append(attempts.wait("192.0.2.7"))

    assert waits == [None, 50, None, 1, None]


def test_the_addresses_of_one_network_of_ipv6_are_one_address():
    clock = Clock()
    attempts = Attempts(monotonic=clock)
    for number in range(10):
        attempts.fail(f"2001:db8:0:1::{number}")

    assert attempts.wait("2001:db8:0:1:ffff::1") == 60
    assert attempts.wait("2001:db8:0:2::1") is None
    assert attempts.wait("::ffff:192.0.2.1") is None


def test_old_failures_and_too_many_addresses_are_forgotten():
    clock = Clock()
    attempts = Attempts(monotonic=clock)
    failing(attempts, clock, "192.0.2.7", 10)
    for number in range(10_000):
        attempts.fail(f"10.0.{number // 256}.{number % 256}")

    assert attempts.wait("192.0.2.7") is None
