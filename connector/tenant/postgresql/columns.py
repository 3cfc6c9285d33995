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
