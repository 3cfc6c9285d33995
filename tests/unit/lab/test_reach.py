"""How another terminal gets the command, by where this one found it."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from connector.lab import reach

if TYPE_CHECKING:
    from pathlib import Path


def program(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def venv(tmp_path, monkeypatch):
    """An environment, not active, in a folder with a space in its name."""
    folder = tmp_path / "my venv"
    program(folder / "bin", "connector")
    program(folder / "bin", "activate")
    monkeypatch.setattr(sys, "prefix", str(folder))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    return folder


@pytest.mark.parametrize("elsewhere", [True, False])
def test_an_environment_that_is_not_active_is_activated(venv, elsewhere):
    assert reach.lines(elsewhere=elsewhere) == [f"source '{venv}/bin/activate'"]


def test_one_that_is_active_here_has_to_be_activated_elsewhere(venv, monkeypatch):
    monkeypatch.setenv("PATH", str(venv / "bin"))

    found = reach.lines(elsewhere=False), reach.lines(elsewhere=True)

    assert found == ([], [f"source '{venv}/bin/activate'"])


def test_a_command_that_everybody_finds_needs_nothing(venv, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(program(tmp_path / "usr", "connector").parent))

    assert reach.lines(elsewhere=True) == []


def test_without_a_command_the_python_of_this_process_stands_in(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "executable", "/opt/my python")
    monkeypatch.setenv("PATH", str(tmp_path))

    [line] = reach.lines(elsewhere=True)

    assert shlex.split(line) == ["alias", "connector='/opt/my python' -m connector"]
