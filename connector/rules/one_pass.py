"""Stage an entry and work out its properties in one pass, where nothing about the entry is unusual.

``values.entries.stage`` takes any entry, and ``Rules.decide`` what it stages. This is the short way for most
of them, of which a first sync has hundreds of thousands: the same texts, byte for byte, with a third of the
work. An entry has to be UTF-8 and to have one value in each attribute, but for members and those that flow as
a list. Any other goes the general way: it is staged without properties.
"""

from __future__ import annotations

import re
from json.encoder import encode_basestring_ascii as quote
from typing import TYPE_CHECKING, NamedTuple

from connector.model import ObjectType
from connector.rules.chain import NO_RULES
from connector.rules.shapes import Shape, getter
from connector.values.canonical import write_sorted
from connector.values.choices import LISTS
from connector.values.entries import (
    CHANGED,
    CREATED,
    GUIDS,
    KEPT,
    MANAGERS,
    anchor_of,
    anchor_value,
    hash_of,
    octets,
    references_of,
    source_anchor,
    stage,
    staged_key,
    to_the_moment,
    type_of,
)
from connector.values.readable import OCTETS
from connector.values.reads import NOTHING_MORE
from connector.values.staged import Staged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connector.model import DirectoryEntry
    from connector.rules.chain import Chain
    from connector.values.reads import Reads

    Raw = Mapping[str, Sequence[bytes]]

_KEPT_SHAPES = 4096
_CLASSES = "objectclass"
# What JSON escapes in the spelling that is staged, and orjson does not.
_UNESCAPED = re.compile("[^\x00-\x7e]")
_new = tuple.__new__


class _Way(NamedTuple):
    """How entries of the same classes go that show the same attributes.

    ``names`` are the attributes that are kept, sorted; ``lone`` gets those with one text, ``others`` are the
    rest by their place among the names. ``refers`` says that they may name members or a manager.
    """

    kind: ObjectType
    names: tuple[str, ...]
    lone: Callable[[Raw], Sequence[Sequence[bytes]]]
    others: tuple[tuple[int, str], ...]
    created: str
    changed: str
    has_guid: bool
    refers: bool
    anchor: str
    shape: Shape


class OnePass:
    """Stages entries with their properties under the domain of the base DN and the verified domains.

    ``version`` names the rules that make the properties what they are, ``chain`` has those of the user's
    own among them.
    """

    def __init__(
        self,
        domain: str,
        domains: Sequence[str],
        version: str = "",
        *,
        chain: Chain = NO_RULES,
        reads: Reads = NOTHING_MORE,
    ) -> None:
        self.chain = chain
        self.reads = reads
        self._kept = frozenset((*KEPT, *reads.names))
        self.domain = domain
        self.domains = domains
        self.version = version
        self._ways: dict[tuple[Sequence[bytes], tuple[str, ...]], _Way | None] = {}

    def stage(self, entry: DirectoryEntry) -> Staged:
        """Stage an entry as ``values.entries.stage`` does, with its properties where it can."""
        if self.reads.shown:
            entry = entry._replace(attributes=self.reads.under_their_names(entry.attributes))
        raw = entry.attributes
        classes = tuple(raw.get(_CLASSES, ()))
        shown = tuple(raw)
        try:
            way = self._ways[classes, shown]
        except KeyError:
            way = self._find_way(classes, shown)
        if way is not None:
            try:
                return _staged(entry, classes, way)
            except (IndexError, ValueError):
                pass  # an attribute without a value, or with several; bytes that are not UTF-8
        return stage(entry, self.reads)

    def _find_way(self, classes: tuple[bytes, ...], shown: tuple[str, ...]) -> _Way | None:
        if len(self._ways) >= _KEPT_SHAPES:
            self._ways.clear()
        way = self._ways[classes, shown] = self._way(classes, shown)
        return way

    def _way(self, classes: tuple[bytes, ...], shown: tuple[str, ...]) -> _Way | None:
        kind = type_of(classes, has_uid="uid" in shown)
        names = tuple(sorted(self._kept.intersection(shown)))
        if kind is None:
            return None
        apart = LISTS.union(OCTETS)
        return _Way(
            kind,
            names,
            getter([name for name in names if name not in apart]),
            tuple((place, name) for place, name in enumerate(names) if name in apart),
            next((name for name in CREATED if name in shown), ""),
            next((name for name in CHANGED if name in shown), ""),
            bool(self.reads.anchor) or not set(shown).isdisjoint(GUIDS),
            kind is ObjectType.GROUP or MANAGERS[kind] in shown,
            self.reads.anchor,
            Shape(kind, names, domain=self.domain, domains=self.domains, chain=self.chain),
        )


def _staged(entry: DirectoryEntry, classes: Sequence[bytes], way: _Way) -> Staged:
    """Stage an entry; raises IndexError or ValueError for one that has to go the general way."""
    uuid, dn, raw = entry
    if not dn.isascii():
        dn.encode()  # a UnicodeError where it is not UTF-8, which is a ValueError
    values: list[tuple[str, ...]] = [(value.decode(),) for (value,) in way.lone(raw)]
    for place, name in way.others:
        values.insert(place, _texts(name, raw[name]))
    attributes = dict(zip(way.names, values, strict=True))
    text = write_sorted(attributes)
    if not text.isascii() or "\x7f" in text:
        text = _UNESCAPED.sub(_escape, text)
    created = raw[way.created][0].decode("ascii", "backslashreplace") if way.created else ""
    if way.has_guid:
        if way.anchor and not anchor_value(raw.get(way.anchor, ())):
            raise ValueError(way.anchor)
        anchor = source_anchor(entry, way.anchor)
        created = to_the_moment(created, uuid) if "objectguid" not in raw else created
    else:
        anchor = anchor_of(uuid)
        created = to_the_moment(created, uuid)
    kind = way.kind
    references = references_of(raw, classes, kind) if way.refers else ()
    return _new(
        Staged,
        (
            uuid,
            anchor,
            dn,
            staged_key(dn),
            kind,
            created,
            raw[way.changed][0].decode("ascii", "backslashreplace") if way.changed else "",
            text,
            references,
            (),
            hash_of(anchor, kind, text, dn, references),
            "",
            way.shape.properties(attributes, dn),
        ),
    )


def _texts(name: str, values: Sequence[bytes]) -> tuple[str, ...]:
    if name in OCTETS:
        (value,) = values
        return (octets(name, value),)
    if not values:
        raise ValueError(name)
    return tuple([value.decode() for value in sorted(values)])


def _escape(character: re.Match[str]) -> str:
    return quote(character[0])[1:-1]
