"""Bring a lab up and take it down, from any state that a killed command left."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.daemon import commands
from connector.daemon.control import inquire
from connector.errors import InvalidSettings, LabUnusable
from connector.lab import browser, installed, seeding
from connector.lab.certificates import tls_files
from connector.lab.choice import missing_slapd, neither
from connector.lab.containers import DirectoryContainer
from connector.lab.folder import LabFolder, LabState
from connector.lab.samba import SambaDomain, refuse_without_means
from connector.lab.settings_file import settings_text
from connector.lab.slapd import PrivateSlapd, three_ports
from connector.operations.binding import request_for
from connector.ports import SILENT
from connector.settings import load
from connector.storage.instance import is_locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from connector.lab.choice import Choice
    from connector.lab.engine import DockerEngine
    from connector.lab.folder import Engine
    from connector.lab.server import LabServer
    from connector.ports import Progress

_DAEMON_SECONDS = 60.0
_ACCESS = "access.conf"


@dataclass(frozen=True, slots=True)
class Up:
    """A lab that is up; ``was`` tells whether it was up before.

    ``changes`` is a command line that applies a file of changes to the directory, ``mails`` one that shows
    the caught mails (None: they are files below the storage folder). ``note`` says why the lab does not
    run in containers. ``pages`` is the address at which a daemon serves them (None: the settings cannot be
    read), ``password`` the file of their password.
    """

    folder: LabFolder
    description: str
    was: bool
    changes: str
    mails: str | None
    note: str | None
    pages: str | None
    password: Path


def up(
    path: Path, choice: Choice | Engine, *, empty: bool = False, progress: Progress = SILENT
) -> Up:
    """Make a lab in a folder, or start the parts of it that do not run.

    It is seeded with contoso, unless ``empty``. An incomplete lab is made anew; an interruption
    then leaves nothing behind. Raises LabUnusable.
    """
    folder = LabFolder(path)
    folder.occupy()
    with folder.locked(), ExitStack() as stack:
        stack.callback(folder.remove_if_bare)
        state, note = _state(folder, choice, progress)
        if not state.complete:
            stack.callback(_take_down, folder, state)
        with _server(folder, state, progress) as server:
            was = state.complete and server.is_running()
            if not state.complete:
                server.create()
                if not empty:
                    seeding.seed(server, "contoso", progress=progress)
            server.start()
            mail_port = state.ports[2] if state.engine == "docker" else None
            web_port, *_ = three_ports()
            text = settings_text(server.access(), mail_port=mail_port, web_port=web_port)
            written = folder.write_settings(text)
            password = browser.write_password(folder.path)
            folder.note(replace(state, complete=True, settings=state.settings or written))
            found = Up(
                folder,
                server.description(),
                was,
                server.change_command(),
                server.mail_command(),
                note,
                _pages(folder),
                password,
            )
        stack.pop_all()
    return found


def _pages(folder: LabFolder) -> str | None:
    try:
        return browser.address(load(folder.settings_file, os.environ).web)
    except InvalidSettings:  # the user's own, which the next command says
        return None


def down(path: Path, agreed: Callable[[list[str]], bool]) -> list[str]:
    """Remove a lab and everything that belongs to it; return what was removed.

    If the lab holds something that its user may want, ``agreed`` is called with a list of that; without
    consent nothing is removed. A folder that is not a lab is left alone. Raises LabUnusable.
    """
    folder = LabFolder(path)
    state = folder.state()
    if state is None:
        return _strays(folder)
    with folder.locked():
        wanted = folder.wanted(state)
        if daemon := inquire(folder.storage, request_for(commands.status)):
            wanted.append(f"a daemon that is using it (process {daemon['pid']})")
        if wanted and not agreed(wanted):
            raise LabUnusable(f"{folder.path} stays as it is")
        if daemon:
            _stop_daemon(folder)
        return _take_down(folder, state)


@contextmanager
def opened(path: Path) -> Iterator[LabServer]:
    """Open the running directory of a lab; raises LabUnusable if it does not run."""
    folder = LabFolder(path)
    state = folder.state()
    if state is None or not state.complete:
        raise LabUnusable(f"there is no lab in {folder.path}: connector lab up makes one")
    with folder.locked(), _server(folder, state) as server:
        if not server.is_running():
            raise LabUnusable(f"the lab in {folder.path} does not run: connector lab up starts it")
        yield server


def restrict(folder: LabFolder, server: LabServer, access: str) -> None:
    """Start the private slapd of a lab anew with directives of access control."""
    (folder.path / "slapd" / _ACCESS).write_text(access, encoding="utf-8")
    server.stop()
    state = folder.state()
    if state is not None:
        with _server(folder, state) as anew:
            anew.start()


def _state(
    folder: LabFolder, choice: Choice | Engine, progress: Progress
) -> tuple[LabState, str | None]:
    """Return the state of a lab; for a new one, choose an engine, and say why."""
    state = folder.state()
    if state is not None:
        if choice not in {"auto", state.engine}:
            raise LabUnusable(
                f"the lab in {folder.path} runs with --engine {state.engine}; "
                "connector lab down takes it down"
            )
        return state, None
    engine, note = _chosen(folder, choice, progress)
    state = LabState(engine, three_ports())
    folder.note(state)
    return state, note


def _chosen(
    folder: LabFolder, choice: Choice | Engine, progress: Progress
) -> tuple[Engine, str | None]:
    """Choose containers if an engine can run them, otherwise a private slapd; Samba only if asked for."""
    if choice == "samba":
        refuse_without_means(_samba(folder))
        return "samba", None
    if choice == "slapd":
        installed.program("slapd")
        return "slapd", None
    try:
        with _engine(progress) as engine:
            engine.image("directory")
    except LabUnusable as error:
        if choice == "docker":
            raise
        if why_not := missing_slapd():
            raise neither(error, why_not) from error
        return "slapd", f"No containers: {error}. The lab runs on a private slapd."
    return "docker", None


@contextmanager
def _server(folder: LabFolder, state: LabState, progress: Progress = SILENT) -> Iterator[LabServer]:
    if state.engine == "docker":
        with _engine(progress) as engine:
            yield DirectoryContainer(engine, folder.path, state.ports)
        return
    if state.engine == "samba":
        samba = _samba(folder)
        samba.mkdir(mode=0o700, exist_ok=True)
        yield SambaDomain(samba, progress)
        return
    slapd = folder.path / "slapd"
    slapd.mkdir(mode=0o700, exist_ok=True)
    access = slapd / _ACCESS
    yield PrivateSlapd(
        slapd,
        detached=True,
        directives=[f'include "{access}"'] if access.exists() else (),
        ports=state.ports[:2],
        accesslog=True,
        tls=tls_files(slapd / "tls"),
    )


def _samba(folder: LabFolder) -> Path:
    return folder.path / "samba"


@contextmanager
def _engine(progress: Progress = SILENT) -> Iterator[DockerEngine]:
    from connector.lab.engine import DockerEngine  # noqa: PLC0415 - docker is slow to import

    with closing(DockerEngine(progress)) as engine:
        yield engine


def _take_down(folder: LabFolder, state: LabState) -> list[str]:
    with _server(folder, state) as server:
        removed = server.remove()
    folder.remove()
    return [*removed, f"the folder {folder.path}"]


def _strays(folder: LabFolder) -> list[str]:
    """Remove the leftovers of a killed command: containers without a folder, a bare folder."""
    removed = []
    with suppress(LabUnusable), _engine() as engine:
        removed = engine.remove(str(folder.path))
    if folder.remove_if_bare():
        removed.append(f"the folder {folder.path}")
    return removed


def _stop_daemon(folder: LabFolder) -> None:
    inquire(folder.storage, request_for(commands.stop))
    deadline = time.monotonic() + _DAEMON_SECONDS
    while is_locked(folder.storage):
        if time.monotonic() > deadline:
            raise LabUnusable(
                "the daemon was told to stop and is still running; nothing was removed"
            )
        time.sleep(0.1)
