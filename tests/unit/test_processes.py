"""A process that is started beside this one is left alone by signals, and its end is heard of."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from connector import processes

SECONDS = 30


@pytest.mark.parametrize("module", ["connector.decoder", "connector.tenant.served"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_all_processes_does_not_end_one_that_is_being_started(
    module: str, number: signal.Signals
) -> None:
    process, channel = processes.start(module)
    os.kill(process.pid, number)

    channel.close()

    assert process.wait(SECONDS) == 0


def test_this_process_gets_its_signals_again_once_another_one_is_started() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())

    process, channel = processes.start("connector.decoder")
    channel.close()
    process.wait(SECONDS)

    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_the_number_of_a_process_that_was_waited_for_is_not_waited_for_again() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(SECONDS)
    process.pid = os.getpid()  # as the system gives numbers of processes that are gone to others
    waiting = threading.Thread(target=processes.await_end, args=(process,), daemon=True)

    waiting.start()
    waiting.join(SECONDS)

    assert not waiting.is_alive()


def test_a_python_without_descriptors_of_processes_waits_as_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    processes.await_end(process)

    process.communicate(b"\n", timeout=SECONDS)
    assert process.returncode == 0
