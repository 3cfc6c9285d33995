"""Declare a cmdlet in one value, from which help, completion, errors and the work come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from connector.cmdlets.binding import Signature
    from connector.cmdlets.host import Host

    Given = Mapping[str, Any]


class Warn(NamedTuple):
    """A warning among the objects that a cmdlet returns."""

    text: str


@dataclass(frozen=True, slots=True)
class Cmdlet:
    """``run`` returns objects (mappings, or single values); ``view`` are the columns of their table.

    ``changes`` says what it changes, in the words of a verbose message. ``examples`` are lines, each
    after what it is for.
    """

    signature: Signature
    run: Callable[[Host, Given], Iterable[Any]]
    examples: tuple[tuple[str, str], ...]
    view: tuple[str, ...] = ()
    needs_connection: bool = False
    changes: str = ""
    shows_json: bool = False

    @property
    def name(self) -> str:
        return self.signature.name

    @property
    def help(self) -> str:
        """The first line of the function's docstring."""
        return (self.run.__doc__ or "").partition("\n")[0]
