"""Set up every test: how hypothesis searches, and that a test leaves nothing running."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

# Both without a deadline: the machine may be busy with other tests. A build must give the same answer
# for the same commit, so there the examples are always the same; elsewhere every run looks further. A build
# also tells at once what fails: to make an example smaller can take ten minutes, and is done elsewhere with
# the line that the build prints.
settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    print_blob=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if "CI" in os.environ else "dev")
)

# A machine that is busy takes its time; only a test that fails waits for all of it.
GRACE = 30.0


def pytest_configure() -> None:
    """End as at Ctrl-C when told to in another way, so that servers are taken down; once is enough.

    Ctrl-C counts too where it is ignored at first, as it is by what a script starts with ``&``.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number == signal.SIGINT or signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    raise KeyboardInterrupt


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Make what the server of a site needs and takes long to make."""
    from tests import sites  # noqa: PLC0415 - most tests need none

    return sites.make_once(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def postgresql():
    """Run a PostgreSQL for all tests of this process, in a folder that its user can get to."""
    from tests import postgresql as postgres  # noqa: PLC0415 - most tests need no driver

    memory = Path("/dev/shm")  # noqa: S108 - the folder is made with a name that nobody knows
    parent = memory if os.access(memory, os.W_OK) else None
    with (
        tempfile.TemporaryDirectory(prefix="tests-postgresql-", dir=parent) as folder,
        postgres.running(Path(folder)) as server,
    ):
        yield server


@pytest.fixture(autouse=True)
def nothing_is_left_running():
    """Fail a test that leaves a thread or a child process behind; those of wider fixtures may stay."""
    before = _running()
    yield
    left = _running() - before
    end = time.monotonic() + GRACE
    while left and time.monotonic() < end:
        time.sleep(0.01)
        left = _running() - before

    assert not left, f"left running: {', '.join(sorted(map(str, left)))}"


def _running() -> set[threading.Thread | str]:
    return {thread for thread in threading.enumerate() if thread.is_alive()} | set(_children())


def _children() -> list[str]:
    """Name the child processes, if the kernel lists them; none otherwise."""
    files = Path("/proc/self/task").glob("*/children")
    return [f"process {number}" for file in files for number in _text(file).split()]


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:  # the thread that it belongs to has ended
        return ""
