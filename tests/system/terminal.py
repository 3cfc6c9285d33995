"""A terminal of so many columns, on which a command runs."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DRAWN = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[^\n]*\r(?!\n)")
"""Colours, and what a bar of progress drew over."""

# What a terminal elsewhere says of itself.
_ELSEWHERE = frozenset({"COLUMNS", "LINES", "CONNECTOR_WIDTH", "NO_COLOR"})


def on_a_terminal(
    columns: int, *arguments: str, environment: Mapping[str, str] = os.environ
) -> tuple[int, str]:
    """Run the connector; return its exit code and what stays on the screen, without colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "connector", *arguments],
        env={
            **{name: text for name, text in environment.items() if name not in _ELSEWHERE},
            "TERM": "xterm",
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        text = _read(ours)
        os.close(ours)
        code = process.wait()
    return code, _DRAWN.sub("", text.replace("\r\n", "\n"))


def _read(terminal: int) -> str:
    """Read until nobody has the terminal open, which Linux tells as an error."""
    parts = []
    try:
        while part := os.read(terminal, 65536):
            parts.append(part)
    except OSError:
        pass
    return b"".join(parts).decode("utf-8", "replace")
