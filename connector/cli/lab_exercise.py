"""``connector lab exercise``: a broken lab, a task, and a look whether it is mended."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import completion, output
from connector.cli.narration import Printed, SilentNarrator
from connector.cli.output import Json
from connector.cli.signals import end_in_good_order

if TYPE_CHECKING:
    from connector.lab.exercises.exercise import Exercise
    from connector.lab.lab import Up
    from connector.lab.stage import Ending

NOT_YET = 1
_FOLDER = Path("connector-exercise")
_ACTIONS = ("list", "start", "check", "solve")


def exercise(
    action: Annotated[
        str,
        typer.Argument(
            metavar="list|start|check|solve|NAME",
            help="What to do; a name alone starts that exercise.",
            autocompletion=completion.exercise,
        ),
    ] = "list",
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="Which one to start.", autocompletion=completion.exercise_name
        ),
    ] = None,
    path: Annotated[
        Path, typer.Option("--path", metavar="DIR", help="The folder of the exercise's own lab.")
    ] = _FOLDER,
    json: Json = False,
) -> None:
    """Mend a lab that is broken: a task, a check, and the mend if you want to see it.

    Start makes a lab of its own on a private slapd, breaks it and tells what people complain about. Check says
    whether it is mended, and changes nothing. Solve mends it before your eyes. connector lab down ends it.

    Examples:
      $ connector lab exercise list
      $ connector lab exercise start conflict
      $ connector lab exercise check
      $ connector lab exercise solve
      $ connector lab down --path connector-exercise --yes

    Exit codes:
      0    done; for check: it is mended
      1    it is not mended yet: what does not hold is named
      2    there is no such exercise, or no slapd to play it on
      130  interrupted: nothing stays of a start
    """
    from connector.lab.exercises import EXERCISES

    if action not in _ACTIONS and name is None:
        action, name = "start", action
    if action not in _ACTIONS or (name is not None and name not in EXERCISES):
        wrong = action if action not in _ACTIONS else name
        raise typer.BadParameter(
            f"there is no exercise {wrong!r}: connector lab exercise list names them",
            param_hint="NAME",
        )
    if action == "list":
        _list(list(EXERCISES.values()), json=json)
    elif action == "start":
        if name is None:
            raise typer.BadParameter("say which: connector lab exercise list names them")
        _start(EXERCISES[name], path)
    else:
        _look(action, name, path, json=json)


def _list(exercises: list[Exercise], *, json: bool) -> None:
    if json:
        output.as_json(
            [{"name": each.name, "title": each.title, "task": each.task} for each in exercises]
        )
        return
    output.names(("Exercise", "What it is about"), ((each.name, each.title) for each in exercises))


def _start(chosen: Exercise, path: Path) -> None:
    from connector.cli.progress import progress
    from connector.lab.exercising import start

    with end_in_good_order(), progress() as bars:
        found = start(chosen, path, SilentNarrator(), bars)
    narrator = Printed()
    narrator.heading(f"{chosen.title} ({chosen.name})")
    narrator.say(chosen.task)
    output.line()
    _say_what_next(chosen, found, path)


def _say_what_next(chosen: Exercise, found: Up, path: Path) -> None:
    from connector.lab import reach

    settings = shlex.quote(str(found.folder.settings_file))
    where = _where(path)
    output.line("What to type to look around:")
    output.to_type(
        [*reach.lines(elsewhere=False), f"export CONNECTOR_CONFIG={settings}", *chosen.looks]
    )
    output.line("The settings are this file:")
    output.to_type([settings])
    output.line("Changes of the directory:")
    output.to_type([found.changes])
    output.line("Is it mended? What is the mend? And the end of it:")
    output.to_type(
        [
            f"connector lab exercise check{where}",
            f"connector lab exercise solve{where}",
            f"connector lab down --path {shlex.quote(str(path))} --yes",
        ]
    )


def _where(path: Path) -> str:
    return "" if path == _FOLDER else f" --path {shlex.quote(str(path))}"


def _look(action: str, name: str | None, path: Path, *, json: bool) -> None:
    from connector.lab import exercising

    chosen = exercising.begun(path)
    if name not in {None, chosen.name}:
        raise typer.BadParameter(
            f"the exercise in {path} is {chosen.name}, not {name}", param_hint="NAME"
        )
    narrator = SilentNarrator() if json else Printed()
    if width := output.width():
        os.environ[output.WIDTH] = str(width)  # for the commands whose output it shows
    with end_in_good_order():
        do = exercising.check if action == "check" else exercising.solve
        ending = do(chosen, path, narrator)
    if json:
        output.as_json(
            {
                "exercise": ending.story,
                "holds": ending.missed is None,
                "sentences": list(ending.sentences),
                "missed": ending.missed,
            },
            whole=True,
        )
    else:
        _sum_up(ending, path)
    if ending.missed:
        raise typer.Exit(NOT_YET)


def _sum_up(ending: Ending, path: Path) -> None:
    if ending.missed:
        typer.secho(f"{ending.story}: this does not hold yet: {ending.missed}", fg="red", err=True)
        return
    from connector.lab.stories import STORIES

    output.line("It is mended.", bold=True)
    output.line("What to type next:")
    output.to_type(
        [
            f"connector lab down --path {shlex.quote(str(path))} --yes",
            *([f"connector lab story {ending.story}"] if ending.story in STORIES else []),
            "connector lab exercise list",
        ]
    )
