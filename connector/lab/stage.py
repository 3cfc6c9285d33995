"""What a story is played on: a place, a narrator, and the few things that a story can do.

A story is a function of a ``Stage``. It says what happens, changes the directory, runs the connector's
own commands before the reader's eyes, and expects: at the first sentence that does not hold it ends.
"""

from __future__ import annotations

import json
import shlex
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from connector.lab.settings_file import variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from connector.lab.server import LabDirectory

_SECONDS_TO_WAIT = 15.0
_SECONDS_BETWEEN_LOOKS = 0.2


class ExpectationMissed(Exception):
    """A sentence of a story does not hold."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A mail as its reader sees it."""

    subject: str
    body: str


class Place(Protocol):
    """Where a story is played: a directory of its own, and the connector beside it.

    ``settings`` of a command are keys such as ``tenant.resiliency`` and their values, as a user would
    set them in the environment; they stand above the settings that the place has by itself.
    """

    @property
    def directory(self) -> LabDirectory: ...

    def description(self) -> str:
        """Say what the story is played with."""

    def connector(self, arguments: Sequence[str], settings: Mapping[str, str]) -> Done:
        """Run a command to its end."""

    def start_daemon(self, settings: Mapping[str, str]) -> None:
        """Start ``connector run`` and do not wait for it; ``connector daemon stop`` ends it."""

    def serve(self, settings: Mapping[str, str]) -> None:
        """Be the daemon until it ends."""

    def events(self) -> list[dict[str, Any]]:
        """Return what the sync log holds."""

    def mails(self) -> list[ReceivedMail]:
        """Return what was mailed, oldest first."""

    def directions(self) -> list[str]:
        """Return the lines that lead a person to this place from another terminal."""


class Narrator(Protocol):
    """Tells a story to somebody."""

    def heading(self, text: str) -> None: ...

    def say(self, text: str) -> None: ...

    def change(self, ldif: str) -> None:
        """Show what is done to the directory."""

    def command(self, line: str) -> None:
        """Show a command that is about to run."""

    def output(self, text: str) -> None:
        """Show what it said."""

    def holds(self, sentence: str) -> None:
        """Tell that a sentence of the story holds."""


@dataclass(frozen=True, slots=True)
class Story:
    """A behaviour of the service; ``rule`` is the sentence that it is documented with.

    ``settings`` are those that the story begins with, beside those of its place.
    """

    name: str
    title: str
    rule: str
    play: Callable[[Stage], None]
    settings: Mapping[str, str] = field(default_factory=dict)


def story(
    name: str, title: str, *, rule: str, settings: Mapping[str, str] | None = None
) -> Callable[[Callable[[Stage], None]], Story]:
    """Make a story of the function that plays it."""
    return lambda play: Story(name, title, rule, play, settings or {})


class Stage:
    """The place, told step by step; ``fixed`` settings cannot be changed by a story."""

    def __init__(
        self,
        place: Place,
        narrator: Narrator,
        settings: Mapping[str, str],
        fixed: Mapping[str, str],
    ) -> None:
        self.sentences: list[str] = []
        self._place = place
        self._narrator = narrator
        self._fixed = fixed
        self._settings = {**settings, **fixed}
        self._answers: dict[tuple[str, ...], Any] = {}

    @property
    def directory(self) -> StagedDirectory:
        return StagedDirectory(self._place.directory, self._narrator)

    def heading(self, text: str) -> None:
        self._narrator.heading(text)

    def say(self, text: str) -> None:
        self._narrator.say(text)

    def quote(self, text: str) -> None:
        """Show a text word by word."""
        self._narrator.output(text)

    def set(self, key: str, value: str) -> None:
        """Change a setting, for the commands from here on."""
        [(name, text)] = variables({key: value}).items()
        self._narrator.command(f"export {name}={shlex.quote(text)}")
        self._settings = {**self._settings, key: value, **self._fixed}
        self._answers.clear()

    def run(self, *arguments: str, code: int = 0) -> Done:
        """Run a command before the reader's eyes; another exit code than ``code`` ends the story."""
        line = f"connector {shlex.join(arguments)}"
        self._narrator.command(line)
        self._answers.clear()
        done = self._place.connector(arguments, self._settings)
        self._narrator.output(done.out + done.err)
        if done.code != code:
            raise ExpectationMissed(f"`{line}` ends with {code}; it ended with {done.code}")
        return done

    def json(self, *arguments: str) -> Any:
        """Ask without showing it; return what the command answers with ``--json``.

        The same question has the same answer until the next command runs, or time passes in ``wait``.
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
        """Expect what becomes true within seconds, by the work of the daemon."""
        deadline = time.monotonic() + _SECONDS_TO_WAIT
        while not holds():
            if time.monotonic() > deadline:
                raise ExpectationMissed(sentence)
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            self._answers.clear()
        self._told(sentence)

    @contextmanager
    def daemon(self) -> Iterator[None]:
        """Let a daemon run meanwhile."""
        self._narrator.command("connector run &")
        self._place.start_daemon(self._settings)
        self.wait(
            "the daemon runs", lambda: self.json("daemon", "status")["state"] in {"idle", "running"}
        )
        yield
        self.run("daemon", "stop")

    def find(self, name: str) -> dict[str, Any]:
        """Return the object of the tenant with this display name; ends the story when there is none."""
        for found in self.json("objects"):
            if found["displayName"] == name:
                return dict(found)
        raise ExpectationMissed(f"{name} is in the tenant")

    def errors(self, *options: str) -> list[tuple[str, str, str, str]]:
        """Return the errors there are: kind, display name, property, value."""
        return [
            (
                row["kind"],
                row["object"]["displayName"],
                row["propertyCausingError"],
                row["value"],
            )
            for row in self.json("errors", *options)
        ]

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Return what the sync log has of one event."""
        return [each for each in self._place.events() if each["event"] == event]

    def mails(self) -> list[ReceivedMail]:
        return self._place.mails()

    def _told(self, sentence: str) -> None:
        self.sentences.append(sentence)
        self._narrator.holds(sentence)


class StagedDirectory:
    """The place's directory; what is applied is shown, what is loaded is not."""

    def __init__(self, directory: LabDirectory, narrator: Narrator) -> None:
        self._directory = directory
        self._narrator = narrator

    def load(self, ldif: Iterable[str]) -> None:
        self._directory.load(ldif)

    def apply(self, *ldif: str) -> None:
        """Apply records, in one go."""
        text = "".join(ldif)
        self._narrator.change(text)
        self._directory.apply(text)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a story ended: the sentences that hold, and the first that does not."""

    story: str
    sentences: Sequence[str]
    missed: str | None
    seconds: float


def play(
    chosen: Story, place: Place, narrator: Narrator, fixed: Mapping[str, str] | None = None
) -> Ending:
    """Play a story to its end, or to the first sentence that does not hold."""
    stage = Stage(place, narrator, chosen.settings, fixed or {})
    began = time.monotonic()
    missed = None
    try:
        chosen.play(stage)
    except ExpectationMissed as error:
        missed = str(error)
    return Ending(chosen.name, stage.sentences, missed, time.monotonic() - began)
