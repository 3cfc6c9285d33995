from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
LAB = ROOT / "compose" / "lab"


def demo(lab: Path, tmp_path: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "connector.lab.demo", "--lab", str(lab), *options],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_demonstration_holds_what_it_promises_and_leaves_nothing(tmp_path):
    with demo(LAB, tmp_path) as process:
        told = process.stdout.read()

    assert process.returncode == 0, told
    assert "everything went as it should" in told
    assert list(tmp_path.iterdir()) == []


def test_an_outcome_that_does_not_come_fails_the_demonstration_with_a_sentence(tmp_path):
    lab = tmp_path / "lab"
    shutil.copytree(LAB, lab)
    # Nobody gives up anything, so nothing can come back.
    (lab / "resolve.ldif").write_text("# nothing\n")
    folder = tmp_path / "tmp"
    folder.mkdir()

    with demo(lab, folder) as process:
        told = process.stdout.read()

    assert process.returncode == 1
    assert "this does not hold: the sweep took the resolved values out of quarantine" in told
    assert list(folder.iterdir()) == []


def test_a_terminated_demonstration_leaves_nothing(tmp_path):
    with demo(LAB, tmp_path, "--serve") as process:
        for line in process.stdout:
            if "In another terminal" in line:
                break
        [folder] = tmp_path.iterdir()
        server = int((folder / "slapd" / "slapd.pid").read_text())

        process.send_signal(signal.SIGTERM)

    assert process.returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
    assert not Path(f"/proc/{server}").exists()
