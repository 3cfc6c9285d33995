from __future__ import annotations

import os
import subprocess
import sys

from connector.lab.processes import command_line


def test_the_command_line_of_a_process_is_known():
    assert "pytest" in command_line(os.getpid()) or "python" in command_line(os.getpid())


def test_where_the_kernel_shows_no_processes_ps_tells(tmp_path, monkeypatch):
    ps = tmp_path / "ps"
    ps.write_text('#!/bin/sh\necho "told of $4"\n')
    ps.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    assert command_line(7, tmp_path / "none") == "told of 7\n"


def test_a_process_that_ended_has_none():
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()

    assert command_line(ended.pid) == ""
