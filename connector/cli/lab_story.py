"""``connector lab story``: a behavior of the service, played step by step and checked."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from connector.cli import completion, output
from connector.cli.narration import Printed, SilentNarrator
from connector.cli.output import Json
from connector.cli.rules_export import contents
from connector.cli.signals import end_in_good_order
from connector.cli.tenant_objects import pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.lab.stage import Ending, Narrator, Place, Story

Engine = Literal["auto", "docker", "slapd"]
MISSED = 1


def story(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|all|list",
            help="What to play; list names the stories.",
            autocompletion=completion.story,
        ),
    ],
    engine: Annotated[
        Engine,
        typer.Option(
            "--engine",
            help="Where to play: slapd on this machine, docker, or slapd where it is installed (auto).",
            case_sensitive=False,
        ),
    ] = "auto",
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Hold a setting against the story, such as tenant.resiliency=false, and see what no "
            "longer holds.",
        ),
    ] = None,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve", help="Leave directory and daemon running at the end, until Ctrl-C."
        ),
    ] = False,
    pause: Annotated[
        bool, typer.Option("--pause", help="Wait for a key before each command and each change.")
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export",
            metavar="PATH",
            help="Play own-rules with what your own server exported, a folder or a file of XML.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Play a behavior of the service step by step, and check it.

    It says what happens, changes a directory of its own, runs the connector's own commands before your eyes
    and checks what it says. Directory and databases are gone afterwards; a lab is not touched. Stories of a
    known issue play it with its switch on and off.

    Examples:
      $ connector lab story list
      $ connector lab story sweep
      $ connector lab story upn --pause                            before an audience
      $ connector lab story all --json
      $ connector lab story upn --set tenant.resiliency=false      what no longer holds
      $ connector lab story contoso --serve                        then look around
      $ connector lab story own-rules --export exported            with the rules of your own server

    Exit codes:
      0    everything that it says holds
      1    a sentence does not hold: it is named
      2    there is no such story, or nothing to play it on
      130  interrupted: nothing stays
    """
    from connector.lab.stories import STORIES

    if name == "list":
        _list(STORIES.values(), json=json)
        return
    if name != "all" and name not in STORIES:
        raise typer.BadParameter(
            f"there is no story {name!r}: connector lab story list names them", param_hint="NAME"
        )
    if pause and json:
        raise typer.BadParameter("--json tells the sentences alone: there is nothing to pause")
    if export is not None and not (name in STORIES and STORIES[name].takes_export):
        raise typer.BadParameter(f"{name} has no use for an export", param_hint="--export")
    files = {} if export is None else contents(export)
    if width := output.width():
        os.environ[output.WIDTH] = str(
            width
        )  # for the commands of the story, whose output it shows
    fixed = {key: str(value) for key, value in pairs(set_ or ()).items()}
    chosen = list(STORIES.values()) if name == "all" else [STORIES[name]]
    with end_in_good_order():
        narrator = SilentNarrator() if json else _narrator(pause=pause)
        outcomes = [_play(each, engine, fixed, narrator, files, serve=serve) for each in chosen]
    if json:
        output.as_json([_as_json(outcome) for outcome in outcomes], whole=True)
    else:
        _sum_up(outcomes)
        _say_what_next(outcomes, list(STORIES), served=serve)
    if any(outcome.missed for outcome in outcomes):
        raise typer.Exit(MISSED)


def _list(stories: Iterable[Story], *, json: bool) -> None:
    if json:
        output.as_json(
            [{"name": each.name, "title": each.title, "rule": each.rule} for each in stories]
        )
        return
    output.names(("Story", "What it plays"), ((each.name, each.title) for each in stories))


def _narrator(*, pause: bool) -> Narrator:
    if not pause:
        return Printed()
    from connector.cli.pausing import Paused, can_pause

    if can_pause():
        return Paused()
    output.note("No terminal to press a key at: the story goes on without a pause.")
    return Printed()


def _play(
    chosen: Story,
    engine: Engine,
    fixed: Mapping[str, str],
    narrator: Narrator,
    export: Mapping[str, bytes],
    *,
    serve: bool,
) -> Ending:
    from connector.cli.progress import progress
    from connector.lab.choice import place
    from connector.lab.stage import play

    narrator.heading(f"{chosen.title} ({chosen.name})")
    narrator.say(f'"{chosen.rule}"')
    with ExitStack() as stack:
        with progress() as bars:
            its_own = stack.enter_context(place(engine, bars))
        narrator.say(f"Played with {its_own.description()}.")
        outcome = play(chosen, its_own, narrator, fixed, export)
        if serve and not outcome.missed:
            _serve(its_own, {**chosen.settings, **fixed})
    return outcome


def _serve(place: Place, settings: Mapping[str, str]) -> None:
    """Leave the place to a person, with a daemon that runs until it ends or this process is told to."""
    output.line()
    output.line("Directory and daemon run until Ctrl-C. In another terminal:")
    output.line()
    output.to_type(place.directions())
    output.line()
    if pages := place.pages(settings):
        output.line("In a browser, with the password that the second line shows:")
        output.line()
        output.to_type(pages)
        output.line()
    place.serve(settings)


def _sum_up(outcomes: list[Ending]) -> None:
    missed = [outcome for outcome in outcomes if outcome.missed]
    output.line()
    for outcome in missed:
        typer.secho(f"{outcome.story}: this does not hold: {outcome.missed}", fg="red", err=True)
    if missed and len(outcomes) > 1:
        output.note(f"{len(missed)} of {len(outcomes)} stories did not go as they should.")
    elif not missed:
        count = "The story is" if len(outcomes) == 1 else f"{len(outcomes)} stories are"
        output.line(f"{count} over; everything went as it should.", hanging=0, bold=True)


def _say_what_next(outcomes: list[Ending], names: list[str], *, served: bool) -> None:
    """Say what to type after a story that went as it should; the lines can be pasted."""
    if any(outcome.missed for outcome in outcomes):
        return
    from connector.lab import reach

    last = outcomes[-1].story
    following = names[names.index(last) + 1 :][:1]
    alone = len(outcomes) == 1
    steps = [
        *reach.lines(elsewhere=False),
        *(f"connector lab story {name}" for name in following),
        *([f"connector lab story {last} --serve"] if alone and not served else []),
        "connector lab exercise list",
        *([] if following else ["connector lab up"]),
    ]
    output.line("What to type next:")
    output.to_type(steps)


def _as_json(outcome: Ending) -> dict[str, Any]:
    return {
        "story": outcome.story,
        "holds": outcome.missed is None,
        "sentences": list(outcome.sentences),
        "missed": outcome.missed,
        "seconds": round(outcome.seconds, 2),
    }
