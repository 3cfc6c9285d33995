"""Choose what the lab runs on: a slapd of this machine, or containers."""

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
    """Return a place for a story, made when it is entered and gone when it is left.

    ``auto`` is this machine where slapd is installed, for that is faster, and containers elsewhere.
    Entering it raises LabUnusable where it cannot be made.
    """
    if choice == "docker":
        return container_place(progress)
    why_not = missing_slapd()
    if choice == "slapd" or why_not is None:
        return local_place()
    return _contained(why_not, progress)


def missing_slapd() -> LabUnusable | None:
    """Return why there is no private slapd on this machine, None where there can be one."""
    try:
        installed.program("slapd")
    except LabUnusable as error:
        return error
    return None


def neither(docker: LabUnusable, slapd: LabUnusable) -> LabUnusable:
    """Say that there is nothing to run a directory on."""
    return LabUnusable(f"{slapd} Or let it run in a container: {docker}.")


@contextmanager
def _contained(why_not: LabUnusable, progress: Progress) -> Iterator[Place]:
    with ExitStack() as stack:
        try:
            made = stack.enter_context(container_place(progress))
        except LabUnusable as error:
            raise neither(error, why_not) from error
        yield made
