"""``connector lab``: a directory to try things on, in a folder of its own."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from connector.cli import output
from connector.cli.lab_exercise import exercise
from connector.cli.lab_story import story
from connector.cli.pages import Commands
from connector.cli.signals import end_in_good_order
from connector.values.counting import counted

if TYPE_CHECKING:
    from connector.lab.lab import Up
    from connector.lab.seeding import Seeded

Engine = Literal["auto", "docker", "slapd", "samba"]
_FOLDER = Path("connector-lab")
_BIG = "big"

PathOption = Annotated[
    Path | None,
    typer.Option(
        "--path",
        metavar="DIR",
        help="The lab's folder: ./connector-lab, or that of CONNECTOR_CONFIG if it is a lab's.",
    ),
]

app = Commands(name="lab", no_args_is_help=True)


@app.callback()
def lab() -> None:
    """Make a directory to try things on, and play stories that show what the service does.

    The directory lives in a folder of its own, listens on 127.0.0.1 alone, and goes when it is taken down.
    A story has another one for itself: it runs the real commands step by step and checks what they do.

    Examples:
      $ connector lab up                     a directory with Contoso, and settings that point to it
      $ connector lab seed conflicts         objects that want what others have
      $ connector lab story list             what can be played
      $ connector lab story upn              a user whose sign-in name somebody has
      $ connector lab exercise list          labs that are broken, to mend
      $ connector lab down                   nothing stays
    """


@app.command()
def up(
    path: Annotated[
        Path, typer.Option("--path", metavar="DIR", help="The lab's folder: new, empty, or a lab.")
    ] = _FOLDER,
    engine: Annotated[
        Engine,
        typer.Option(
            "--engine",
            help="docker, slapd (a private one), samba (an Active Directory domain, as root), or docker where "
            "it can be had (auto).",
            case_sensitive=False,
        ),
    ] = "auto",
    empty: Annotated[
        bool, typer.Option("--empty", help="Leave it without the people of Contoso.")
    ] = False,
) -> None:
    """Bring a directory up, with settings that point to it.

    It is OpenLDAP with the lab's schema, seeded with Contoso: 300 users, groups and contacts. It runs in a
    container where a Docker engine answers, else as a slapd of this machine, until connector lab down. With
    --engine samba it is a real domain of Active Directory. Where it is there already, what of it does not run is started.

    Examples:
      $ connector lab up                     in ./connector-lab
      $ connector lab up --path /tmp/lab --engine slapd
      $ connector lab up --empty             with nobody in it
      $ connector lab up --engine samba      a domain of Active Directory; as root

    Exit codes:
      0    it is up
      2    nothing can run it, or the folder holds something else: nothing stays
      130  interrupted: nothing stays
    """
    from connector.cli.progress import progress
    from connector.lab import lab

    with end_in_good_order(), progress() as bars:
        found = lab.up(path, engine, empty=empty, progress=bars)
    if found.note:
        output.note(found.note)
    output.line(f"The lab {'was up already' if found.was else 'is up'}: {found.description}.")
    _say_what_next(found, empty=empty)


def _say_what_next(found: Up, *, empty: bool) -> None:
    from connector.lab import reach

    folder = found.folder
    where = "" if folder.path == _FOLDER.absolute() else f" --path {shlex.quote(str(folder.path))}"
    steps = [
        *reach.lines(elsewhere=False),
        f"export CONNECTOR_CONFIG={shlex.quote(str(folder.settings_file))}",
        *([f"connector lab seed contoso{where}"] if empty else []),
        "connector sync",
        "connector errors",
        f"connector lab seed conflicts{where}",
        "connector sync",
        "connector lab story list",
        "connector lab exercise list",
        f"connector lab down{where}",
    ]
    output.line("What to type next:")
    output.to_type(steps)
    output.line("Changes of your own:")
    output.to_type([found.changes])
    if found.pages:
        output.line(f"Pages, while a daemon runs (connector run): {found.pages}")
        output.line("Their password:")
        output.to_type([f"cat {shlex.quote(str(found.password))}"])
    output.line("Mails:")
    output.to_type([found.mails or f"ls {shlex.quote(str(folder.storage))}/mail/"])


@app.command()
def down(
    path: PathOption = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing, whatever is in the folder.")
    ] = False,
) -> None:
    """Stop the lab and remove everything that belongs to it.

    Containers, their network and volumes, and the folder go. It asks first where the folder holds something
    that you may want: files of yours, changed settings, snapshots, or where a daemon works on it. What a
    killed command left is removed too.

    Examples:
      $ connector lab down
      $ connector lab down --path /tmp/lab --yes

    Exit codes:
      0    it is gone, or there was none
      2    it stays: something in it may be wanted, or it cannot be stopped
    """
    from connector.lab import lab

    chosen = _chosen(path)
    removed = lab.down(chosen, lambda wanted: yes or _asked(wanted, chosen))
    for what in removed:
        output.line(f"Removed {what}.")
    if not removed:
        output.line(f"There is no lab in {chosen.absolute()}: nothing to take down.")


def _asked(wanted: list[str], path: Path) -> bool:
    """Ask whether all may go; where nobody can answer, say what would."""
    output.note(f"{path.absolute()} holds {', and '.join(wanted)}.")
    if not sys.stdin.isatty():
        output.note("--yes takes it down all the same.")
        return False
    return typer.confirm("Take it down all the same?", err=True)


def _seeds() -> list[str]:
    from connector.lab.seeds import SEEDS

    return [*(name for name in SEEDS if name != "base"), _BIG]


@app.command()
def seed(
    what: Annotated[
        str,
        typer.Argument(
            metavar="contoso|conflicts|resolve|bad|big",
            help="The company; objects that want what others have; changes that resolve two of these "
            "conflicts; objects for lint; or a generated directory.",
            autocompletion=_seeds,
        ),
    ],
    number: Annotated[
        int | None, typer.Argument(min=1, metavar="N", help="How many objects big has.")
    ] = None,
    path: PathOption = None,
) -> None:
    """Seed the directory of the lab.

    What is there already stays as it is, so that a seed may be typed twice and big may grow. With resolve two
    holders give up what conflicts wants. For many entries the directory is stopped for that time.

    Examples:
      $ connector lab seed contoso           where the lab was made with --empty
      $ connector lab seed conflicts         sync before: then it is known who came first
      $ connector lab seed resolve           then sync, and connector tenant sweep
      $ connector lab seed bad               for connector lint
      $ connector lab seed big 100000        a generated directory, one in a hundred with a conflict

    Exit codes:
      0    what was missing was added
      2    there is no lab that runs, or the directory refused an entry
    """
    from connector.cli.progress import progress
    from connector.lab import lab, seeding

    if what not in _seeds():
        *names, last = _seeds()
        raise typer.BadParameter(f"one of {', '.join(names)} or {last}, not {what!r}")
    if (what == _BIG) != (number is not None):
        raise typer.BadParameter(
            "say how many objects: connector lab seed big 10000"
            if number is None
            else f"{what} has the size that it has"
        )
    with end_in_good_order(), progress() as bars, lab.opened(_chosen(path)) as server:
        if number is None:
            seeded = seeding.seed(server, what, progress=bars)
        else:
            seeded = seeding.seed_big(server, number, progress=bars)
    _say_what_was_seeded(what, seeded)


def _say_what_was_seeded(what: str, seeded: Seeded) -> None:
    match seeded:
        case (0, there):
            all_ = "the entry is" if there == 1 else f"all {there} entries are"
            output.line(f"{what}: {all_} there already; nothing was added.")
            return
        case (changes, 0) if what == "resolve":
            output.line(f"{what}: {_entries(changes)} changed.")
        case (added, 0):
            output.line(f"{what}: {_entries(added)} added.")
        case (added, there):
            before = f"{there} was" if there == 1 else f"{there} were"
            output.line(f"{what}: {_entries(added)} added; {before} there already.")
    output.line("The next cycle meets them: connector sync")


def _entries(number: int) -> str:
    return counted(number, "entry was", "entries were")


def _chosen(path: Path | None) -> Path:
    """Return the lab that is meant: the one of the settings where there is none in this folder."""
    if path is not None:
        return path
    settings = os.environ.get("CONNECTOR_CONFIG")
    if not _FOLDER.exists() and settings and (Path(settings).parent / "lab.json").exists():
        return Path(settings).parent
    return _FOLDER


app.command()(story)
app.command()(exercise)
