"""Conditions become SQL."""

from __future__ import annotations

from connector.tenant.selection import Column, Either, Equal
from connector.tenant.sqlite import conditions


def test_every_value_is_bound_and_none_is_written_into_the_sql() -> None:
    texts = ["' or 1=1 --", "%", "ä'"]
    asked = Either(tuple(Equal(Column("display_name"), text, folded=True) for text in texts))

    condition, values = conditions.written(asked)

    assert values == texts
    assert condition.count("?") == 3
    assert "1=1" not in condition
