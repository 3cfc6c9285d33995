"""The chain of rules: for each target the contributions, asked in the order of precedence.

The first value wins. ``NULL`` contributes nothing, nor does ``IgnoreThisFlow``: the rules behind are asked;
where none of them has a value, the first clears and the second leaves what the cloud has.
``AuthoritativeNull`` ends the chain with nothing. A default rule stands in the chain with what its compiled
functions worked out; what a user writes is interpreted.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.model import ObjectType
from connector.rules.language.values import ExpressionFailed, Marker
from connector.rules.rule import LAST, Merge
from connector.rules.sync_error import FlowError, FlowFailed
from connector.rules.targets import EXTENSION_ATTRIBUTES, Target, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Attributes = Mapping[str, Sequence[str | bytes]]
    Staged = Mapping[str, Sequence[str]]
    Takes = Callable[[Staged, str], bool]
    Properties = dict[str, Any]
    Told = Callable[[], Mapping[str, Any] | None]

TRIGGERED = "sync-rule-error-function-triggered"
"""The sync error that the function ``Error`` makes, as the product calls it."""

_ALL = (True,) * LAST

FAILED = "sync-rule-flow-failed"
"""The sync error of an expression, or of a value, that is none for an object."""


class Contribution(NamedTuple):
    """What one rule gives to one target.

    ``run`` takes the attributes of an entry and gives what the target holds, None or a marker; it raises
    ExpressionFailed. ``position`` is that of the rule among the rules of its
    type, ``reads`` are the attributes: the name in lower case, and as it is written.
    """

    rule: str
    position: int
    run: Callable[[Attributes], Any]
    once: bool
    reads: Mapping[str, str]


class Link(NamedTuple):
    """A target with all that contribute to it, the first to be asked in front.

    None is the place of the default rules. ``first`` is the ``run`` of a rule that is asked first of all
    objects, whose value is then that of the target.
    """

    target: Target
    asked: tuple[Contribution | None, ...]
    merge: Merge = Merge.UPDATE
    first: Callable[[Attributes], Any] | None = None


class Part(NamedTuple):
    """What holds for objects of one type.

    ``scopes`` say for each rule whether it takes an object, None for a rule that takes all; it is empty
    where all rules do. ``spelled``
    are all attributes that are read, by their names in lower case; ``octets`` those of them that are
    staged as base64, ``names`` those that stand for the DN. ``has_once`` says that a flow applies only
    when an object is made.
    """

    links: tuple[Link, ...] = ()
    filtering: Link | None = None
    scopes: tuple[Takes | None, ...] = ()
    spelled: Mapping[str, str] = {}
    octets: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    has_once: bool = False

    def view(self, attributes: Staged, dn: str, *, is_text: bool) -> Attributes:
        """Return the attributes of an entry as rules see them: octets, and its DN, among them.

        Without ``is_text`` there may be values that are not UTF-8: those are octets.
        """
        if is_text and not self.octets and not self.names:
            return attributes
        seen: dict[str, Sequence[str | bytes]] = {**attributes}
        for name in self.octets:
            if name in seen:
                seen[name] = tuple([b64decode(value) for value in attributes[name]])
        if not is_text:
            for name in self.spelled.keys() & seen.keys() - {*self.octets}:
                seen[name] = tuple(map(_text_or_octets, attributes[name]))
        for name in self.names:
            seen[name] = (dn,)
        return seen


def _text_or_octets(value: str) -> str | bytes:
    """Return the octets of a value that is staged with lone surrogates, any other as it is."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape")
    return value


def failed_at(link: Link, one: Contribution, failed: ExpressionFailed) -> FlowFailed:
    """Return the error of a rule that has no result for a target."""
    name = link.target.name
    attribute = next(iter(one.reads.values()), name)
    message = f"{failed} (rule {one.rule!r}, {name}); correct the object, or the rule"
    if failed.triggered:
        return FlowFailed(one.rule, FlowError(TRIGGERED, attribute, None, message))
    return FlowFailed(one.rule, FlowError(FAILED, attribute, None, message))


