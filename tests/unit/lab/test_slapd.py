"""A tool of the server that does not read what it is told keeps nobody waiting."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from connector.lab import slapd

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_an_interrupt_ends_a_tool_that_reads_nothing() -> None:
    with subprocess.Popen(["sleep", "60"], stdin=subprocess.PIPE) as tool:

        def interrupted() -> Iterator[str]:
            fill(tool)
            yield "dn: cn=ann"
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            slapd._feed(tool, interrupted())

    assert tool.returncode == -signal.SIGKILL


def fill(tool: subprocess.Popen[bytes]) -> None:
    assert tool.stdin
    descriptor = tool.stdin.fileno()
    os.set_blocking(descriptor, False)
    with suppress(BlockingIOError):
        while True:
            os.write(descriptor, b"x" * 4096)
    os.set_blocking(descriptor, True)
