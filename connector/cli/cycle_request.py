"""Ask for a cycle, and tell who waits what for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from connector.cli import opening, output

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.settings import Settings


def carry_out(settings: Settings, request: Mapping[str, Any], *, quiet: bool) -> dict[str, Any]:
    """Have a cycle run; on a terminal, unless ``quiet``, say which daemon is waited for."""
    if sys.stderr.isatty() and not quiet:
        return opening.carry_out(settings, request, heard=_say_who_works)
    return opening.carry_out(settings, request)


def _say_who_works(process: int) -> None:
    output.note(f"Asked the daemon (process {process}); waiting for its run to end.")
