"""Play stories: each is told on a stage, which has a place and a narrator.

A story is a function of a ``Stage``. It says what happens, changes the directory, runs the connector's
own commands before the reader's eyes, and states what must then hold. It ends at the first sentence that
does not hold.
"""

from __future__ import annotations

import itertools
import json
import shlex
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from connector.errors import LabUnusable
from connector.lab.anchors import anchored
from connector.lab.settings_file import variables

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from connector.lab.browser import Seen
    from connector.lab.server import LabDirectory

WIDTH = "CONNECTOR_WIDTH"
"""The variable that tells a command how many columns the screen has that shows its output later."""

_SECONDS_TO_WAIT = 15.0
_SECONDS_BETWEEN_LOOKS = 0.2


class ExpectationMissed(Exception):
    """A sentence of a story does not hold."""


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a command: exit code, standard output and standard error."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A mail as its recipient sees it."""

    subject: str
    body: str


class Place(Protocol):
    """A place to play a story: a directory of its own, and the connector beside it.

    A command runs in the folder of the settings file. The ``settings`` of a command are keys such as ``tenant.resiliency`` with their values. They override
    the settings of the place, as variables of the environment would.
    """

    @property
    def directory(self) -> LabDirectory: ...

    def description(self) -> str:
        """Return in words what the story is played with."""

    def connector(self, arguments: Sequence[str], settings: Mapping[str, str]) -> Done:
        """Run a command to its end, and return its result."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file, with the folders that it stands in, below the folder of the settings file."""

    def remove(self, name: str) -> None:
        """Remove a file below the folder of the settings file."""

    def start_daemon(self, settings: Mapping[str, str]) -> None:
        """Start ``connector run`` without waiting for it; ``connector daemon stop`` ends it."""

    def serve(self, settings: Mapping[str, str]) -> None:
        """Run the daemon until it ends."""

    def events(self) -> list[dict[str, Any]]:
        """Return the events of the sync log."""

    def mails(self) -> list[ReceivedMail]:
        """Return the mails that were sent, oldest first."""

    def visit(self, path: str, settings: Mapping[str, str]) -> Seen:
        """Open a page of the running daemon as a person does; raises LabUnusable where none answers."""

    def pages(self, settings: Mapping[str, str]) -> list[str]:
        """Return where a browser finds the pages, and the line that shows their password; nothing where none does."""

    def directions(self) -> list[str]:
        """Return the lines to type in another terminal to look at this place; the last one changes it."""


class Narrator(Protocol):
    """Tells a story to its reader."""

    def heading(self, text: str) -> None: ...

    def say(self, text: str) -> None: ...

    def change(self, ldif: str) -> None:
        """Show a change of the directory."""

    def command(self, line: str) -> None:
        """Show a command that is about to run."""

    def output(self, text: str) -> None:
        """Show the output of a command."""

    def holds(self, sentence: str) -> None:
        """Show a sentence of the story that holds."""


@dataclass(frozen=True, slots=True)
class Story:
    """A behavior of the service; ``rule`` is the sentence that documents it.

    The story starts with ``settings``, in addition to those of its place. With ``takes_export`` it can be
    played with the files that a server exported.
    """

    name: str
    title: str
    rule: str
    play: Callable[[Stage], None]
    settings: Mapping[str, str] = field(default_factory=dict)
    takes_export: bool = False


def story(
    name: str,
    title: str,
    *,
    rule: str,
    settings: Mapping[str, str] | None = None,
    takes_export: bool = False,
) -> Callable[[Callable[[Stage], None]], Story]:
    """Return a decorator that makes a story of the function that plays it."""
    return lambda play: Story(name, title, rule, play, settings or {}, takes_export)


