"""Declare a cmdlet in one value, from which help, completion, errors and the work come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from connector.cmdlets.binding import Signature
    from connector.cmdlets.host import Host


@dataclass(frozen=True, slots=True)
class Cmdlet:
    """``run`` returns objects (mappings, or single values); ``view`` are the columns of their table."""

    signature: Signature
    run: Callable[[Host, Mapping[str, Any]], Iterable[Any]]
    view: tuple[str, ...] = ()
    needs_connection: bool = False

    @property
    def name(self) -> str:
        return self.signature.name

    @property
    def help(self) -> str:
        """The first line of the function's docstring."""
        return (self.run.__doc__ or "").partition("\n")[0]
