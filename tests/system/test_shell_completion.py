"""The completion works in a shell, installed the way the shell does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def bash(script: str, home: Path) -> str:
    """Run a script in bash, with this connector on the PATH and a home of its own."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={"HOME": str(home), "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_bash_completes_after_the_installation(tmp_path):
    said = bash("connector --install-completion; true", tmp_path)
    offered = bash(
        "source ~/.bashrc; COMP_WORDS=(connector tenant clo); COMP_CWORD=2;"
        ' $(complete -p connector | sed "s/.*-F \\([^ ]*\\).*/\\1/") connector; echo "$COMPREPLY"',
        tmp_path,
    )

    assert said.startswith(f"bash completion installed in {tmp_path}")
    assert offered == "clock\n"


def test_the_script_of_each_shell_can_be_had_for_a_package(tmp_path):
    for shell, mark in (("bash", "complete -o"), ("zsh", "#compdef"), ("fish", "complete --comm")):
        assert mark in bash(f"_CONNECTOR_COMPLETE=source_{shell} connector", tmp_path)
