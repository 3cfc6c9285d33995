"""Other commands and signals come while a run is in the middle of its work."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connector.daemon.control import ask
from tests.system.outcome import differences, everything, quarantines
from tests.system.proxy import entry
from tests.system.site import Site, a_site, change, synced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.system.commandline import CommandLine

OBJECTS = 600
PATIENCE = 60.0
# Who does not hear the signal waits for the directory for so long.
PATIENT = {"directory": {"timeout": "5m"}}
SMALL_BATCHES = "tests.system.small_batches"
STANDING_STILL = "tests.system.standing_still"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    for made in a_site(tmp_path_factory.mktemp("site"), objects=OBJECTS):
        change(made.world)
        yield made


@pytest.fixture(scope="module")
def undisturbed(site: Site) -> CommandLine:
    connector = site.connector("undisturbed")
    synced(connector)
    return connector


@pytest.fixture
def connector(site: Site, tmp_path: Path) -> Iterator[CommandLine]:
    """A connector that has not synced yet."""
    yield site.connector(tmp_path.name, **PATIENT)
    site.proxy.heal()


@pytest.fixture
def start(request: pytest.FixtureRequest) -> Callable[..., subprocess.Popen[str]]:
    def started(connector: CommandLine, *arguments: str) -> subprocess.Popen[str]:
        process = connector.start(*arguments)
        request.addfinalizer(process.communicate)
        request.addfinalizer(process.kill)
        return process

    return started


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.005)


def is_still(process: int) -> bool:
    """Tell whether a process was stopped by a signal, and waits for SIGCONT."""
    return "State:\tT" in Path(f"/proc/{process}/status").read_text()


@pytest.fixture
def at_work(site: Site, connector: CommandLine, start: Any) -> Callable[..., Any]:
    """Start a command and return it when it is in the middle of this step; in an export it stands still."""

    def begun(step: str, *command: str) -> subprocess.Popen[str]:
        if step == "import":
            site.proxy.hold(entry(OBJECTS // 2))
            process: subprocess.Popen[str] = start(connector, *command)
            assert site.proxy.holding.wait(PATIENCE)
            site.proxy.fault = None
        else:
            connector.module = STANDING_STILL
            process = start(connector, *command)
            connector.module = SMALL_BATCHES
            # It stands still by itself until the signal has reached it: the export takes a moment only.
            until(lambda: is_still(process.pid))
        return process

    return begun


# --- others ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "sync"])
def test_of_two_started_at_once_one_works_and_the_other_says_who_does(
    site: Site, connector: CommandLine, start: Any, command: str
) -> None:
    site.proxy.hold(entry(OBJECTS // 2))
    both = [start(connector, command) for _ in range(2)]
    until(lambda: any(each.poll() is not None for each in both))
    (refused,) = (each for each in both if each.poll() is not None)
    (working,) = (each for each in both if each is not refused)
    said = refused.stderr.read()
    assert site.proxy.holding.wait(PATIENCE)
    site.proxy.heal()
    until(lambda: connector.logged("cycle.finished"))
    working.terminate()
    working.wait(PATIENCE)

    assert refused.returncode == 75
    assert f"is in use by another connector (process {working.pid})" in said
    assert len(connector.logged("cycle.started")) == 1


def test_commands_that_look_are_answered_in_the_middle_of_a_run(
    site: Site, connector: CommandLine, at_work: Any
) -> None:
    daemon = at_work("import", "run")

    status = connector.json("status")
    objects, errors = connector.json("objects"), connector.json("errors")
    rehearsed = connector.json("sync", "--dry-run", codes=(1,))
    site.proxy.heal()
    until(lambda: connector.logged("cycle.finished"))
    daemon.terminate()

    assert (status["state"], objects, errors) == ("running", [], [])
    assert len(rehearsed["changes"]) == len(connector.json("objects"))
    assert daemon.wait(PATIENCE) == 0


def test_a_sweep_that_is_asked_for_in_the_middle_of_a_run_comes_after_it(
    site: Site, connector: CommandLine, at_work: Any, start: Any
) -> None:
    daemon = at_work("import", "run")
    swept = len(connector.logged("sweep.finished"))
    sweep = start(connector, "tenant", "sweep")
    with pytest.raises(subprocess.TimeoutExpired):
        sweep.wait(1.5)
    site.proxy.heal()
    code = sweep.wait(PATIENCE)
    daemon.terminate()
    daemon.wait(PATIENCE)

    told = [event["event"] for event in connector.events()]
    assert code == 0
    assert told.count("sweep.finished") > swept
    assert told.index("cycle.finished") < len(told) - told[::-1].index("sweep.finished")


def test_those_who_ask_for_a_sync_in_the_middle_of_one_get_the_next(
    site: Site, connector: CommandLine, at_work: Any, start: Any
) -> None:
    daemon = at_work("import", "run")
    asking = [start(connector, "sync") for _ in range(2)]
    time.sleep(1.5)
    site.proxy.heal()
    codes = [each.wait(PATIENCE) for each in asking]
    daemon.terminate()
    daemon.wait(PATIENCE)

    assert codes == [0, 0]
    assert len(connector.logged("cycle.finished")) in {2, 3}


# --- signals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["import", "export"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda each: each.name)
def test_a_daemon_told_to_stop_in_a_first_sync_does_so_and_the_next_run_goes_on(
    *,
    site: Site,
    connector: CommandLine,
    undisturbed: CommandLine,
    at_work: Any,
    step: str,
    number: signal.Signals,
) -> None:
    daemon = at_work(step, "run")
    if step == "import":
        until(lambda: ask(connector.storage, {"command": "status"}))

    daemon.send_signal(number)
    daemon.send_signal(signal.SIGCONT)
    code = daemon.wait(PATIENCE)
    site.proxy.heal()
    (stopped,) = connector.logged("daemon.stopped")
    (run,) = connector.logged("cycle.finished")

    assert (code, stopped["reason"], run["result"]) == (0, number.name, "stopped-user-termination")
    assert differences(synced(connector), everything(undisturbed)) == []
    assert quarantines(connector) == quarantines(undisturbed)


@pytest.mark.parametrize("step", ["import", "export"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda each: each.name)
def test_a_sync_that_is_interrupted_ends_and_the_next_one_goes_on(
    *,
    site: Site,
    connector: CommandLine,
    undisturbed: CommandLine,
    at_work: Any,
    step: str,
    number: signal.Signals,
) -> None:
    sync = at_work(step, "sync")

    sync.send_signal(number)
    sync.send_signal(signal.SIGCONT)
    code = sync.wait(PATIENCE)
    site.proxy.heal()
    (run,) = connector.logged("cycle.finished")

    assert (code, run["result"]) == (130, "stopped-user-termination")
    assert differences(synced(connector), everything(undisturbed)) == []
    assert quarantines(connector) == quarantines(undisturbed)
