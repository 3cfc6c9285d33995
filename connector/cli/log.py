"""``connector log``: read the log file, or follow it, and pick what matters."""

from __future__ import annotations

import re
import sys
import time
from collections import deque
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.cli.verbosity import log_file
from connector.cli.words import filled, pattern
from connector.errors import AmbiguousIdentity, ConnectorError, InvalidSettings, UnknownObject
from connector.logs.text import as_text, parse
from connector.values import dn as dns
from connector.values import moments, screen
from connector.values.addresses import fold
from connector.values.printable import cut, json_line, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from connector.report.identity import Named
    from connector.settings import Settings

_NAMES = ("anchor", "name", "value", "id")
_COLOURS = {"debug": "bright_black", "warning": "yellow", "error": "red"}
_SECONDS_BETWEEN_LOOKS = 0.25


class RecordFilter(NamedTuple):
    """Which records to print: those that pass every test.

    ``names`` are pairs of a key of a record and its folded value.
    """

    names: frozenset[tuple[str, str]] = frozenset()
    event: str | None = None
    errors: bool = False
    since: str | None = None

    def __call__(self, record: dict[str, Any]) -> bool:
        return (
            (not self.names or self._is_named(record))
            and (self.event is None or fnmatchcase(record["event"], self.event))
            and (not self.errors or record.get("level") == "error")
            and (self.since is None or str(record.get("timestamp", "")) >= self.since)
        )

    def _is_named(self, record: dict[str, Any]) -> bool:
        if any((key, fold(str(record.get(key, "")))) in self.names for key in _NAMES):
            return True
        return ("dn", dns.key(str(record.get("dn", "")))) in self.names


def log(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as the log grows.")] = False,
    identity: Annotated[
        str | None, typer.Option("--object", help="Only events of this object.", metavar="ID")
    ] = None,
    event: Annotated[
        str | None, typer.Option("--event", help="Only events such as export.*", metavar="GLOB")
    ] = None,
    only: Annotated[
        Literal["errors"] | None, typer.Option("--only", help="Only errors.", case_sensitive=False)
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="30m, 2d, or a time such as 2026-01-31T08:00Z.", metavar="T"),
    ] = None,
    last: Annotated[
        int | None,
        typer.Option("-n", "--lines", min=0, help="Only the last N of them.", metavar="N"),
    ] = None,
    json: Json = False,
) -> None:
    """Print the log file, oldest first; it may be in either format.

    It reads the file that log.file names. Without one the log goes to standard error: journalctl -u connector
    shows that of a service; of commands at a terminal storage.path/connector.log has it.

    Examples:
      $ connector log --since 1h
      $ connector log -n 20                              the last 20 events
      $ connector log -f -n 0                            what comes from now on
      $ connector log --event 'export.*' --only errors
      $ connector log --object user.a@contoso.com        everything about one object
    """
    from connector.logs.events import EVENTS

    glob = pattern(event, EVENTS, "--event") if event is not None else None
    identity, since = filled(identity, "--object"), filled(since, "--since")
    file = _file(opening.settings(context, needs_storage=False))
    names, is_known = _names(context, identity) if identity else ((), True)
    wanted = RecordFilter(
        frozenset(names),
        glob,
        only == "errors",
        starting(since, datetime.now(UTC)) if since else None,
    )
    printer = Printer(_shower(json=json), last)

    def wait(seconds: float) -> None:
        printer.flush()
        time.sleep(seconds)

    for line in lines(file, follow=follow, wait=wait):
        record = parse(line)
        if record is not None and wanted(record):
            printer(record)
            is_known = True
    printer.flush()
    if identity and not is_known:
        raise UnknownObject(
            f"No object is called {cut(identity)}, and no event names one. `connector objects` lists "
            "those that there are."
        )


class Printer:
    """Prints records; of those before the first flush only the ``last`` ones, all of them for None."""

    def __init__(self, show: Callable[[dict[str, Any]], None], last: int | None) -> None:
        self._show = show
        self._waiting: deque[dict[str, Any]] | None = None if last is None else deque(maxlen=last)

    def __call__(self, record: dict[str, Any]) -> None:
        if self._waiting is None:
            self._show(record)
        else:
            self._waiting.append(record)

    def flush(self) -> None:
        waiting, self._waiting = self._waiting or (), None
        for record in waiting:
            self._show(record)
        sys.stdout.flush()


def _file(settings: Settings) -> Path:
    """Return the file to read. Raises InvalidSettings when nothing was logged to one."""
    if settings.log.file is not None:
        return settings.log.file
    kept = log_file(settings)
    if not kept.exists():
        raise InvalidSettings(
            ["log.file: not set, so the log goes to standard error (or see journalctl)"]
        )
    output.note(f"log.file is not set: {kept} has the events of commands at a terminal alone.")
    return kept


