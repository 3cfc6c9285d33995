"""Begin an exercise in a lab of its own, look whether it is mended, and mend it."""

from __future__ import annotations

import os
import shlex
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.errors import LabUnusable
from connector.lab import lab
from connector.lab.exercises import EXERCISES
from connector.lab.exercises.exercise import Bench
from connector.lab.folder import LabFolder
from connector.lab.stage import Ending, ExpectationMissed
from connector.ports import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from connector.lab.exercises.exercise import Exercise
    from connector.lab.lab import Up
    from connector.lab.stage import Narrator
    from connector.ports import Progress

_NOTE = "exercise"


def start(exercise: Exercise, path: Path, silent: Narrator, progress: Progress = SILENT) -> Up:
    """Make a lab on a private slapd in a new folder, and break it; an interruption leaves nothing.

    Raises LabUnusable, also where the folder has a lab already.
    """
    folder = LabFolder(path)
    if folder.state() is not None:
        raise LabUnusable(
            f"{folder.path} has a lab already: connector lab down --path {shlex.quote(str(path))} "
            "takes it down"
        )
    if exercise.root and os.geteuid():
        raise LabUnusable(f"{exercise.name} mounts a small disk, which only root can: run it so")
    found = lab.up(path, "slapd", progress=progress)
    try:
        (folder.path / _NOTE).write_text(exercise.name, encoding="utf-8")
        with _bench(folder, silent) as bench:
            bench.run("sync", "--policy", "initial")
            exercise.spoil(bench)
    except ExpectationMissed as error:
        lab.down(path, lambda _: True)
        raise LabUnusable(f"the lab could not be broken as it should: {error}") from error
    except BaseException:
        lab.down(path, lambda _: True)
        raise
    return found


def begun(path: Path) -> Exercise:
    """Return the exercise of a folder; raises LabUnusable where none was started."""
    try:
        return EXERCISES[(path / _NOTE).read_text(encoding="utf-8")]
    except (OSError, KeyError) as error:
        raise LabUnusable(
            f"there is no exercise in {path.absolute()}: connector lab exercise list names them"
        ) from error


def check(exercise: Exercise, path: Path, narrator: Narrator) -> Ending:
    """Look whether all holds that must hold, and say what does; nothing is changed."""
    return _carried_out(exercise, exercise.check, path, narrator)


def solve(exercise: Exercise, path: Path, narrator: Narrator) -> Ending:
    """Mend the lab before the reader's eyes, as the documents say, then look as ``check`` does."""

    def mended(bench: Bench) -> None:
        exercise.solve(bench)
        exercise.check(bench)

    return _carried_out(exercise, mended, path, narrator)


def _carried_out(
    exercise: Exercise, steps: Callable[[Bench], None], path: Path, narrator: Narrator
) -> Ending:
    with _bench(LabFolder(path), narrator) as bench:
        missed = None
        try:
            steps(bench)
        except ExpectationMissed as error:
            missed = str(error)
        return Ending(exercise.name, bench.sentences, missed, 0.0)


@contextmanager
def _bench(folder: LabFolder, narrator: Narrator) -> Iterator[Bench]:
    with lab.opened(folder.path) as server:
        yield Bench(folder, server, narrator)
