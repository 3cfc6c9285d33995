"""Word what is wrong with a table of the settings."""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING

from connector.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

    from connector.rules.language.mistakes import Mistake
    from connector.settings.section import Section

_REASONS = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be a table",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "missing": "required",
    "model_type": "must be a table",
    "path_type": "must be a path in quotes",
    "string_type": "must be a text in quotes",
    "tuple_type": 'must be a list such as ["a", "b"]',
}


def reason(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"must be one of {context['expected']}, not {error['input']!r}"
        case "greater_than_equal":
            return f"must be at least {context['ge']}"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case kind:
            return _REASONS.get(kind, error["msg"])


def worded(where: str, error: ErrorDetails) -> str:
    """Say what is wrong with a key; of a filter that cannot be read, the place is drawn."""
    from connector.rules.language.mistakes import Mistake  # noqa: PLC0415 - most settings have no mistake
    from connector.values.filters import Misread  # noqa: PLC0415 - most settings have no filters

    sentence = f"{where}: {reason(error)}"
    wrong = error.get("ctx", {}).get("error")
    if isinstance(wrong, Misread):
        return drawn(sentence, error["input"], Mistake(wrong.at, wrong.length, str(wrong)))
    return sentence


def drawn(sentence: str, text: str, place: Mistake) -> Problem:
    """Return a problem that is drawn as the text, an expression or a filter, with carets under the place."""
    return Problem(sentence, partial(_drawn, text, place))


def _drawn(text: str, place: Mistake, width: int | None) -> tuple[str, str]:
    from connector.rules.language.mistakes import pointed  # noqa: PLC0415 - few problems are drawn
    from connector.values.printable import LONGEST  # noqa: PLC0415 - few problems are drawn

    if width is None and len(text) > LONGEST:
        width = LONGEST
    return pointed(text, place, width)


def keys(model: type[Section]) -> list[str]:
    """Return the keys of a table as they are written."""
    return [field.alias or name for name, field in model.model_fields.items()]


def unknown(
    where: str, kind: str, homes: Iterable[str], known: list[str], written: str | None = None
) -> str:
    """Say that a name is unknown, and suggest the one that was probably meant."""
    text = f"{where}: unknown {kind}"
    if near := get_close_matches(written or where, known, n=1):
        return f"{text}; did you mean {near[0]}?"
    return f"{text}; did you mean {home}?" if (home := next(iter(homes), None)) else text
