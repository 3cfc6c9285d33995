"""The first signal asks to stop, the second one insists, and the handlers of before come back."""

from __future__ import annotations

import signal

import pytest

from connector.daemon.interrupt import stop_on_interrupt


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_only_asks(number):
    with stop_on_interrupt() as stop:
        before = stop()
        signal.raise_signal(number)
        after = stop()

    assert (before, after) == (False, True)


def test_the_second_signal_interrupts():
    with stop_on_interrupt():
        signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_afterwards_all_is_as_before():
    before = signal.getsignal(signal.SIGINT)

    with stop_on_interrupt():
        pass

    assert signal.getsignal(signal.SIGINT) is before