class Stage:
    """The steps that a story may take; it cannot change the ``fixed`` settings.

    ``export`` are the files that a server of the user's own exported, by name; empty where the story
    is played with its own.
    """

    def __init__(
        self,
        place: Place,
        narrator: Narrator,
        settings: Mapping[str, str],
        fixed: Mapping[str, str],
        export: Mapping[str, bytes] | None = None,
    ) -> None:
        self.sentences: list[str] = []
        self.export = export or {}
        self._place = place
        self._narrator = narrator
        self._fixed = fixed
        self._settings = {**settings, **fixed}
        self._answers: dict[tuple[str, ...], Any] = {}
        self._numbers = itertools.count(1)

    @property
    def directory(self) -> StagedDirectory:
        return StagedDirectory(self._place.directory, self._narrator, self._numbers)

    def heading(self, text: str) -> None:
        self._narrator.heading(text)

    def say(self, text: str) -> None:
        self._narrator.say(text)

    def quote(self, text: str) -> None:
        """Show a text as it is."""
        self._narrator.output(text)

    def set(self, key: str, value: str) -> None:
        """Change a setting for all later commands."""
        [(name, text)] = variables({key: value}).items()
        self._narrator.command(f"export {name}={shlex.quote(text)}")
        self._settings = {**self._settings, key: value, **self._fixed}
        self._answers.clear()

    def bring(self, files: Mapping[str, bytes]) -> None:
        """Write files beside the settings file, without showing them."""
        for name, content in files.items():
            self._place.write(name, content)

    def read_out(self, name: str, content: bytes) -> None:
        """Show a file that was brought."""
        self._narrator.command(f"cat {shlex.quote(name)}")
        self._narrator.output(content.decode("utf-8", "replace"))

    def take_away(self, name: str) -> None:
        """Remove a file that stands beside the settings file, and show that."""
        self._narrator.command(f"rm {shlex.quote(name)}")
        self._place.remove(name)
        self._answers.clear()

    def run(self, *arguments: str, code: int | Collection[int] = 0) -> Done:
        """Run a command and show it; an exit code other than ``code`` ends the story.

        ``code`` may be several, where it is not known how the command ends.
        """
        codes = [code] if isinstance(code, int) else code
        line = f"connector {shlex.join(arguments)}"
        self._narrator.command(line)
        self._answers.clear()
        done = self._place.connector(arguments, self._settings)
        self._narrator.output(done.out + done.err)
        if done.code not in codes:
            wanted = " or ".join(map(str, codes))
            raise ExpectationMissed(f"`{line}` ends with {wanted}; it ended with {done.code}")
        return done

    def json(self, *arguments: str) -> Any:
        """Run a command with ``--json`` without showing it, and return its answer.

        An answer is kept until a command is shown, a setting changes, or ``wait`` looks again.
        """
        if arguments in self._answers:
            return self._answers[arguments]
        done = self._place.connector((*arguments, "--json"), self._settings)
        if done.code:
            line = shlex.join(arguments)
            raise ExpectationMissed(f"`connector {line}` can be asked; it said: {done.err.strip()}")
        self._answers[arguments] = json.loads(done.out)
        return self._answers[arguments]

    def expect(self, sentence: str, holds: bool) -> None:  # noqa: FBT001 - a claim and its sentence
        if not holds:
            raise ExpectationMissed(sentence)
        self._told(sentence)

    def wait(self, sentence: str, holds: Callable[[], bool]) -> None:
        """Expect something that the daemon makes true within seconds."""
        deadline = time.monotonic() + _SECONDS_TO_WAIT
        while not holds():
            if time.monotonic() > deadline:
                raise ExpectationMissed(sentence)
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            self._answers.clear()
        self._told(sentence)

    @contextmanager
    def daemon(self) -> Iterator[None]:
        """Run a daemon until the block ends."""
        self._narrator.command("connector run &")
        self._place.start_daemon(self._settings)
        self.wait(
            "the daemon runs", lambda: self.json("daemon", "status")["state"] in {"idle", "running"}
        )
        yield
        self.run("daemon", "stop")

    def find(self, name: str) -> dict[str, Any]:
        """Return the tenant's object with this display name; without one the story ends."""
        for found in self.json("objects"):
            if found["displayName"] == name:
                return dict(found)
        raise ExpectationMissed(f"{name} is in the tenant")

    def errors(self, *options: str) -> list[tuple[str, str, str, str]]:
        """Return the current errors: kind, display name, property, value."""
        return [
            (
                row["kind"],
                row["object"]["displayName"],
                row["propertyCausingError"],
                row["value"],
            )
            for row in self.json("errors", *options)
        ]

    def visit(self, path: str, table: str) -> list[list[str]]:
        """Open a page, show its address and a table on it, and return the table's rows without its heading.

        It is opened again and again until it answers: the daemon has just started.
        """
        deadline = time.monotonic() + _SECONDS_TO_WAIT
        while True:
            try:
                seen = self._place.visit(path, self._settings)
            except LabUnusable as error:
                if time.monotonic() > deadline:
                    raise ExpectationMissed(f"the pages are served: {error}") from error
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            else:
                break
        self._narrator.say(f"A person who signed in sees at {seen.address}:")
        rows = seen.tables.get(table, [])
        self._narrator.output("\n".join([seen.heading, *map(" | ".join, rows)]))
        return rows[1:]

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Return all events of one name in the sync log."""
        return [each for each in self._place.events() if each["event"] == event]

    def mails(self) -> list[ReceivedMail]:
        return self._place.mails()

    def _told(self, sentence: str) -> None:
        self.sentences.append(sentence)
        self._narrator.holds(sentence)


class StagedDirectory:
    """The place's directory; applied records are shown, loaded ones are not.

    New entries get source anchors in the order in which they come, which are not shown: who comes first
    is the same in each telling.
    """

    def __init__(self, directory: LabDirectory, narrator: Narrator, numbers: Iterator[int]) -> None:
        self._directory = directory
        self._narrator = narrator
        self._numbers = numbers

    def load(self, ldif: Iterable[str]) -> None:
        self._directory.load(self._anchored(ldif))

    def apply(self, *ldif: str) -> None:
        """Apply records, all at once."""
        self._narrator.change("".join(ldif))
        self._directory.apply("".join(self._anchored(ldif)))

    def _anchored(self, ldif: Iterable[str]) -> Iterator[str]:
        return (anchored(record, next(self._numbers)) for record in ldif)


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a story: the sentences that hold, and the first one that does not."""

    story: str
    sentences: Sequence[str]
    missed: str | None
    seconds: float


def play(
    chosen: Story,
    place: Place,
    narrator: Narrator,
    fixed: Mapping[str, str] | None = None,
    export: Mapping[str, bytes] | None = None,
) -> Ending:
    """Play a story to its end, or to the first sentence that does not hold."""
    stage = Stage(place, narrator, chosen.settings, fixed or {}, export)
    began = time.monotonic()
    missed = None
    try:
        chosen.play(stage)
    except ExpectationMissed as error:
        missed = str(error)
    return Ending(chosen.name, stage.sentences, missed, time.monotonic() - began)