def starting(since: str, now: datetime) -> str:
    """Return the first timestamp to print. Raises BadParameter when ``since`` is not a time."""
    from connector.settings.kinds import parse_duration

    try:
        if re.fullmatch(r"[0-9]+[smhd]", since):
            moment = now - parse_duration(since)
        else:
            moment = moments.read(since)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f"--since: {since!r} is neither a duration (30m, 2d) nor a time (2026-01-31T08:00Z)"
        ) from error
    return moments.to_second(moment).removesuffix("Z")


def lines(file: Path, *, follow: bool, wait: Callable[[float], None] = time.sleep) -> Iterator[str]:
    """Yield the whole lines of a log file; with ``follow``, go on also when it was rotated."""
    while True:
        try:
            with file.open("rb") as opened:
                yield from _lines_of(opened, file, follow=follow, wait=wait)
        except FileNotFoundError:
            if not follow:
                return
            wait(_SECONDS_BETWEEN_LOOKS)
        if not follow:
            return


def _lines_of(
    opened: Any, file: Path, *, follow: bool, wait: Callable[[float], None]
) -> Iterator[str]:
    rest = b""
    moved = False
    while True:
        for part in opened:
            rest += part
            if rest.endswith(b"\n"):
                yield rest.decode("utf-8", "backslashreplace").rstrip("\n")
                rest = b""
        if not follow or moved:
            return
        moved = _moved(opened, file)
        if not moved:
            sys.stdout.flush()
            wait(_SECONDS_BETWEEN_LOOKS)


def _moved(opened: Any, file: Path) -> bool:
    """Tell whether the file was rotated away; its last lines are read once more after that."""
    import os

    try:
        return not os.path.samestat(os.fstat(opened.fileno()), file.stat())
    except FileNotFoundError:
        return True


def _names(context: typer.Context, identity: str) -> tuple[list[tuple[str, str]], bool]:
    """Return the pairs of key and value by which the log names an object, and whether it is known.

    A name that several objects have is refused, with what tells them apart. One that nothing has may be
    that of an object that is gone: then any event counts that has it.
    """
    from connector.report.identity import objects_meant

    try:
        with opening.readers(context) as readers:
            found = objects_meant(readers.space, readers.tenant, identity)
    except AmbiguousIdentity:
        raise
    except ConnectorError:
        return list(_as_any(identity)), True
    return (list(_as_these(identity, found)), True) if found else (list(_as_any(identity)), False)


def _as_these(identity: str, found: Iterable[Named]) -> Iterator[tuple[str, str]]:
    yield "value", fold(cut(identity))
    for one in found:
        if one.anchor:
            yield "anchor", fold(cut(one.anchor))
        if one.id:
            yield "id", fold(one.id)
        if one.dn and not one.anchor:
            yield "dn", dns.key(one.dn)


def _as_any(identity: str) -> Iterator[tuple[str, str]]:
    yield from ((key, fold(cut(identity))) for key in _NAMES)
    yield "dn", dns.key(identity)


def _shower(*, json: bool) -> Callable[[dict[str, Any]], None]:
    if json:
        return lambda record: typer.echo(json_line(record))
    if sys.stdout.isatty():
        return _coloured
    return lambda record: typer.echo(as_text(record))


def _coloured(record: dict[str, Any]) -> None:
    """Print for a terminal: local time, level and event in columns, what to do next in a colour.

    A line that is too long goes on in the next ones, between words.
    """
    fields = {name: value for name, value in record.items() if name != "next"}
    _, level, event, *rest = as_text(fields).split(maxsplit=3)
    if record.get("next"):
        rest.append(f"next: {printable(str(record['next']))}")
    head = _local(str(record["timestamp"])), f"{level:<7}", f"{event:<22}"
    whole, colour = " ".join((*head, *rest)), _COLOURS.get(level)
    time_, kind, name = head
    styled = (
        typer.style(time_, dim=True),
        typer.style(kind, fg=colour),
        typer.style(name, fg=colour, bold=True),
    )
    for line in screen.wrapped(whole, output.width() or len(whole), hanging=2):
        text = line.replace(" ".join(head), " ".join(styled), 1)
        before, mark, after = text.partition("next: ") if record.get("next") else (text, "", "")
        typer.echo(before + typer.style(mark + after, fg="cyan") if mark else text)


def _local(timestamp: str) -> str:
    """Return a timestamp in local time; leave any other text as it is."""
    try:
        moment = moments.read(timestamp).astimezone()
    except ValueError:
        return printable(timestamp)
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}"
