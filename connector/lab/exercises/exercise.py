"""Define what an exercise is: a lab that is broken, a task, and what must hold when it is mended."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.errors import LabUnusable
from connector.lab.local import LocalPlace
from connector.lab.stage import ExpectationMissed, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from connector.lab.folder import LabFolder
    from connector.lab.server import LabServer
    from connector.lab.stage import Narrator


class Bench(Stage):
    """The steps that an exercise may take: those of a story, in the folder of a lab."""

    def __init__(self, folder: LabFolder, directory: LabServer, narrator: Narrator) -> None:
        super().__init__(LocalPlace(folder.path, directory), narrator, {}, {})
        self.folder = folder
        self.server = directory

    @property
    def settings_file(self) -> Path:
        return self.folder.settings_file

    def edit(self, old: str, new: str) -> None:
        """Replace a text of the settings file, without showing it."""
        text = self.settings_file.read_text(encoding="utf-8")
        if old not in text:
            raise LabUnusable(f"{self.settings_file} does not have {old!r}")
        self.settings_file.write_text(text.replace(old, new), encoding="utf-8")

    def shell(self, line: str) -> None:
        """Show a line and run it; one that fails ends the exercise."""
        self._narrator.command(line)
        done = subprocess.run(
            ["sh", "-c", line],
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        self._narrator.output(done.stdout + done.stderr)
        if done.returncode:
            raise ExpectationMissed(f"`{line}` ends with 0; it ended with {done.returncode}")

    def upns(self) -> list[str]:
        """Return the UPNs of all users of the tenant."""
        objects = self.json("objects")
        return [each["userPrincipalName"] for each in objects if each["objectType"] == "user"]

    def expect_a_good_run(self) -> None:
        """Check that the last run came to a good end, and that nothing waits for approval."""
        self.expect("nothing waits to be deleted", self.json("deletions")["count"] == 0)
        last = self.json("status")["lastRun"]
        self.expect("the last run ended with success", last["result"] == "success")


@dataclass(frozen=True, slots=True)
class Exercise:
    """A broken lab: ``spoil`` breaks it, ``check`` says what must hold, ``solve`` mends it.

    ``task`` is what the person who called for help says, ``looks`` are commands to begin with, ``mend``
    says in a sentence what ``solve`` does. ``root`` says that it needs root.
    """

    name: str
    title: str
    task: str
    looks: Sequence[str]
    mend: str
    spoil: Callable[[Bench], None]
    check: Callable[[Bench], None]
    solve: Callable[[Bench], None]
    root: bool = False