class Chain:
    """The rules of the user's own in their places among the default rules.

    ``disabled`` are the default rules that contribute nothing, ``facts`` all that a result depends on:
    equal facts give equal results.
    """

    def __init__(
        self,
        parts: Mapping[ObjectType, Part],
        *,
        disabled: frozenset[str] = frozenset(),
        facts: tuple[Any, ...] = (),
    ) -> None:
        self._parts = parts
        self.disabled = disabled
        self.facts = facts

    def __bool__(self) -> bool:
        return bool(self.facts)

    def part(self, kind: ObjectType) -> Part:
        """Return what holds for objects of one type."""
        return self._parts[kind]

    @property
    def reads(self) -> dict[str, str]:
        """The attributes that are read of any object: the name in lower case, and as it is written."""
        return {
            name: written for part in self._parts.values() for name, written in part.spelled.items()
        }

    def filtered(
        self, kind: ObjectType, attributes: Staged, dn: str, *, is_text: bool = False
    ) -> str | None:
        """Return the rule that takes an entry out by ``cloudFiltered``, None where none does.

        ``is_text`` says that all values are UTF-8. Raises FlowFailed.
        """
        part = self._parts[kind]
        if part.filtering is None:
            return None
        taken = taken_by(part, attributes, dn)
        seen = part.view(attributes, dn, is_text=is_text)
        for one in part.filtering.asked:
            if one is not None and taken[one.position]:
                value = given(part.filtering, one, seen, is_new=True)
                if value is Marker.AUTHORITATIVE_NULL:
                    return None
                if value is not None and value is not Marker.IGNORE_THIS_FLOW:
                    return one.rule if value else None
        return None

    def flowed(  # noqa: PLR0913 - an entry, and the two sides that it stands between
        self,
        kind: ObjectType,
        attributes: Staged,
        dn: str,
        properties: Properties,
        told: Told,
        *,
        is_text: bool = True,
    ) -> None:
        """Change the properties that the default rules gave to an entry as the chain says.

        ``told`` says what the cloud has of the object, None for one that is new; ``is_text`` that all values
        are UTF-8. Raises FlowFailed.
        """
        part = self._parts[kind]
        is_new = not part.has_once or told() is None
        taken = taken_by(part, attributes, dn)
        seen = part.view(attributes, dn, is_text=is_text)
        inner = dict(properties.get(EXTENSION_ATTRIBUTES) or {})
        for link in part.links:
            target, _, _, first = link
            holder = inner if target.inside else properties
            name = target.name
            try:
                value = first(seen) if first is not None else None
            except ExpressionFailed:
                value = None  # asked again below, where the rule is named
            if value is None or type(value) is Marker:
                value = resolved(link, seen, holder.get(name), taken, is_new=is_new)
                if value is Marker.IGNORE_THIS_FLOW:
                    value = told_of(target, told() or {})
            if value is None:
                holder.pop(name, None)
            else:
                holder[name] = value
        if inner:
            properties[EXTENSION_ATTRIBUTES] = inner
        else:
            properties.pop(EXTENSION_ATTRIBUTES, None)


def told_of(target: Target, told: Mapping[str, Any]) -> Any:
    """Return what properties have in a target, None for nothing."""
    return (told.get(EXTENSION_ATTRIBUTES) or {} if target.inside else told).get(target.name)


def taken_by(part: Part, attributes: Staged, dn: str) -> Sequence[bool]:
    """Say for each rule of a type whether its scope takes an object."""
    if not part.scopes:
        return _ALL
    return [holds is None or holds(attributes, dn) for holds in part.scopes]


def given(link: Link, one: Contribution, attributes: Attributes, *, is_new: bool) -> Any:
    """Return what a rule gives to a target: what the target holds, None, or a marker.

    Raises FlowFailed.
    """
    if one.once and not is_new:
        return Marker.IGNORE_THIS_FLOW
    try:
        return one.run(attributes)
    except ExpressionFailed as failed:
        raise failed_at(link, one, failed) from None


def resolved(
    link: Link, attributes: Attributes, default: Any, taken: Sequence[bool], *, is_new: bool
) -> Any:
    """Return the value of a target; None clears it, ``IGNORE_THIS_FLOW`` leaves what the cloud has.

    ``default`` is what the default rules have. Raises FlowFailed.
    """
    if link.merge is not Merge.UPDATE:
        return _merged(link, attributes, default, taken, is_new=is_new)
    nothing = None
    for one in link.asked:
        if one is None:
            value = default
        elif taken[one.position]:
            value = given(link, one, attributes, is_new=is_new)
        else:
            continue
        if value is Marker.AUTHORITATIVE_NULL:
            return None
        if value is Marker.IGNORE_THIS_FLOW:
            nothing = value
        elif value is not None:
            return value
    return nothing


def _merged(
    link: Link, attributes: Attributes, default: Any, taken: Sequence[bool], *, is_new: bool
) -> Any:
    """Put the values of all rules together, up to an ``AuthoritativeNull``."""
    nothing = None
    values: list[str] = []
    for one in link.asked:
        if one is None:
            value = default
        elif taken[one.position]:
            value = given(link, one, attributes, is_new=is_new)
        else:
            continue
        if value is Marker.AUTHORITATIVE_NULL:
            nothing = None
            break
        if value is Marker.IGNORE_THIS_FLOW:
            nothing = value
        elif value is not None:
            values += value
    return merged(values, fold_case=link.merge is Merge.MERGE_CASE_INSENSITIVE) or nothing


NO_RULES = Chain({kind: Part() for kind in ObjectType})
"""The default rules alone."""
