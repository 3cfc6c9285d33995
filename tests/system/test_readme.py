"""The command blocks of the README, run as they stand there, in their order."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.system.commandline import CommandLine
from tests.system.slapd_world import SlapdWorld

README = Path(__file__).parents[2] / "README.md"


def commands():
    """The commands that stand in the README's blocks, without what explains them."""
    text = README.read_text(encoding="utf-8")
    blocks = text[text.index("## Beside your own test directory") :]
    lines = re.findall(r"^    (connector .*)$", blocks, re.MULTILINE)
    return [re.split(r"\s{3,}", line)[0] for line in lines]


@pytest.fixture
def connector(tmp_path):
    world = SlapdWorld(tmp_path / "slapd")
    ann = world.user("ann", upn="joe@contoso.com")
    (tmp_path / "change.ldif").write_text(
        f"dn: {ann}\nchangetype: modify\nreplace: displayName\ndisplayName: Ann Two\n-\n"
    )
    right = {"url": world.slapd.url, "bind_dn": world.slapd.admin, "password": world.password}
    yield CommandLine(tmp_path, right)
    world.close()


def test_every_command_of_the_readme_works_as_it_stands_there(connector):
    found = commands()
    codes = {}

    for command in found:
        codes[command] = run(connector, shlex.split(command)[1:])

    # 1 is said where there is something to see: changes to make, findings, differences.
    assert {command: code for command, code in codes.items() if code not in {0, 1}} == {}
    assert len(found) >= 14


def run(connector, arguments):
    match arguments:
        case ["init"]:
            empty = connector.path / "empty"
            empty.mkdir()
            return start(connector, arguments, cwd=empty, env={"CONNECTOR_CONFIG": ""}).wait(60)
        case ["run"]:
            daemon = start(connector, arguments, cwd=connector.path)
            started = len(connector.logged("cycle.finished"))
            wait_for(lambda: len(connector.logged("cycle.finished")) > started)
            daemon.send_signal(signal.SIGTERM)
            return daemon.wait(60)
        case _:
            return start(connector, arguments, cwd=connector.path).wait(60)


def wait_for(condition):
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail("the daemon finished no cycle within half a minute")


def start(connector, arguments, *, cwd, env=None):
    return subprocess.Popen(
        [sys.executable, "-m", "connector", *arguments],
        cwd=cwd,
        env={**connector.environment, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
