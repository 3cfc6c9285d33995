"""Write and read ``$skiptoken`` and ``$deltatoken``: what is asked for, and how far it was told.

A token is checked as the query itself is, and says which state of which tenant it goes on from.
"""

from __future__ import annotations

import binascii
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.tenant.delta import Moment, Place, Round
from connector.values.canonical import compact
from connector.web.graph.refusals import bad_request, is_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_LARGEST = 1 << 16
_WHOLE = range(-1, 1 << 62)


@dataclass(frozen=True, slots=True)
class Token:
    """A place in the changes of a collection.

    ``moment`` is what the round goes on from, or when a first round began; ``issued`` is in seconds of the
    tenant's clock. ``select`` is None where the type decides. ``place`` is None between two rounds. ``first``
    says that the client knew nothing before this round.
    """

    collection: str
    moment: Moment
    issued: int
    select: tuple[str, ...] | None
    ids: tuple[str, ...]
    own: bool
    members: bool
    first: bool = False
    place: Place | None = None

    def round(self, type_: str) -> Round:
        """Return what is to be told of the objects of a type of the tenant."""
        number = self.moment.number
        since = None if self.first else number
        return Round(type_, since, number, self.ids, own=self.own, members=self.members)

    def text(self) -> str:
        """Write the token as it stands in a link."""
        place = None if self.place is None else list(self.place)
        fields = [
            self.collection,
            list(self.moment),
            self.issued,
            self.select,
            self.ids,
            self.own,
            self.members,
            self.first,
            place,
        ]
        packed = zlib.compress(compact(fields).encode(), 9)
        return urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def read(text: str, collection: str) -> Token:
    """Read a token of a collection; raises Refusal for any other text."""
    try:
        packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacked = zlib.decompressobj()
        fields = json.loads(unpacked.decompress(packed, _LARGEST))
        found = _token(*fields)
    except (ValueError, TypeError, binascii.Error, zlib.error, RecursionError) as error:
        raise _unreadable() from error
    if found.collection != collection:
        raise _unreadable()
    return found


def _token(  # noqa: PLR0913, PLR0917 - the fields of a token, as they are written
    collection: Any,
    moment: Any,
    issued: Any,
    select: Any,
    ids: Any,
    own: Any,
    members: Any,
    first: Any,
    place: Any,
    /,
) -> Token:
    """Make a token of its fields; raises TypeError or ValueError for those of another type."""
    tenant, timeline, number, mark = moment
    return Token(
        _text(collection),
        Moment(_text(tenant), _text(timeline), _number(number), _text(mark)),
        _number(issued),
        None if select is None else _texts(select),
        _texts(ids),
        _flag(own),
        _flag(members),
        _flag(first),
        None if place is None else _place(*place),
    )


def _place(changed: Any, gone: Any, number: Any, /) -> Place:
    return Place(_number(changed), _text(gone), _number(number))


def _text(value: Any) -> str:
    if not is_text(value):
        raise ValueError(value)
    return str(value)


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError(values)
    return tuple(map(_text, values))


def _number(value: Any) -> int:
    if type(value) is not int or value not in _WHOLE:
        raise ValueError(value)
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _unreadable() -> Exception:
    return bad_request("Badly formed token.")
