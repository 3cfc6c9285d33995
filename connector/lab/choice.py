"""Choose where the lab runs: on a slapd of this machine, or in containers."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Literal

from connector.errors import LabUnusable
from connector.lab import installed
from connector.lab.contained import container_place
from connector.lab.local import local_place
from connector.ports import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.lab.stage import Place
    from connector.ports import Progress

Choice = Literal["auto", "docker", "slapd"]


def place(choice: Choice, progress: Progress = SILENT) -> AbstractContextManager[Place]:
    """Return a context manager that makes a place for a story, and removes it at the end.

    ``auto`` chooses this machine if slapd is installed, because that is faster, and containers
    otherwise. Entering raises LabUnusable if the place cannot be made.
    """
    if choice == "docker":
        return container_place(progress)
    why_not = missing_slapd()
    if choice == "slapd" or why_not is None:
        return local_place()
    return _contained(why_not, progress)


def missing_slapd() -> LabUnusable | None:
    """Return why this machine cannot run a private slapd; None if it can."""
    try:
        installed.program("slapd")
    except LabUnusable as error:
        return error
    return None


def neither(docker: LabUnusable, slapd: LabUnusable) -> LabUnusable:
    """Return an error that says why neither slapd nor containers can run a directory."""
    return LabUnusable(f"{slapd} Or run it in a container: {docker}.")


@contextmanager
def _contained(why_not: LabUnusable, progress: Progress) -> Iterator[Place]:
    with ExitStack() as stack:
        try:
            made = stack.enter_context(container_place(progress))
        except LabUnusable as error:
            raise neither(error, why_not) from error
        yield made
