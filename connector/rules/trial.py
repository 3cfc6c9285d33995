"""Try an expression on the attributes of one entry, and say in JSON's terms what it gives."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connector.rules.language.values import ExpressionFailed, Marker, in_order
from connector.values.moments import shortest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.rules.language.evaluation import Surroundings
    from connector.rules.language.expression import Expression
    from connector.rules.language.values import Result

    Attributes = Mapping[str, Sequence[str | bytes]]

MISTAKE = "mistake"
ERROR = "error"
_OUTCOMES = {
    Marker.AUTHORITATIVE_NULL: "authoritative-null",
    Marker.IGNORE_THIS_FLOW: "ignore-this-flow",
    None: "null",
}
_OCTETS = "base64"


def tried(
    expression: Expression, attributes: Attributes, surroundings: Surroundings
) -> dict[str, Any]:
    """Return ``{outcome, value, error, attributes}``.

    The outcome is ``value``, ``null``, ``authoritative-null``, ``ignore-this-flow`` or ``error``;
    ``attributes`` are those that the expression reads, as they are written in it, with their values in the
    order in which it sees them. An expression that has a mistake gives ``{outcome: "mistake", at, error}``.
    """
    if expression.mistakes:
        first = expression.mistakes[0]
        return {"outcome": MISTAKE, "at": first.at, "error": first.sentence}
    value: Result = None
    error = None
    try:
        value = expression.evaluate(attributes, surroundings)
        has_value = value is not None and not isinstance(value, Marker)
        outcome = "value" if has_value else _OUTCOMES[value]  # type: ignore[index]
    except ExpressionFailed as failed:
        outcome, error = ERROR, str(failed)
    return {
        "outcome": outcome,
        "value": shown(value) if outcome == "value" else None,
        "error": error,
        "attributes": {
            written: [shown(each) for each in in_order(attributes.get(name, ()))]
            for name, written in expression.attributes.items()
        },
    }


def shown(value: Any) -> Any:
    """Return a value as JSON has it: octets as ``{"base64": ...}``, dates in ISO 8601."""
    if isinstance(value, tuple):
        return [shown(each) for each in value]
    if isinstance(value, bytes):
        return {_OCTETS: b64encode(value).decode()}
    return shortest(value) if isinstance(value, datetime) else value


def given(attributes: Any) -> dict[str, tuple[str | bytes, ...]]:
    """Read the attributes of an entry from JSON: names to texts or octets, one or a list of them.

    Raises ValueError, with a sentence, for anything else.
    """
    if not isinstance(attributes, dict):
        raise ValueError("attributes is not an object of names and values")  # noqa: TRY004 - one kind of error
    found = {}
    for name, value in attributes.items():
        values = value if isinstance(value, list) else [] if value is None else [value]
        found[name.partition(";")[0].lower()] = tuple(_given(name, each) for each in values)
    return found


def _given(name: str, value: Any) -> str | bytes:
    match value:
        case str():
            return value
        case bool():
            return str(value).upper()
        case int() | float():
            return str(value)
        case {"base64": str(text)} if len(value) == 1:
            try:
                return b64decode(text, validate=True)
            except ValueError:
                raise ValueError(f"the octets of {name} are not base64") from None
    raise ValueError(f'a value of {name} is neither a text nor {{"base64": ...}}')
