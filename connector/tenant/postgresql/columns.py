"""Name the columns that make an object, and leave out what no column can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from connector.tenant.objects import TenantObject

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T", str, tuple[str, str])

COLUMNS = ", ".join(TenantObject._fields)
"""The columns of the table ``object`` in the order of ``TenantObject``."""


def kept(keys: Iterable[T]) -> list[T]:
    """Return the keys that a row may have: a text with NUL is in no table, and cannot be asked for."""
    return [key for key in keys if "\0" not in "".join(key)]


def written(into: str) -> list[str]:
    """Return the columns of ``table (column, ...)``."""
    return into.partition("(")[2].rstrip(")").split(", ")


def given(name: str, /, **types: str) -> str:
    """Write rows that a parameter gives as JSON, a list each, as a table with columns of these types.

    The driver takes 1.6 us for each element of an array, and next to nothing for one text.
    """
    columns = (
        f"(v ->> {place})::{kind} AS {one}" for place, (one, kind) in enumerate(types.items())
    )
    return f"(SELECT {', '.join(columns)} FROM jsonb_array_elements(%s::jsonb) AS e (v)) AS {name}"  # noqa: S608


def one_of(kind: str) -> str:
    """Write the condition to be one of the values that a parameter gives as JSON."""
    return f"= ANY(ARRAY(SELECT v::{kind} FROM jsonb_array_elements_text(%s::jsonb) AS v))"  # noqa: S608
